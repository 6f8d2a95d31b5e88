import { resolve } from 'node:path';
import { proxiesOf } from '../base/proxies.ts';
import type { Result } from '../base/result.ts';
import { FARGATE_INPUTS, fargateSettings, type FargateValues } from '../runs/fargate-inputs.ts';
import { readValue } from '../runs/input-kind.ts';
import type { Place, PlaceRequest } from '../runs/place.ts';
import { registryMirrors, type RegistryMirrors } from '../runs/registry-mirrors.ts';
import { CallError } from './exit-code.ts';
import type { PlaceFlags } from './program.ts';
import type { Terminal } from './terminal.ts';

/** Where the runs of a call are, by its flags, the config file's included. */
export interface CallPlace {
  readonly request: PlaceRequest;
  /** Words that name the same place in another call. */
  readonly words: readonly string[];
  /** The same for a call that starts no task. */
  readonly readingWords: readonly string[];
  open(): Promise<Result<Place, string>>;
}

export interface PlaceOptions {
  /** Absolute folder of the store where no other is named. */
  readonly folder: string;
  /** Tasks are to be started: they need a network. */
  readonly drives: boolean;
  /** Lines of running tasks are shown. */
  readonly liveLogs: boolean;
}

/** The place that flags name; a wrong one is a wrong call. */
export function callPlace(flags: PlaceFlags, terminal: Terminal, options: PlaceOptions): CallPlace {
  const request = placeRequest(flags, terminal, options);
  return {
    request,
    words: placeWords(flags),
    readingWords: placeWords(flags, STARTING),
    open: async () => {
      // The SDK warns on Node 20 that it will leave it one day: nothing that users of a finished bundle can act on.
      process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
      const { openPlace } = await import('../runs/place.ts');
      return openPlace(request);
    },
  };
}

function placeRequest(
  flags: PlaceFlags,
  terminal: Terminal,
  { folder, drives, liveLogs }: PlaceOptions,
): PlaceRequest {
  const { environment, cwd } = terminal;
  const mirrors = mirrorsOf(environment['LATTICE_REGISTRY_MIRRORS']);
  const backend = backendOf(flags);
  if (flags.typed?.has('roleToAssume') !== false && flags.roleToAssume !== undefined) {
    throw new CallError(
      "--role-to-assume trades the token of a workflow's job for credentials, which no other machine has: set AWS_PROFILE to a profile with that role, or its keys in the environment",
    );
  }
  switch (backend) {
    case 'local':
    case 'docker':
      refuseFargateFlags(flags, backend);
      return {
        backend,
        folder: flags.store === undefined ? folder : resolve(cwd, flags.store),
        mirrors,
      };
    case 'fargate': {
      if (flags.store !== undefined) {
        throw new CallError(
          '--store names a folder, but with --backend fargate runs are kept in a bucket: use --s3-bucket and --s3-prefix',
        );
      }
      if (flags.roleToAssume !== undefined) {
        terminal.stderr.line(
          `note: role-to-assume in ${flags.config ?? 'the config file'} is for workflows; here the credentials of the environment or of AWS_PROFILE are used`,
        );
      }
      const values = fargateValues(flags);
      const missing = ['subnets', 'security-groups'].filter(
        (name) => drives && ((values.get(name) ?? []) as readonly string[]).length === 0,
      );
      if (missing.length > 0) {
        throw new CallError(
          `--backend fargate needs ${missing.map((name) => `--${name}`).join(' and ')}: name those in which the tasks are to run, here or in the file of --config`,
        );
      }
      const region =
        flags.awsRegion ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
      const settings = fargateSettings(values, {
        region: region === '' ? undefined : region,
        liveLogs,
        mirrors,
      });
      if (!settings.ok) {
        throw new CallError(settings.error);
      }
      return { backend, proxies: proxiesOf(environment), settings: settings.value };
    }
  }
}

/** What is to run the tasks, as flags say. */
export function backendOf(flags: Pick<PlaceFlags, 'backend'>): PlaceRequest['backend'] {
  const { backend = 'local' } = flags;
  switch (backend) {
    case 'local':
    case 'docker':
    case 'fargate':
      return backend;
    default:
      throw new CallError(`--backend ${backend} is unknown; there are local, docker and fargate`);
  }
}

function mirrorsOf(text: string | undefined): RegistryMirrors {
  const mirrors = registryMirrors(text);
  if (!mirrors.ok) {
    throw new CallError(mirrors.error);
  }
  return mirrors.value;
}

/** Flags of Fargate, then its defaults, each read by its kind. */
function fargateValues(flags: PlaceFlags): FargateValues {
  const values = new Map<string, string | boolean | number | readonly string[]>();
  for (const { name, kind, default: fallback } of FARGATE_INPUTS) {
    const text = flagText(flags, name) ?? fallback;
    if (text !== undefined) {
      const value = readValue(kind, text);
      if (!value.ok) {
        throw new CallError(`--${name} is ${JSON.stringify(text)}, but must be ${value.error}`);
      }
      values.set(name, value.value);
    }
  }
  return values;
}

function refuseFargateFlags(flags: PlaceFlags, backend: string): void {
  // What a shared config file says of Fargate is no mistake; a flag is typed for this very call.
  const typed = ['aws-region', ...FARGATE_INPUTS.map(({ name }) => name)].find(
    (name) => flags[flagKey(name)] !== undefined && flags.typed?.has(flagKey(name)) !== false,
  );
  if (typed !== undefined) {
    throw new CallError(
      `--${typed} is for tasks on Fargate, but the backend is ${backend}: add --backend fargate, or leave it out`,
    );
  }
}

/** What only matters to tasks that are started. */
const STARTING: ReadonlySet<string> = new Set([
  'ecr-repository',
  'create-repository',
  'task-family',
  'execution-role',
  'task-role',
  'subnets',
  'security-groups',
  'assign-public-ip',
  'vcpu',
  'memory',
  'spot',
  'poll-interval',
]);

function placeWords(
  flags: PlaceFlags,
  without: ReadonlySet<string> = new Set(),
): readonly string[] {
  const words: string[] = [];
  if (flags.config !== undefined) {
    words.push('--config', flags.config);
  }
  for (const name of ['backend', 'aws-region', ...FARGATE_INPUTS.map((row) => row.name)]) {
    const value = flagText(flags, name);
    if (without.has(name)) continue;
    if (value !== undefined && flags.typed?.has(flagKey(name)) !== false) {
      words.push(`--${name}`, value);
    }
  }
  return words;
}

/** A flag without a value is true. */
function flagText(flags: PlaceFlags, name: string): string | undefined {
  const value = flags[flagKey(name)];
  return typeof value === 'string' ? value : value === true ? 'true' : undefined;
}

/** As commander names it: `s3Bucket` for `--s3-bucket`. */
export function flagKey(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
