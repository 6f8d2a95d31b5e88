/**
 * What holds of the dispatcher whatever goes wrong. Each property takes the dispatcher that it is checked on, so that the
 * same checks run on the product and on copies with planted faults, which they have to find.
 */
import { expect } from '@jest/globals';
import type { TaskKey } from '../../../src/base/names.ts';
import type { AttemptEnd, LaunchRequest, Store } from '../../../src/engine/ports.ts';
import { RUN_ID } from '../../rig/engine-rig.ts';
import { campaignRun, type MakeBackend } from './campaign-run.ts';
import { FargateRig, IMAGE } from './fargate-rig.ts';

export interface Campaign {
  readonly make: MakeBackend;
  /** Examples with the seeds from `seed` on. */
  readonly runs: number;
  readonly seed: number;
}

export type Property = (campaign: Campaign) => Promise<void>;

const many = (count: number, more = '') => `
name: many
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, ${count}) }}" }, fail-fast: false }
    ${more}
    run: echo
`;

/** No result is lost, nothing is started twice, nothing is left running, every run ends. Names the seed of a failure. */
const faults: Property = async ({ make, runs, seed }) => {
  for (let one = seed; one < seed + runs; one++) {
    try {
      await campaignRun(one, make);
    } catch (error) {
      throw new Error(`Seed ${one}`, { cause: error });
    }
  }
};

/** Where nothing goes wrong, AWS never has to slow it down. */
const rates: Property = async ({ make }) => {
  const rig = new FargateRig();
  const record = await rig.run(many(150), { backend: make(rig.options) });
  expect(record.counts.succeeded).toBe(150);
  expect(rig.aws.ledger.throttled().length).toBe(0);
};

/** Tags that are refused to many launches at once cost none of them anything. */
const tags: Property = async ({ make }) => {
  const rig = new FargateRig({
    settings: { latency: { before: 400, after: 400 } },
    options: { tags: { team: 'a' } },
    policies: [
      {
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: ['ecs:TagResource'], Resource: '*' },
        ],
      },
    ],
  });
  // Between the saving of a request and its sending others may be refused.
  const slow: Store = {
    address: rig.store.address,
    read: (key) => rig.store.read(key),
    async create(key, body) {
      await rig.clock.sleep(500);
      return rig.store.create(key, body);
    },
    replace: (key, body, etag) => rig.store.replace(key, body, etag),
    write: (key, body) => rig.store.write(key, body),
    list: (prefix, after) => rig.store.list(prefix, after),
    upload: (key) => rig.store.upload(key),
    download: (key) => rig.store.download(key),
    stream: (key, start) => rig.store.stream(key, start),
    now: () => rig.store.now(),
  };
  const record = await rig.run(many(60), { backend: make({ ...rig.options, store: slow }) });
  expect(record.counts.succeeded).toBe(60);
};

/** A launch whose run has another driver by the time of its turn never starts. */
const lease: Property = async ({ make }) => {
  const rig = new FargateRig();
  const ends: AttemptEnd[] = [];
  const request: LaunchRequest = {
    runId: RUN_ID,
    task: 'sample/0' as TaskKey,
    attempt: 1,
    spec: { address: `${rig.store.address}/spec.json`, sha256: '0'.repeat(64) },
    resources: {
      vcpu: 0.25,
      memory: 0.5,
      storage: 20,
      architecture: 'x86_64',
      spot: false,
      readOnlyRoot: false,
    },
    image: IMAGE,
    electron: 'sample',
    priority: 1,
    secrets: {},
    secretValues: {},
    mayStart: async () => false,
  };
  void make(rig.options).launch(request, (event) => {
    if (event.type === 'ended') ends.push(event.end);
  });
  await rig.clock.pass(10_000);
  expect(ends).toEqual([{ kind: 'stopped' }]);
  expect(rig.aws.ledger.count('ecs', 'RunTask')).toBe(0);
};

export const PROPERTIES = {
  'no result is lost, nothing starts twice, nothing is left, every run ends': faults,
  'the rates of AWS are kept to': rates,
  'refused tags cost nothing': tags,
  'a launch whose run has another driver never starts': lease,
} satisfies Readonly<Record<string, Property>>;
