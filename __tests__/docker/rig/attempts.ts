import { createHash, randomBytes } from 'node:crypto';
import type { RunId, TaskKey } from '../../../src/base/names.ts';
import { dockerBackend } from '../../../src/backends/docker/index.ts';
import {
  CONTRACT_VERSION,
  taskResultSchema,
  type TaskResult,
  type WorkSpec,
} from '../../../src/engine/contract.ts';
import { resultKey, specKey } from '../../../src/engine/layout.ts';
import type { Backend, BackendEvent, LaunchRequest, Store } from '../../../src/engine/ports.ts';
import type { Resources } from '../../../src/lattice/plan.ts';
import { folderStore } from '../../../src/store/index.ts';
import { realClock } from '../../rig/real-clock.ts';
import { temporaryFolder } from '../../rig/temporary-folder.ts';

export type Ended = Extract<BackendEvent, { type: 'ended' }>;

const RESOURCES: Resources = {
  vcpu: 1,
  memory: 0.5,
  storage: 20,
  architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  spot: false,
  readOnlyRoot: false,
};

/** A folder store of its own and a backend over it; closed at the end, and nothing of it may be left then. */
export async function attempts(given: { readonly environment?: Record<string, string> } = {}) {
  const folder = await temporaryFolder();
  const store = folderStore(folder.path);
  const runId = `run${randomBytes(8).toString('hex')}` as RunId;
  const backend = dockerBackend({
    environment: { ...process.env, ...given.environment },
    storeFolder: folder.path,
    clock: realClock,
  });
  await store.write(`runs/${runId}/run.json`, '{}');
  return {
    folder: folder.path,
    store,
    runId,
    backend,
    launch: async (given: Given) => launch(backend, await prepare(store, runId, given)),
    prepare: (given: Given) => prepare(store, runId, given),
    result: (task = 't/0', attempt = 1) => resultOf(store, runId, task, attempt),
    async [Symbol.asyncDispose]() {
      await backend.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export interface Given {
  readonly image: string;
  readonly task?: string;
  /** A script for `sh`, or another kind of work. */
  readonly script?: string;
  readonly spec?: Partial<WorkSpec>;
  readonly resources?: Partial<Resources>;
  readonly secrets?: LaunchRequest['secrets'];
  readonly secretValues?: LaunchRequest['secretValues'];
}

/** Writes the spec of an attempt as the engine does. */
export async function prepare(store: Store, runId: RunId, given: Given): Promise<LaunchRequest> {
  const task = (given.task ?? 't/0') as TaskKey;
  const spec: WorkSpec = {
    store: store.address,
    runId,
    task,
    taskId: 't[0]',
    electron: 't',
    index: 0,
    total: 1,
    attempt: 1,
    epoch: 1,
    fingerprint: '0'.repeat(64),
    timeoutSeconds: 600,
    lease: true,
    workdir: null,
    inputs: {},
    work: {
      kind: 'run',
      script: given.script ?? 'true',
      shell: ['sh', '-e', '{0}'],
      extension: '.sh',
    },
    env: {},
    secrets: [],
    needs: [],
    filesIn: [],
    filesOut: [],
    junit: [],
    ...given.spec,
  };
  const text = JSON.stringify({ version: CONTRACT_VERSION, work: [spec] });
  const key = specKey(runId, task, 1);
  await store.create(key, text);
  return {
    runId,
    task,
    attempt: 1,
    spec: {
      address: `${store.address}/${key}`,
      sha256: createHash('sha256').update(text).digest('hex'),
    },
    image: given.image,
    resources: { ...RESOURCES, ...given.resources },
    electron: 't',
    priority: 1,
    secrets: given.secrets ?? {},
    secretValues: given.secretValues ?? {},
  };
}

/** Launches it and gathers what is reported. */
export function launch(backend: Backend, request: LaunchRequest) {
  const events: BackendEvent[] = [];
  let heard = () => {};
  const ended = new Promise<Ended>((resolve) => {
    void backend.launch(request, (event) => {
      events.push(event);
      heard();
      if (event.type === 'ended') resolve(event);
    });
  });
  const log = () => events.map((event) => (event.type === 'log' ? event.text : '')).join('');
  /** Resolves once the log holds this. */
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      heard = () => {
        if (log().includes(text)) resolve();
        else if (events.at(-1)?.type === 'ended') {
          reject(new Error(`It ended and never said ${text}: ${JSON.stringify(events)}`));
        }
      };
      heard();
    });
  return { request, events, log, said, ended };
}

async function resultOf(
  store: Store,
  runId: RunId,
  task: string,
  attempt: number,
): Promise<TaskResult | undefined> {
  const object = await store.read(resultKey(runId, task as TaskKey, attempt));
  if (object === undefined) return undefined;
  return taskResultSchema.parse(JSON.parse(Buffer.from(object.body).toString()));
}
