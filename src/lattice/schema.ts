/**
 * The language as a table: every key with its shape, its default and its place. Checks of structure, suggestions,
 * `schema/lattice.schema.json` and the reference are made from it.
 */
import type { KeySchema, Shape } from './shape.ts';

const text: Shape = { kind: 'text', template: true };
const plain: Shape = { kind: 'text' };
const label: Shape = { kind: 'text', scalars: true, mayBeEmpty: true };
const flag: Shape = { kind: 'flag', template: true };
const script: Shape = { kind: 'text', template: true };
const texts: Shape = { kind: 'list', of: text };
const word: Shape = { kind: 'text', template: true, scalars: true, mayBeEmpty: true };
const values: Shape & { kind: 'map' } = {
  kind: 'map',
  of: { kind: 'any' },
  names: 'any',
  template: true,
  mayBeEmpty: true,
};
const variables: Shape = { kind: 'map', of: word, names: 'variable', mayBeEmpty: true };

const number = (limits: { min?: number; max?: number; whole?: boolean }): Shape => ({
  kind: 'number',
  template: true,
  ...limits,
});
const either = (...options: readonly Shape[]): Shape & { kind: 'either' } => ({
  kind: 'either',
  options,
});
const object = (keys: Readonly<Record<string, KeySchema>>): Shape => ({ kind: 'object', keys });

/** What is no matrix has a code of its own. */
function matrixShape(shape: Shape & { kind: 'list' | 'map' | 'either' }): Shape {
  return { ...shape, wrongType: 'L405' };
}

const inputKeys: Readonly<Record<string, KeySchema>> = {
  description: { description: 'What the input is for.', shape: label },
  type: {
    description:
      'Strings are coerced to it. A secret never enters the store: locally it goes by the environment alone, and on Fargate `secrets` takes its place.',
    shape: { kind: 'text', words: ['string', 'number', 'boolean', 'choice', 'json', 'secret'] },
    default: 'string',
  },
  options: {
    description: 'The values of a choice.',
    shape: { kind: 'list', of: { kind: 'text', scalars: true } },
    examples: [['small', 'large']],
  },
  required: {
    description: 'Refuse to run without a value.',
    shape: { kind: 'flag' },
    default: 'false',
  },
  default: { description: 'Value when none is given.', shape: { kind: 'any' } },
};

const buildKeys: Readonly<Record<string, KeySchema>> = {
  context: {
    description: 'Folder with the Dockerfile.',
    shape: text,
    required: true,
    examples: ['.'],
  },
  file: {
    description: 'The Dockerfile, relative to the context.',
    shape: text,
    default: 'Dockerfile',
  },
  args: {
    description: 'Build arguments.',
    shape: { kind: 'map', of: word, names: 'any', template: true, mayBeEmpty: true },
  },
  target: { description: 'Stage to build.', shape: text },
  secrets: {
    description: 'Build secrets: NAME and where it comes from, as for `docker build --secret`.',
    shape: { kind: 'map', of: text, names: 'any', mayBeEmpty: true },
  },
  'cache-from': { description: 'Caches to read.', shape: either(text, texts) },
  'cache-to': { description: 'Caches to write.', shape: either(text, texts) },
};

const image: Shape = either(
  text,
  object({
    build: {
      description: 'Built and pushed when its inputs change.',
      shape: object(buildKeys),
      required: true,
    },
  }),
);

const dimension: Shape = matrixShape(
  either(
    { kind: 'list', of: { kind: 'any' }, template: true, mayBeEmpty: true },
    object({
      s3: {
        description: 'Objects below a prefix: values `{uri, key, size, etag}`.',
        shape: text,
        examples: ['s3://bucket/prefix/'],
      },
      match: { description: 'Glob on the key, for `s3`.', shape: text, examples: ['*.gz'] },
      'per-task': {
        description: 'That many objects in one value, for `s3`.',
        shape: number({ min: 1, whole: true }),
      },
      file: {
        description: 'Rows of a CSV, JSON or JSON lines file.',
        shape: text,
        examples: ['samples.csv'],
      },
      glob: {
        description: 'Paths of the files that match.',
        shape: text,
        examples: ['data/*.csv'],
      },
    }),
  ),
);

const matrix: Shape = {
  kind: 'object',
  wrongType: 'L405',
  template: true,
  keys: {
    include: {
      description: 'Combinations to add or to extend, as in GitHub workflows.',
      shape: matrixShape({
        kind: 'list',
        of: matrixShape(values),
        template: true,
        mayBeEmpty: true,
      }),
    },
    exclude: {
      description: 'Combinations to leave out, as in GitHub workflows.',
      shape: matrixShape({
        kind: 'list',
        of: matrixShape(values),
        template: true,
        mayBeEmpty: true,
      }),
    },
  },
  others: dimension,
};

const strategyKeys: Readonly<Record<string, KeySchema>> = {
  matrix: {
    description:
      'One task per combination; the last key changes fastest. The whole, a dimension or a value may be an expression.',
    shape: matrix,
    examples: [{ seed: '${{ range(0, 8) }}' }],
  },
  'fail-fast': {
    description:
      '`drain`: launch nothing more of this electron and let the rest end; `true`: cancel the siblings.',
    shape: either(
      { kind: 'flag', template: true },
      { kind: 'text', template: true, words: ['drain'] },
    ),
    default: 'false',
  },
  'max-parallel': {
    description: 'Tasks of this electron at a time.',
    shape: number({ min: 1, whole: true }),
  },
  'tolerate-failures': {
    description:
      'A number or percentage of tasks that may fail: within it the electron counts as succeeded and lost values are null.',
    shape: either(number({ min: 0, whole: true }), {
      kind: 'text',
      template: true,
      pattern: '^\\d{1,3}(\\.\\d+)?%$',
    }),
    default: '0',
    examples: ['10%'],
  },
  'if-empty': {
    description: 'What a matrix without combinations means.',
    shape: { kind: 'text', words: ['skip', 'fail'] },
    default: 'skip',
  },
  pack: { description: 'Tasks per container. Reserved.', shape: { kind: 'any' } },
};

const fileInKeys: Readonly<Record<string, KeySchema>> = {
  from: {
    description: 'A path, `s3://…` (a prefix when it ends in `/`), or `https://…` with `sha256`.',
    shape: text,
    required: true,
  },
  to: {
    description: 'Where it is put, relative to the working directory.',
    shape: text,
    default: 'the same path, or the last part of the address',
  },
  optional: { description: 'Go on without it.', shape: { kind: 'flag' }, default: 'false' },
  sha256: {
    description: 'Checked after the download.',
    shape: { kind: 'text', template: true, pattern: '^[0-9a-fA-F]{64}$' },
  },
};

const filesKeys: Readonly<Record<string, KeySchema>> = {
  in: {
    description: 'Files that are put in place before the work starts.',
    shape: either(text, { kind: 'list', of: either(text, object(fileInKeys)), mayBeEmpty: true }),
  },
  out: {
    description:
      'Globs of files that are kept besides `$LATTICE_FILES`, also after a failure; or a copy to S3.',
    shape: either(text, {
      kind: 'list',
      of: either(
        text,
        object({
          from: {
            description: 'Glob or path below the working directory.',
            shape: text,
            required: true,
          },
          to: {
            description: 'An address in S3.',
            shape: text,
            required: true,
            examples: ['s3://bucket/results/'],
          },
        }),
      ),
      mayBeEmpty: true,
    }),
  },
  needs: {
    description: 'Which files of the needs are staged: `all`, `none`, or globs by electron.',
    shape: either(
      { kind: 'text', words: ['all', 'none'] },
      {
        kind: 'map',
        of: either(text, { kind: 'list', of: text, mayBeEmpty: true }),
        names: 'any',
        mayBeEmpty: true,
      },
    ),
    default: 'all',
  },
};

const retryKeys: Readonly<Record<string, KeySchema>> = {
  attempts: {
    description: 'In all, the first one included.',
    shape: number({ min: 1, max: 20, whole: true }),
    default: '1',
  },
  when: {
    description: 'What is worth another attempt: classes of failure or exit codes.',
    shape: {
      kind: 'list',
      of: either(
        { kind: 'text', words: ['failure', 'timeout', 'oom'] },
        { kind: 'number', whole: true, min: 1, max: 255 },
      ),
    },
    default: '[failure, timeout, oom]',
  },
  'backoff-seconds': {
    description: 'Wait before the second attempt; doubles each time.',
    shape: number({ min: 0, max: 3600 }),
    default: '0',
  },
  'memory-factor': {
    description: 'After running out of memory, the next attempt gets that much more.',
    shape: number({ min: 1, max: 16 }),
    default: '1',
  },
};

/** Keys of an electron. */
export const ELECTRON_KEYS: Readonly<Record<string, KeySchema>> = {
  name: { description: 'Display name.', shape: word, withUses: true, inDefaults: true },
  needs: {
    description: 'Electrons that must end first.',
    shape: either(plain, { kind: 'list', of: plain, mayBeEmpty: true }),
    withUses: true,
    examples: ['prepare', ['train', 'score']],
  },
  'for-each': {
    description:
      'One electron: one task per task of it, each starting as soon as its partner has ended; `each` holds the partner.',
    shape: plain,
    withUses: true,
  },
  if: {
    description: 'Whether to run. With or without `${{ }}`; cannot read `matrix`.',
    shape: { kind: 'text', template: true, scalars: true },
    default: 'success()',
    withUses: true,
    examples: ['always()', "inputs.mode == 'full'"],
  },
  strategy: {
    description: 'Matrix and how its tasks are run.',
    shape: object(strategyKeys),
    withUses: true,
    inDefaults: true,
  },
  run: {
    description:
      'A shell script. Text of `${{ }}` is put in as it is: pass data by `with` or `env`.',
    shape: script,
  },
  shell: {
    description:
      '`bash`, `sh`, `python`, or a command with `{0}` for the path of the script. Unset: `bash -e`, else `sh -e`.',
    shape: text,
    inDefaults: true,
  },
  command: {
    description: 'Words, run as they are, without a shell.',
    shape: { kind: 'list', of: word, template: true },
    examples: [['python3', 'train.py']],
  },
  call: {
    description:
      '`file.py:function` or `file.mjs:function`, called with the `with` values by name.',
    shape: plain,
    examples: ['src/sampling.py:sample'],
  },
  uses: {
    description: 'Path of another lattice, run as a part of this one with `with` as its inputs.',
    shape: plain,
    examples: ['./score.yml'],
  },
  with: {
    description: 'A mapping, or one expression that gives one; single expressions keep their type.',
    shape: values,
    withUses: true,
    inDefaults: true,
  },
  setup: {
    description: 'Shell lines before the work, in the same container.',
    shape: script,
    inDefaults: true,
  },
  cleanup: {
    description: 'Shell lines after the work, also after failure, timeout and stop; 60 s at most.',
    shape: script,
    inDefaults: true,
  },
  env: { description: 'Environment variables.', shape: variables, inDefaults: true },
  secrets: {
    description:
      "NAME and address: `secretsmanager:<name or ARN>[#json-key]` or `ssm:<name or ARN>`; locally taken from the caller's environment.",
    shape: { kind: 'map', of: text, names: 'variable', mayBeEmpty: true },
    inDefaults: true,
    examples: [{ API_KEY: 'secretsmanager:prod/api#key' }],
  },
  files: {
    description: 'Files that come and go with a task.',
    shape: object(filesKeys),
    inDefaults: true,
  },
  checkpoint: {
    description:
      '`$LATTICE_CHECKPOINT` is saved then and on SIGTERM, and restored for the next attempt and after a resume.',
    shape: object({
      'every-minutes': {
        description: 'Minutes between saves.',
        shape: number({ min: 1, max: 1440 }),
        required: true,
      },
    }),
    inDefaults: true,
  },
  reports: {
    description: 'Test reports.',
    shape: object({
      junit: {
        description: 'Globs of JUnit files, merged into the report of the run.',
        shape: either(text, texts),
        required: true,
      },
    }),
    inDefaults: true,
  },
  vcpu: {
    description: 'Processors on Fargate.',
    shape: number({}),
    default: '0.25',
    inDefaults: true,
    examples: [0.25, 1, 4],
  },
  memory: {
    description: 'GB on Fargate.',
    shape: number({}),
    default: 'the smallest for the vcpu',
    inDefaults: true,
  },
  storage: {
    description: 'GiB of disk on Fargate.',
    shape: number({ min: 20, max: 200, whole: true }),
    default: '20',
    inDefaults: true,
  },
  architecture: {
    description: 'Processor architecture on Fargate.',
    shape: { kind: 'text', template: true, words: ['x86_64', 'arm64'] },
    default: 'x86_64',
    inDefaults: true,
  },
  spot: {
    description: 'Spot capacity; `prefer`: on-demand after an interruption or lack of capacity.',
    shape: either(
      { kind: 'flag', template: true },
      { kind: 'text', template: true, words: ['prefer'] },
    ),
    default: 'false',
    inDefaults: true,
  },
  image: {
    description: 'Reference of an image for this electron.',
    shape: {
      kind: 'text',
      template: true,
      otherwise: '"build" is a key of the image for the whole lattice, at the top of the file',
    },
    inDefaults: true,
  },
  'task-role': {
    description: 'Name or ARN of the role that the task has.',
    shape: text,
    inDefaults: true,
  },
  'read-only-root': {
    description: 'Mount the root file system read-only.',
    shape: flag,
    default: 'false',
    inDefaults: true,
  },
  'timeout-minutes': {
    description: 'Setup and work.',
    shape: number({ min: 0.01, max: 20160 }),
    default: '360',
    inDefaults: true,
  },
  retry: {
    description:
      'Attempts after failures of the work; those of the infrastructure have a budget of their own.',
    shape: either(number({ min: 1, max: 20, whole: true }), object(retryKeys)),
    default: '1',
    inDefaults: true,
  },
  'continue-on-error': {
    description: 'A failure counts as success for everything that follows.',
    shape: flag,
    default: 'false',
    withUses: true,
    inDefaults: true,
  },
  cache: {
    description: 'Reuse the result of any earlier run with the same fingerprint.',
    shape: either(
      flag,
      object({
        key: { description: 'Part of the fingerprint.', shape: word },
        files: {
          description: 'Globs of the files that count, instead of the whole workspace.',
          shape: either(text, texts),
        },
      }),
    ),
    default: 'false',
    inDefaults: true,
  },
  outputs: {
    description: 'Name and description of each output; checked after a task has ended.',
    shape: {
      kind: 'map',
      of: { kind: 'text', scalars: true, mayBeEmpty: true },
      names: 'id',
      mayBeEmpty: true,
    },
  },
};

const defaultsKeys = Object.fromEntries(
  Object.entries(ELECTRON_KEYS).filter(([, key]) => key.inDefaults),
);

/** Keys of the file. */
export const LATTICE_KEYS: Readonly<Record<string, KeySchema>> = {
  name: { description: 'Shown everywhere.', shape: label, default: 'the name of the file' },
  description: { description: 'Shown where there is room.', shape: label },
  inputs: {
    description: 'Values that the caller gives.',
    shape: { kind: 'map', of: object(inputKeys), names: 'id', mayBeEmpty: true },
    examples: [{ shards: { type: 'number', default: 8 } }],
  },
  image: {
    description: 'The environment of the tasks: a reference, or `build`. Ignored when run locally.',
    shape: image,
  },
  workspace: {
    description: 'The code: globs, relative to the folder of this file; `!` takes away.',
    shape: either(plain, { kind: 'list', of: plain }),
    default: 'everything but what Git ignores; in a built image, what its Dockerfile copies',
    examples: [['src/**']],
  },
  defaults: {
    description:
      'Keys for every electron that does not set them itself; `env` and `secrets` are merged.',
    shape: object(defaultsKeys),
  },
  env: { description: 'Environment variables for all tasks.', shape: variables },
  'max-parallel': {
    description: 'Tasks of the whole lattice at a time.',
    shape: number({ min: 1, whole: true }),
  },
  electrons: {
    description: 'The nodes of the graph.',
    shape: { kind: 'map', of: object(ELECTRON_KEYS), names: 'id' },
    required: true,
  },
  outputs: {
    description:
      'Results of the lattice: an expression over `electrons` and `inputs`, or files of an electron.',
    shape: {
      kind: 'map',
      names: 'id',
      mayBeEmpty: true,
      of: either(
        { kind: 'text', template: true, scalars: true, mayBeEmpty: true },
        { kind: 'number' },
        { kind: 'flag' },
        object({
          electron: { description: 'Whose files.', shape: plain, required: true },
          files: { description: 'Globs.', shape: either(text, texts), required: true },
        }),
      ),
    },
    examples: [{ pi: '${{ electrons.estimate.outputs.result }}' }],
  },
};

/** The whole file. */
export const LATTICE_SHAPE: Shape = { kind: 'object', keys: LATTICE_KEYS };

/** Outputs that the action always sets; a lattice's own cannot have these names. */
export const ACTION_OUTPUTS: readonly string[] = [
  'status',
  'run-id',
  'message',
  'counts',
  'cost',
  'duration',
  'failed',
  'failures',
  'outputs',
  'results',
  'artifact-id',
  'artifact-url',
  'report-url',
  'image',
];
