import type { Given } from './config-file.ts';
import { INPUTS } from './input-table.ts';

/**
 * What this version cannot do yet, and inputs that contradict one another: one sentence each. A value that is left at
 * its default never matters, so a step that only names `backend: local` is always fine.
 */
export function availability(given: ReadonlyMap<string, Given>): readonly string[] {
  const value = (name: string): string =>
    given.get(name)?.value ?? INPUTS.find((row) => row.name === name)?.default ?? '';
  const problems: string[] = [];
  const backend = value('backend');
  const mode = value('mode');
  if (backend === 'fargate') {
    problems.push(...ofFargate(given, mode));
  } else {
    problems.push(...withoutFargate(given, backend));
  }
  if (given.has('wait-minutes')) {
    problems.push(
      backend === 'local'
        ? 'Input "wait-minutes" leaves a run behind, but with backend: local its tasks end with the step: remove it, or use timeout-minutes to end the run.'
        : 'Input "wait-minutes" is not available yet in this version: remove it, or use timeout-minutes to end the run.',
    );
  }
  if (value('comment') !== 'false') {
    problems.push(
      'Input "comment" is not available yet in this version: remove it; the job summary shows the same report.',
    );
  }
  if (given.has('run-id') && (mode === 'run' || mode === 'plan')) {
    problems.push(
      `Input "run-id" names a run for mode attach or stop, but mode is ${mode}: set mode: attach to go on with that run, or remove run-id.`,
    );
  }
  if (value('fresh') !== 'false' && mode !== 'run') {
    problems.push(
      `Input "fresh" starts a run over, but mode is ${mode}: set mode: run, or remove fresh.`,
    );
  }
  if (given.has('rerun') && (mode === 'plan' || mode === 'stop')) {
    problems.push(
      `Input "rerun" runs tasks again, but mode is ${mode}: set mode: run or attach, or remove rerun.`,
    );
  }
  return problems;
}

/** What tasks on Fargate need, and what there is not for them. Nothing is needed where nothing is started. */
function ofFargate(given: ReadonlyMap<string, Given>, mode: string): readonly string[] {
  const problems: string[] = [];
  const missing = ['subnets', 'security-groups'].filter((name) => !given.has(name));
  if (missing.length > 0 && (mode === 'run' || mode === 'attach')) {
    const why = given.has('backend') ? '' : ', the default of backend';
    problems.push(
      `Input${missing.length === 1 ? '' : 's'} ${quoted(missing)} ${missing.length === 1 ? 'is' : 'are'} missing: name those of your network in which tasks are to run on Fargate${why}, or set backend: local to run them on the runner.`,
    );
  }
  if (given.has('max-cost')) {
    problems.push(
      'Input "max-cost" is not available yet in this version: remove it; max-tasks, max-parallel and timeout-minutes bound a run.',
    );
  }
  return problems;
}

/** Inputs that say something about AWS, while nothing runs there. */
function withoutFargate(given: ReadonlyMap<string, Given>, backend: string): readonly string[] {
  const names = INPUTS.filter(
    (row) =>
      row.fargate === true && given.has(row.name) && given.get(row.name)?.value !== row.default,
  ).map((row) => row.name);
  const one = names.length === 1;
  return names.length === 0
    ? []
    : [
        `Input${one ? '' : 's'} ${quoted(names)} ${one ? 'is' : 'are'} for tasks on Fargate, but backend is ${backend}: set backend: fargate, or remove ${one ? 'it' : 'them'}.`,
      ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
