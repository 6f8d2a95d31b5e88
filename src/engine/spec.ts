/** The spec of an attempt: everything that its process or container needs to know, as it is written into the claim. */
import { posix } from 'node:path';
import type { RunId } from '../base/names.ts';
import { LIMITS, type FileIn, type NeedSpec, type WorkSpec } from './contract.ts';
import { checkpointPrefix } from './layout.ts';
import type { Ports } from './ports.ts';
import type { TaskFailure } from './record.ts';
import { secretEnvironment } from './secret-inputs.ts';
import type { Task } from './state.ts';
import type { RenderedWork } from './work.ts';

export interface SpecRequest {
  readonly ports: Ports;
  readonly runId: RunId;
  readonly epoch: number;
  /** Folder of the lattice that runs, which the working directory of the backend stands for. */
  readonly rootFolder: string;
  readonly attempt: number;
  readonly fingerprint: string;
  readonly files: readonly FileIn[];
  readonly needs: readonly NeedSpec[];
  /** Where a task in a container works; null: what its image has. */
  readonly containerWorkdir: string | null;
  readonly view: { readonly list: string; readonly sha256: string } | undefined;
}

export function workSpec(task: Task, work: RenderedWork, request: SpecRequest): WorkSpec {
  const { ports, runId, attempt } = request;
  const { backend, store } = ports;
  const { scope, electron } = task.node;
  const { partner } = task;
  return {
    store: store.address,
    runId,
    task: task.key,
    taskId: task.id,
    electron: electron.id,
    index: task.index,
    total: task.node.tasks.length,
    attempt,
    epoch: request.epoch,
    fingerprint: request.fingerprint,
    timeoutSeconds: task.timeoutSeconds,
    lease: backend.outlivesDriver,
    workdir:
      backend.workdir === null
        ? request.containerWorkdir
        : posix.join(backend.workdir, posix.relative(request.rootFolder, scope.lattice.folder)),
    ...(request.view === undefined ? {} : { view: request.view }),
    inputs: work.inputs,
    work: work.work,
    ...(work.setup === undefined ? {} : { setup: work.setup }),
    ...(work.cleanup === undefined ? {} : { cleanup: work.cleanup }),
    env: work.env,
    secrets: [...Object.keys(work.secrets), ...Object.keys(secretEnvironment(scope, electron))],
    needs: request.needs,
    ...(partner === undefined
      ? {}
      : { each: { filesAt: partner.filesAt ?? '', files: partner.files } }),
    filesIn: request.files,
    filesOut: work.filesOut,
    ...(work.checkpointSeconds === undefined
      ? {}
      : {
          checkpoint: {
            everySeconds: Math.round(work.checkpointSeconds),
            from: Array.from({ length: attempt - 1 }, (_, index) =>
              checkpointPrefix(runId, task.key, attempt - 1 - index),
            ),
          },
        }),
    junit: work.junit,
  };
}

/** The failure of a task whose spec document is over the limit. */
export function tooLarge(document: string): TaskFailure | undefined {
  // A character has three bytes at most, so most documents need not be counted.
  if (document.length * 3 <= LIMITS.specBytes) return undefined;
  const bytes = Buffer.byteLength(document);
  if (bytes <= LIMITS.specBytes) return undefined;
  return {
    class: 'expression',
    cause: `its specification has ${bytes} bytes, and one may have ${LIMITS.specBytes}`,
    advice: 'Pass large values as files, by $LATTICE_FILES of the task that makes them.',
  };
}
