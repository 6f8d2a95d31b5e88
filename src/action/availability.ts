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
  if (backend !== 'local') {
    const why = given.has('backend')
      ? `Input "backend" is ${backend}`
      : `Input "backend" is left at its default ${backend}`;
    problems.push(
      `${why}, which is not available yet in this version: set backend: local to run the tasks on the runner.`,
    );
    return problems;
  }
  const fargate = INPUTS.filter(
    (row) =>
      row.fargate === true && given.has(row.name) && given.get(row.name)?.value !== row.default,
  ).map((row) => row.name);
  if (fargate.length > 0) {
    const [names, is, it] = [
      fargate.map((name) => `"${name}"`).join(', '),
      ...(fargate.length === 1 ? ['is', 'it'] : ['are', 'them']),
    ];
    problems.push(
      `Input${fargate.length === 1 ? '' : 's'} ${names} ${is} for tasks on Fargate, which is not available yet in this version: remove ${it} while backend is local.`,
    );
  }
  if (given.has('wait-minutes')) {
    problems.push(
      'Input "wait-minutes" leaves a run behind, but with backend: local its tasks end with the step: remove it, or use timeout-minutes to end the run.',
    );
  }
  if (value('comment') !== 'false') {
    problems.push(
      'Input "comment" is not available yet in this version: remove it; the job summary shows the same report.',
    );
  }
  const mode = value('mode');
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
