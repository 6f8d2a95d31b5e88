/** Hundreds of runs on accounts where things go wrong; and copies with planted faults, each of which has to be found. */
import { expect, test } from '@jest/globals';
import { fargateBackend } from '../../../src/backends/fargate/index.ts';
import { PlantedCopy, type Plant } from '../../rig/planted-copy.ts';
import { PROPERTIES } from './campaign.ts';
import type { MakeBackend } from './campaign-run.ts';

const RUNS = 300;
const SEED = 1;

type Name = keyof typeof PROPERTIES;
const FAULTS = 'no result is lost, nothing starts twice, nothing is left, every run ends';
const RATES = 'the rates of AWS are kept to';
const TAGS = 'refused tags cost nothing';
const REPLACED = 'a launch whose run has another driver never starts';

const PLANTS: readonly (readonly [
  fault: string,
  found: Name,
  plants: readonly Plant[],
  seed?: number,
])[] = [
  [
    'the token is the same for every request of an attempt',
    FAULTS,
    [{ file: 'run-task-request.ts', from: '${attempt}\\n${n}`', to: '${attempt}`' }],
  ],
  [
    'the watch lists only what is newer than the newest',
    FAULTS,
    [{ file: 'markers.ts', from: 'const OVERLAP = 60_000;', to: 'const OVERLAP = 0;' }],
  ],
  [
    'a lost answer is followed by another token instead of the same bytes',
    FAULTS,
    [
      {
        file: 'send-request.ts',
        from: 'await clock.sleep(Math.min(LONGEST_PAUSE, 1000 * 2 ** (lost - 1)));',
        to: "return { kind: 'taken', arns: [] };",
      },
    ],
  ],
  [
    'an exit code that is not there is one of success',
    FAULTS,
    [
      {
        file: 'stop-failures.ts',
        from: 'return neverRan(state) ? judgeStart(state, fact) : unknownEnd(fact);',
        to: "return { kind: 'exited', exitCode: 0, signal: null };",
      },
    ],
  ],
  [
    'what ECS does not know any more has succeeded',
    FAULTS,
    [
      {
        file: 'watcher.ts',
        from: "this.#settle(task, lost(task.arn.split('/').at(-1) ?? task.arn));",
        to: "this.#settle(task, { kind: 'exited', exitCode: 0, signal: null });",
      },
    ],
  ],
  [
    'a revision that is inactive is used again',
    FAULTS,
    [
      {
        file: 'definitions.ts',
        from: 'return saved !== undefined && saved !== gone ? saved : this.#register(shape, true);',
        to: 'return saved ?? this.#register(shape, true);',
      },
    ],
  ],
  [
    'a stop that had no effect is not asked for again',
    FAULTS,
    [
      {
        file: 'watcher.ts',
        from: 'now - task.stopAskedAt < STUCK',
        to: 'task.stopAskedAt !== -Infinity',
      },
    ],
    // It takes a StopTask that fails more often than it is tried at once.
    290,
  ],
  [
    'a task that found no address ends for good',
    FAULTS,
    [
      {
        file: 'fargate-backend.ts',
        from: "task.address !== 'wanted') return undefined;",
        to: "task.address === 'wanted') return undefined;",
      },
    ],
  ],
  [
    'the rate of the API RunTask is forgotten',
    RATES,
    [{ file: 'launcher.ts', from: 'await paces.runTask.take();', to: '' }],
  ],
  [
    'a refusal of tags is judged by what was learned meanwhile',
    TAGS,
    [{ file: 'launcher.ts', from: ', tagged: saved.tags !== undefined }', to: ' }' }],
  ],
  [
    'the lease is not asked before a launch that has waited',
    REPLACED,
    [{ file: 'launcher.ts', from: 'mayStart?.()) === false', to: 'mayStart?.()) === null' }],
  ],
];

function planted(plants: readonly Plant[]) {
  const links = ['base', 'lattice', 'engine', 'aws'];
  return PlantedCopy.plant<{ readonly fargateBackend: MakeBackend }>(
    'backends/fargate',
    links,
    plants,
  );
}

test.each(Object.entries(PROPERTIES))(
  '%s',
  async (_, property) => {
    await property({ make: fargateBackend, runs: RUNS, seed: SEED });
  },
  120_000,
);

test('a copy without a fault passes', async () => {
  await using copy = await planted([]);
  for (const property of Object.values(PROPERTIES)) {
    await expect(
      property({ make: copy.door.fargateBackend, runs: 5, seed: SEED }),
    ).resolves.toBeUndefined();
  }
});

test.each(PLANTS)(
  'found: %s',
  async (_fault, name, plants, seed = SEED) => {
    await using copy = await planted(plants);
    await expect(
      PROPERTIES[name]({ make: copy.door.fargateBackend, runs: RUNS, seed }),
    ).rejects.toThrow();
  },
  120_000,
);
