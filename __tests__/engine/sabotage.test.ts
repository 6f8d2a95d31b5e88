/**
 * A campaign that cannot fail proves nothing: every fault that is planted here in a copy of the engine has to be found by
 * the properties that watch over it.
 */
import { expect, test } from '@jest/globals';
import { PROPERTIES } from '../rig/engine-properties.ts';
import { SabotagedEngine, type Plant } from '../rig/sabotaged-engine.ts';

/** A fault is found long before this, by examples that are the same each time. */
const RUNS = 1000;
const SEED = 4711;

type Name = keyof typeof PROPERTIES;
const ENDS = 'every run ends, in order and within its budgets';
const CANCELS = 'after a cancel nothing is launched and nothing runs';
const CANCELS_ANYWHERE = 'a cancel in the middle of any call launches nothing more';
const GOES_ON = 'going on runs what had not succeeded and nothing else';
const CHANGES = 'after an edit exactly what changed runs again';
const DEATH = 'a driver that dies anywhere leaves a run that ends the same';
const ADOPTS = 'what outlives its driver is adopted, and the run ends the same';
const STALL = 'a driver that freezes, is replaced and wakes up does no harm';
const ANOTHER = 'a driver that wakes up beside the one that replaced it leaves everything to it';

const FAULTS: readonly (readonly [
  fault: string,
  found: readonly Name[],
  plants: readonly Plant[],
])[] = [
  [
    'the list of ends that let dependents start is one of ends that do not',
    [ENDS],
    [
      {
        file: 'admission.ts',
        from: 'if (lineage.unsuccessful) return',
        to: 'if (lineage.cancelled) return',
      },
    ],
  ],
  [
    'a task does not give its permits back when it ends',
    [ENDS],
    [
      {
        file: 'ends.ts',
        from: "if (task.stage !== 'preparing') run.scheduler.release(task);",
        to: '',
      },
    ],
  ],
  [
    'a task whose result is known does not give its permits back',
    [GOES_ON],
    [
      {
        file: 'ends.ts',
        from: "if (task.stage !== 'preparing') run.scheduler.release(task);",
        to: "if (task.stage === 'launched') run.scheduler.release(task);",
      },
    ],
  ],
  [
    'a claim overwrites what is there',
    [STALL],
    [
      {
        file: 'preparation.ts',
        from: 'if (!(await ports.store.create(key, text))) {',
        to: 'await ports.store.write(key, text);\nif (attempt < 0) {',
      },
    ],
  ],
  [
    'the lease is not read before a launch',
    [STALL],
    [
      {
        file: 'lease.ts',
        from: 'async check(): Promise<void> {\n    await this.#current();',
        to: 'async check(): Promise<void> {',
      },
    ],
  ],
  [
    'failures of the infrastructure use up the retries of the user',
    [ENDS],
    [
      {
        file: 'attempts.ts',
        from: 'task.infrastructureFailures++;',
        to: 'task.infrastructureFailures++;\ntask.failures++;',
      },
    ],
  ],
  [
    'the budget for the infrastructure has no end',
    [ENDS],
    [
      {
        file: 'attempts.ts',
        from: 'task.infrastructureFailures <= INFRASTRUCTURE_BUDGET',
        to: 'task.infrastructureFailures <= 2 * INFRASTRUCTURE_BUDGET',
      },
    ],
  ],
  [
    'results stand in the order in which they came',
    [ENDS],
    [
      {
        file: 'views.ts',
        from: 'outputs[name] = node.tasks.map(',
        to: 'outputs[name] = node.tasks.toSorted((left, right) => (left.endedAt ?? 0) - (right.endedAt ?? 0)).map(',
      },
    ],
  ],
  [
    'a process that ended with code 0 and left no result counts as a success',
    [ENDS],
    [
      {
        file: 'retry.ts',
        from: 'return result === undefined ? judgeEnd(end, backend)',
        to: "return result === undefined && end.kind === 'exited' && end.exitCode === 0 ? { kind: 'succeeded' } : result === undefined ? judgeEnd(end, backend)",
      },
    ],
  ],
  [
    'a cancel lets what is prepared be launched',
    [CANCELS],
    [
      {
        file: 'ends.ts',
        from: 'else concludeTask(run, task, conclusion);\n    }\n  }\n}',
        to: "else if (task.stage !== 'prepared') concludeTask(run, task, conclusion);\n    }\n  }\n}",
      },
      { file: 'core.ts', from: 'if (run.cancelling !== undefined) return;', to: '' },
    ],
  ],
  [
    'a cancel does not reach launches that are under way',
    [CANCELS_ANYWHERE],
    [
      {
        file: 'launches.ts',
        from: 'this.#drop(held);',
        to: '',
      },
    ],
  ],
  [
    'going on takes any good result, whatever it was made of',
    [CHANGES],
    [
      {
        file: 'prior.ts',
        from: "result?.status === 'succeeded' && result.fingerprint === fingerprint",
        to: "result?.status === 'succeeded'",
      },
    ],
  ],
  [
    'going on takes nothing over',
    [GOES_ON, CHANGES],
    [
      {
        file: 'preparation.ts',
        from: 'if (own !== undefined && missingOutput',
        to: 'if (own === null && missingOutput',
      },
    ],
  ],
  [
    'what a need gives is no part of a fingerprint',
    [CHANGES],
    [
      {
        file: 'parts.ts',
        from: 'parts[`needs.${need.electron.id}`] = partHash([needDocument(need).identity, globs]);',
        to: 'parts[`needs.${need.electron.id}`] = partHash(globs);',
      },
    ],
  ],
  [
    'attempts are counted anew by each driver',
    [DEATH],
    [
      {
        file: 'preparation.ts',
        from: '(prior?.attempts(task.key) ?? 0) + 1',
        to: '1',
      },
      {
        file: 'preparation.ts',
        from: 'if (!(await ports.store.create(key, text))) {',
        to: 'await ports.store.write(key, text);\nif (attempt < 0) {',
      },
    ],
  ],
  [
    'what still runs is launched once more beside it',
    [ADOPTS],
    [
      {
        file: 'preparation.ts',
        from: 'if (running === undefined) return undefined;',
        to: 'return undefined;',
      },
    ],
  ],
  [
    'the end of what is adopted is told before anybody listens',
    [ADOPTS],
    [
      {
        file: 'adopted-attempts.ts',
        from: 'if (aside === undefined) return false;',
        to: "if (aside === undefined || event.type === 'ended') return false;",
      },
    ],
  ],
  [
    'who was replaced ends what the other one has taken over',
    [ANOTHER],
    [{ file: 'driver.ts', from: '{ leave: this.#isReplaced }', to: '{ leave: false }' }],
  ],
  [
    'who was replaced and is cancelled cancels also the other one',
    [ANOTHER],
    [
      {
        file: 'driver.ts',
        from: 'await lease.check();\n      await raiseCancel',
        to: 'await raiseCancel',
      },
      {
        file: 'launches.ts',
        from: 'await lease.check().catch(fail);\n      if (isReplaced()) return;',
        to: '',
      },
    ],
  ],
];

test('a copy without a fault passes', async () => {
  await using engine = await SabotagedEngine.plant([]);
  for (const property of Object.values(PROPERTIES)) {
    await expect(property({ engine: engine.run, runs: 20, seed: SEED })).resolves.toBeUndefined();
  }
});

test('a text that is not there is no fault', async () => {
  const nowhere = { file: 'core.ts', from: 'no such text', to: '' };
  await expect(SabotagedEngine.plant([nowhere])).rejects.toThrow('core.ts has 0 times');
});

test.each(FAULTS)('found: %s', async (_fault, names, plants) => {
  await using engine = await SabotagedEngine.plant(plants);
  for (const name of names) {
    const property = PROPERTIES[name];
    if (property === undefined) throw new Error(`There is no property "${name}"`);
    await expect(
      property({ engine: engine.run, runs: RUNS, seed: SEED, hasty: true }),
    ).rejects.toThrow('Property failed');
  }
});
