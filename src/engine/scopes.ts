/** Lattices in execution, the run's own and those that electrons use: opening, starting and ending them. */
import type { Json, JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { bindInputs } from '../lattice/index.ts';
import type { Lattice } from '../lattice/plan.ts';
import { renderEnvironment } from './environment.ts';
import { finish } from './ends.ts';
import { create, knownCombinations } from './expansion.ts';
import { latticeOutputs, type LatticeOutputs } from './lattice-outputs.ts';
import { isFailure } from './outcome.ts';
import type { TaskFailure } from './record.ts';
import { emitElectron, emitTask, later, warn, type RunState } from './run-state.ts';
import { buildScope } from './scope.ts';
import { secretsHandedOn } from './secret-inputs.ts';
import { expressionFailure, numberSetting, value } from './settings.ts';
import { hasEnded, type Node, type Scope, type Task } from './state.ts';
import { unsetLatticeOutputs } from './unset-outputs.ts';
import { taskContexts } from './views.ts';

/** A lattice ready to start, its limits read. */
export function openScope(
  run: RunState,
  request: {
    readonly lattice: Lattice;
    readonly inputs: JsonObject;
    readonly secrets: Readonly<Record<string, string>>;
    readonly parent: Task | undefined;
    readonly only: ReadonlySet<string> | undefined;
  },
): Result<Scope, TaskFailure> {
  const limit = parallelLimit(run, request.lattice, request.inputs);
  if (!limit.ok) return limit;
  const scope = buildScope({ ...request, maxParallel: limit.value, from: run.nodes.length });
  for (const node of scope.nodes.values()) run.nodes.push(node);
  return ok(scope);
}

function parallelLimit(
  run: RunState,
  lattice: Lattice,
  inputs: JsonObject,
): Result<number, TaskFailure> {
  if (lattice.maxParallel === undefined) return ok(Infinity);
  const contexts = { inputs, github: run.facts.github };
  return numberSetting('max-parallel', lattice.maxParallel, contexts, { least: 1, whole: true });
}

/** Tells of all its electrons, makes the tasks that are known by now, and opens the gates of those without needs. */
export function startScope(run: RunState, scope: Scope): void {
  for (const node of scope.nodes.values()) {
    if (node.excluded) continue;
    const combinations = node.partner === undefined ? knownCombinations(run, node) : undefined;
    if (combinations === undefined || combinations.length === 0) emitElectron(run, node);
    else create(run, node, combinations);
  }
  for (const node of scope.nodes.values()) {
    if (!node.excluded && node.waiting === 0) later(run, { type: 'gate', node });
  }
  if (scope.open === 0) later(run, { type: 'end-scope', scope });
}

/** Instead of being prepared, a task of a `uses` electron becomes a lattice of its own. */
export function openInner(run: RunState, task: Task): void {
  const { work } = task.node.electron;
  if (work.kind !== 'uses') throw new Error('Internal error: not a lattice');
  const inner = bind(run, task, work.lattice);
  if (!inner.ok) {
    finish(run, task, 'failed', inner.error);
    return;
  }
  task.inner = inner.value;
  run.counts[task.state]--;
  run.counts.total--;
  run.tasks--;
  task.state = 'running';
  emitTask(run, task);
  later(run, { type: 'start-scope', scope: inner.value });
}

/** The used lattice with its inputs from `with`. */
function bind(run: RunState, task: Task, lattice: Lattice): Result<Scope, TaskFailure> {
  const { electron } = task.node;
  let contexts = taskContexts(run.facts, task);
  const environment = renderEnvironment(task.node.scope, electron, contexts);
  if (!environment.ok) return environment;
  contexts = { ...contexts, env: environment.value };
  const given = electron.with === undefined ? undefined : value(electron.with, contexts);
  if (given !== undefined && !given.ok) return given;
  const values = given?.value ?? {};
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    return err({ class: 'sub-lattice', cause: '`with` gives no mapping of inputs' });
  }
  const secrets = secretsHandedOn(task.node.scope, electron.with);
  const open = Object.keys(secrets).find((name) => lattice.inputs.get(name)?.type !== 'secret');
  if (open !== undefined) {
    return err({
      class: 'sub-lattice',
      cause: `a secret input is given to the input ${open}, which is not secret and would be stored`,
      advice: `Declare \`type: secret\` for ${open} in ${lattice.file}.`,
    });
  }
  const bound = bindInputs(
    lattice,
    { ...(values as { readonly [key: string]: Json }), ...secrets },
    electron.with?.location,
  );
  if (!bound.ok) {
    const causes = bound.error.map((diagnostic) => diagnostic.message);
    return err({ class: 'sub-lattice', cause: causes.join('; ') });
  }
  return openScope(run, {
    lattice,
    inputs: bound.value.inputs,
    secrets: bound.value.secrets,
    parent: task,
    only: undefined,
  });
}

/** Everything in a lattice has ended: so has the task that it stands for, or the run. */
export function endScope(run: RunState, scope: Scope): void {
  const outputs = latticeOutputs(run.facts, scope, run.request.store);
  for (const diagnostic of unsetLatticeOutputs(scope, run.warned)) {
    warn(run, diagnostic);
  }
  if (scope.parent === undefined) endRun(run, scope, outputs);
  else if (!hasEnded(scope.parent)) endInner(run, scope, scope.parent, outputs);
}

function endInner(run: RunState, scope: Scope, task: Task, outputs: LatticeOutputs): void {
  const nodes = [...scope.nodes.values()];
  task.outputs = outputs.values;
  const filesAt = `runs/${run.facts.runId}/tasks/${task.key}/`;
  const files = Object.values(outputs.files).flatMap((output) => output.files);
  task.files = files
    .filter((file) => file.key.startsWith(filesAt))
    .map((file) => ({ ...file.entry, path: file.key.slice(filesAt.length) }));
  task.filesAt = task.files.length === 0 ? undefined : filesAt;
  const failed = nodes.filter((node) => node.result === 'failure');
  const mistake = outputs.mistakes[0];
  if (failed.length > 0) finish(run, task, 'failed', innerFailure(failed));
  else if (nodes.some((node) => node.result === 'cancelled')) {
    finish(run, task, 'cancelled', { class: 'cancelled', cause: 'stopped' });
  } else if (mistake !== undefined) finish(run, task, 'failed', expressionFailure(mistake));
  else {
    const reused = nodes.length > 0 && nodes.every((node) => node.outcome === 'reused');
    finish(run, task, reused ? 'reused' : 'succeeded', undefined);
  }
}

function innerFailure(failed: readonly Node[]): TaskFailure {
  const first = failed
    .flatMap((node) => node.tasks)
    .find((inner) => inner.outcome !== undefined && isFailure(inner.outcome) && !inner.tolerated);
  return {
    class: 'sub-lattice',
    cause: `${failed.map((node) => node.path).join(', ')} failed`,
    ...(first?.failure === undefined ? {} : { fact: `${first.id}: ${first.failure.cause}` }),
  };
}

function endRun(run: RunState, root: Scope, outputs: LatticeOutputs): void {
  run.outputs = outputs;
  const results = [...root.nodes.values()].map((node) => node.result);
  for (const diagnostic of outputs.mistakes) {
    warn(run, { ...diagnostic, message: `an output has no value: ${diagnostic.message}` });
  }
  if (run.cancelling !== undefined) {
    run.status = run.cancelling.why === 'user' ? 'cancelled' : 'failed';
  } else if (results.includes('failure') || outputs.mistakes.length > 0) run.status = 'failed';
  else run.status = results.includes('cancelled') ? 'cancelled' : 'succeeded';
  run.ended = run.now;
}
