/**
 * Every input of the action as data: `action.yml`, the reference and the checks are made from or compared with this
 * table. Defaults stand here and not in `action.yml`, because the runner fills in a manifest's defaults before the action
 * sees them, and then a value that the user wrote could not be told from one he left out: a `config` file could never
 * supply it. Only `run-key` and `github-token`, which need the workflow's contexts, have their default in the manifest.
 */

import {
  choiceKind as choice,
  FARGATE_INPUTS,
  flagKind as flag,
  listKind as list,
  numberKind as number,
  textKind as text,
  wholeKind as whole,
  type InputKind,
} from '../runs/index.ts';

/** One input. */
export interface InputRow {
  readonly name: string;
  readonly kind: InputKind;
  readonly description: string;
  /** Text of the default; absent when there is none. */
  readonly default?: string;
  /** The default is an expression and stands in `action.yml`; the input cannot be given by a `config` file. */
  readonly fromContext?: true;
  /** Means something only for tasks on Fargate. */
  readonly fargate?: true;
}

/** In the order of the reference. */
export const INPUTS: readonly InputRow[] = [
  { name: 'lattice', kind: text, default: 'lattice.yml', description: 'Path of the lattice file.' },
  {
    name: 'inputs',
    kind: { type: 'mapping' },
    description: "Values of the lattice's inputs, as a YAML or JSON mapping.",
  },
  {
    name: 'config',
    kind: text,
    description: 'Path of a YAML file with any of these inputs; what the step gives itself wins.',
  },
  {
    name: 'mode',
    kind: choice('run', 'plan', 'attach', 'stop'),
    default: 'run',
    description:
      '`run`; `plan` shows what would run; `attach` goes on with an earlier run; `stop` ends one.',
  },
  {
    name: 'run-id',
    kind: text,
    description:
      'Run to attach to or to stop, or `latest` for the newest unfinished run of this lattice; derived from the workflow run when left out.',
  },
  {
    name: 'run-key',
    kind: text,
    default: '${{ github.action }}/${{ strategy.job-index }}',
    fromContext: true,
    description: 'Keeps steps and matrix legs apart in the derived run id.',
  },
  {
    name: 'only',
    kind: list,
    description: 'Electrons to stop after, by comma or line; a later attach goes on.',
  },
  {
    name: 'rerun',
    kind: list,
    description: '`failed`, or task and electron ids that run again with their dependents.',
  },
  {
    name: 'wait-minutes',
    kind: number(0),
    description:
      'Leave the run after so many minutes with `status: running`; 0 launches and leaves. Until the end when left out.',
  },
  {
    name: 'backend',
    kind: choice('fargate', 'local', 'docker'),
    default: 'fargate',
    description:
      'Where tasks run: `fargate`, `local` (processes on the runner) or `docker` (containers on the runner).',
  },
  {
    name: 'aws-region',
    kind: text,
    fargate: true,
    description: 'AWS region; from the environment when left out.',
  },
  {
    name: 'role-to-assume',
    kind: text,
    fargate: true,
    description:
      "ARN of a role to assume with the job's OIDC token, which needs `permissions: id-token: write`; the environment's credentials when left out.",
  },
  {
    name: 'role-session-duration',
    kind: whole(900, 43_200),
    fargate: true,
    description:
      'Seconds that each session of the role lasts; it is renewed for as long as a run lasts.',
  },
  ...FARGATE_INPUTS.map((row) => ({ ...row, fargate: true as const })),
  {
    name: 'max-parallel',
    kind: whole(1),
    description:
      'Tasks at once; when left out, as many as there are processors, and on Fargate as many as the account may run.',
  },
  {
    name: 'timeout-minutes',
    kind: number(0.01),
    default: '350',
    description: 'Minutes after which the whole run is cancelled.',
  },
  {
    name: 'max-tasks',
    kind: whole(1, 10_000),
    default: '1000',
    description: 'More tasks than this are refused before anything is launched.',
  },
  {
    name: 'max-cost',
    kind: number(0),
    description:
      'US dollars that the run may cost; tasks on the runner cost nothing, and on Fargate it is not available yet.',
  },
  {
    name: 'fresh',
    kind: flag,
    default: 'false',
    description: 'Start over instead of going on with an earlier attempt of this workflow run.',
  },
  {
    name: 'cache',
    kind: choice('read-write', 'read', 'off'),
    default: 'read-write',
    description: 'Results of earlier runs: `read-write`, `read` (for untrusted branches) or `off`.',
  },
  {
    name: 'logs',
    kind: choice('failed', 'all', 'live', 'none'),
    default: 'failed',
    description:
      "Whose logs are printed: `failed` tasks' tails, `all`, `live` while they run, or `none`.",
  },
  {
    name: 'download',
    kind: text,
    description: "Folder that gets the lattice's file outputs as `<name>/…`.",
  },
  {
    name: 'artifact',
    kind: choice('all', 'outputs', 'failed', 'none'),
    description:
      "What the artifact holds besides the results: files and logs of `all` tasks, the lattice's file `outputs`, those of `failed` tasks; `none` uploads none. `outputs` when the lattice declares file outputs, else `all`, when left out.",
  },
  {
    name: 'artifact-retention-days',
    kind: whole(1, 90),
    description: "Days that the artifact is kept; the repository's setting when left out.",
  },
  {
    name: 'artifact-max-mb',
    kind: number(1),
    default: '1000',
    description: 'Megabytes of files in the artifact; beyond them it lists where the files are.',
  },
  { name: 'summary', kind: flag, default: 'true', description: 'Write the job summary.' },
  {
    name: 'comment',
    kind: flag,
    default: 'false',
    description: 'Keep one comment on the pull request up to date.',
  },
  {
    name: 'github-token',
    kind: text,
    default: '${{ github.token }}',
    fromContext: true,
    description: 'Token for the comment.',
  },
];

/** The action's own outputs, in the order in which they are filled. */
export const OUTPUTS: readonly { readonly name: string; readonly description: string }[] = [
  {
    name: 'status',
    description: '`succeeded`, `failed`, `cancelled`, `running`, `planned` or `none`.',
  },
  { name: 'run-id', description: 'Id of the run.' },
  {
    name: 'message',
    description: 'One line about the run: `3 of 412 failed (2 out of memory, 1 timeout); 14 min`.',
  },
  { name: 'counts', description: 'JSON: number of tasks by state, and `total`.' },
  {
    name: 'cost',
    description:
      'US dollars as a plain number; absent for tasks on Fargate, whose cost is not computed yet.',
  },
  { name: 'duration', description: 'Seconds.' },
  { name: 'failed', description: 'JSON list of the ids of failed tasks.' },
  { name: 'failures', description: 'JSON list of `{id, cause, message}`.' },
  { name: 'outputs', description: "JSON mapping of the lattice's outputs." },
  {
    name: 'results',
    description: 'JSON mapping by electron: `{result, outcome, outputs, tasks}`.',
  },
  { name: 'artifact-id', description: 'Id of the artifact.' },
  { name: 'artifact-url', description: 'Address of the artifact.' },
  { name: 'report-url', description: 'Address of the page with the report.' },
  { name: 'image', description: 'Image of the tasks as `repository@digest`.' },
];
