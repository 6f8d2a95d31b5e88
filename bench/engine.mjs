/**
 * Speed of the engine's core in virtual time: events in, commands out, no store and no processes. Prints JSON:
 * `engine_events_per_second` at 10,000 tasks and `engine_doubling_ratio`, the time of 20,000 tasks over that of 10,000.
 */
import { pathToFileURL } from 'node:url';
import { Core } from '../lib/engine/core.js';
import { compile } from '../lib/lattice/index.js';

/** A fan-out of `tasks` chains of two, for-each, with a joint step; half of them in each electron. */
export function planOf(tasks) {
  const half = Math.floor((tasks - 1) / 2);
  const text = `
inputs:
  n: { type: number, default: 2 }
electrons:
  sample:
    strategy: { matrix: { seed: "\${{ range(0, inputs.n) }}" } }
    run: sample
    with: { seed: "\${{ matrix.seed }}" }
  measure:
    for-each: sample
    run: measure
    with: { value: "\${{ each.outputs.result }}" }
  join:
    needs: [measure]
    run: join
    with: { all: "\${{ needs.measure.outputs.result }}" }
`;
  const compiled = compile({
    file: 'bench.yml',
    text,
    inputs: {},
    github: {},
    files: { read: () => undefined, exists: () => false },
  });
  if (!compiled.ok) throw new Error(compiled.diagnostics.map((one) => one.message).join('\n'));
  // The language stops at 10,000 tasks; what the doubling is measured on is the engine alone.
  const seeds = Array.from({ length: half }, (_, seed) => ({ seed }));
  return {
    ...compiled.plan,
    combinations: new Map([
      ['sample', seeds],
      ['join', [{}]],
    ]),
  };
}

/** Runs a plan through the core alone; every task succeeds. Answers how many events went in and how long it took. */
export function simulate(plan, slots = 100) {
  const started = performance.now();
  let at = 1_900_000_000_000;
  const core = new Core({
    plan,
    runId: 'abcdefghijklmnopqrstuvwxyz',
    secrets: {},
    slots,
    maxTasks: 1_000_000,
    selected: undefined,
    rerun: new Set(),
    epoch: 1,
    backend: 'local',
    store: 'file:///bench',
    started: at,
    resumed: false,
  });
  const queue = [{ type: 'begin', at }];
  let events = 0;
  for (let place = 0; place < queue.length; place++) {
    events++;
    for (const command of core.handle(queue[place])) {
      at++;
      switch (command.type) {
        case 'prepare':
          queue.push({
            type: 'prepared',
            at,
            task: command.task,
            preparation: {
              kind: 'claimed',
              attempt: 1,
              fingerprint: 'f',
              why: undefined,
              name: command.task.id,
              resources: command.task.resources,
            },
          });
          break;
        case 'launch':
          queue.push({ type: 'started', at, task: command.task.key, attempt: 1 });
          queue.push({
            type: 'ended',
            at,
            task: command.task.key,
            attempt: 1,
            end: { kind: 'exited', exitCode: 0, signal: null },
            result: resultOf(command.task, at),
          });
          break;
      }
    }
    // What has been taken in is let go, as a driver does.
    queue[place] = undefined;
  }
  const milliseconds = performance.now() - started;
  const record = core.record();
  if (!core.finished || record.status !== 'succeeded') throw new Error(`ended as ${record.status}`);
  return { events, milliseconds, tasks: record.counts.total };
}

function resultOf(task, at) {
  return {
    version: 1,
    runId: 'abcdefghijklmnopqrstuvwxyz',
    task: task.key,
    attempt: 1,
    epoch: 1,
    fingerprint: 'f',
    status: 'succeeded',
    exitCode: 0,
    signal: null,
    outputs: { result: task.index },
    files: [],
    summary: '',
    junit: [],
    times: { started: at, stagedIn: at, workStarted: at, workEnded: at, ended: at },
    usage: { maxRssBytes: 0, cpuSeconds: 0 },
    log: { size: 0, sha256: '', tail: '' },
    error: null,
    warnings: [],
  };
}

/** The best of several, after a warm-up: other processes can only make it slower. */
function measure(tasks, times) {
  const plan = planOf(tasks);
  let best;
  for (let time = 0; time < times; time++) {
    globalThis.gc?.();
    const now = simulate(plan);
    if (best === undefined || now.milliseconds < best.milliseconds) best = now;
  }
  return best;
}

/** The numbers of this benchmark. */
export function measureEngine() {
  measure(10_000, 3);
  const small = measure(10_000, 5);
  const large = measure(20_000, 5);
  return {
    engine_events_per_second: Math.round((small.events / small.milliseconds) * 1000),
    engine_doubling_ratio: Number((large.milliseconds / small.milliseconds).toFixed(2)),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(measureEngine()));
}
