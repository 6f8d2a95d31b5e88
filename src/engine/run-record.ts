/** The whole record of a run as it is now, and the line that sums it up. */
import type { RunRecord } from './record.ts';
import { electronRecord, taskRecord } from './records.ts';
import { lineOf, type RunState } from './run-state.ts';
import type { Scope } from './state.ts';
import { runMessage } from './tally.ts';

/** O(tasks), so made only when somebody wants it. `running`: attempts that the backend says still run. */
export function runRecord(run: RunState, root: Scope, running: number): RunRecord {
  const { plan, runId, epoch, backend, store, started } = run.request;
  return {
    version: 1,
    runId,
    name: plan.lattice.name,
    file: plan.lattice.file,
    backend,
    store,
    epoch,
    status: run.status,
    message: message(run, root),
    started,
    ...(run.ended === undefined ? {} : { ended: run.ended }),
    counts: { ...run.counts },
    electrons: run.nodes.map((node) => electronRecord(node, lineOf(run, node))),
    tasks: run.nodes.flatMap((node) => node.tasks.map(taskRecord)),
    outputs: run.outputs.values,
    fileOutputs: run.outputs.files,
    notices: [...run.notices],
    running,
  };
}

function message(run: RunState, root: Scope): string {
  const leftOut = [...root.nodes.values()].filter((node) => node.excluded);
  const notes = [
    ...(run.cancelling === undefined ? [] : [run.cancelling.reason]),
    ...(leftOut.length === 0 ? [] : [`${leftOut.length} electrons left out by \`only\``]),
  ];
  return runMessage({
    status: run.status,
    counts: run.counts,
    causes: run.causes,
    milliseconds: run.now - run.request.started,
    note: notes.length === 0 ? undefined : notes.join('; '),
  });
}
