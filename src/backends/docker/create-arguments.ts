import type { LaunchRequest } from '../../engine/ports.ts';
import type { EngineFacts } from './engine-facts.ts';

/** Labels of our containers, by which another driver finds them. */
export const LABELS = {
  run: 'lattice.run',
  task: 'lattice.task',
  attempt: 'lattice.attempt',
  electron: 'lattice.electron',
  /** Address of the store: run ids are unique only inside one. */
  store: 'lattice.store',
  /** `<host>/<process id>` of who started it. */
  driver: 'lattice.driver',
} as const;

/** From SIGTERM to SIGKILL: the entrypoint has up to 90 s to save what there is; the same as in Fargate's definitions. */
export const STOP_SECONDS = 120;

/** Kept by the engine beside the log in the store, which is whole. */
const LOG_OPTIONS = [
  '--log-driver',
  'json-file',
  '--log-opt',
  'max-size=16m',
  '--log-opt',
  'max-file=2',
];
const PLATFORMS = { x86_64: 'linux/amd64', arm64: 'linux/arm64' } as const;

export interface CreateOptions {
  readonly request: LaunchRequest;
  readonly image: string;
  readonly name: string;
  readonly hostname: string;
  readonly driver: string;
  readonly store: { readonly folder: string; readonly address: string };
  readonly engine: EngineFacts;
  /** Group of the folders that the container has to write to; undefined where everybody may. */
  readonly group: number | undefined;
  readonly network: string | undefined;
}

/** Arguments of `docker create`. Values of secrets are not among them: other users of the machine can read arguments. */
export function createArguments(options: CreateOptions): readonly string[] {
  const { request, engine, store } = options;
  const { vcpu, memory, architecture, readOnlyRoot } = request.resources;
  // Docker refuses more processors than there are; a laptop then gives what it has.
  const cpus = Math.min(vcpu, engine.processors);
  const bytes = String(Math.round(memory * 1024 ** 3));
  const labels = {
    [LABELS.run]: request.runId,
    [LABELS.task]: request.task,
    [LABELS.attempt]: String(request.attempt),
    [LABELS.electron]: request.electron,
    [LABELS.store]: store.address,
    [LABELS.driver]: options.driver,
  };
  return [
    'create',
    ['--pull', 'never'],
    ['--platform', PLATFORMS[architecture]],
    ['--name', options.name],
    // The entrypoint names its temporary files by host and process, and every one of them is process 1.
    ['--hostname', options.hostname],
    Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ['--env', `LATTICE_SPEC=${request.spec.address}`],
    ['--env', `LATTICE_SPEC_SHA256=${request.spec.sha256}`],
    secretNames(request).flatMap((name) => ['--env', name]),
    ['--mount', bind(store.folder)],
    ['--volume', '/.lattice'],
    ['--cpus', String(cpus)],
    // As much with swap as without: there is no swap on Fargate.
    ['--memory', bytes, '--memory-swap', bytes],
    readOnlyRoot ? ['--read-only'] : [],
    options.group === undefined ? [] : ['--group-add', String(options.group)],
    options.network === undefined ? [] : ['--network', options.network],
    // As on Fargate: the image's HEALTHCHECK would run beside the work, and nobody would look at it.
    '--no-healthcheck',
    ['--stop-signal', 'SIGTERM', '--stop-timeout', String(STOP_SECONDS)],
    LOG_OPTIONS,
    options.image,
  ].flat();
}

/** Names of the variables that are handed over from the environment of the docker program. */
export function secretNames(request: LaunchRequest): readonly string[] {
  return [...Object.keys(request.secrets), ...Object.keys(request.secretValues)];
}

/** A path at the same path; `--mount` is read as a line of CSV, unlike `--volume` it takes a colon in it. */
function bind(folder: string): string {
  const field = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return ['type=bind', field(`source=${folder}`), field(`target=${folder}`)].join(',');
}
