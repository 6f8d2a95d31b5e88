/** The bundle, spawned as the runner does it, with exactly the policy of the original executor's documentation. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import type { FargateWorld } from '../rig/fargate-world.ts';
import { fargateWorld, originalPolicy } from '../rig/fargate-world.ts';
import { startResultsService, type ResultsService } from '../rig/results-service.ts';
import { runMain, runPost, type Step, type StepEnd } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

/** Calls beyond the policy of the original documentation: each is tried, and done without when it is refused. */
const OPTIONAL = ['ecs:StopTask', 'ecs:TagResource'];

/** What an example comes to. */
const EXAMPLES: Readonly<
  Record<
    string,
    {
      readonly inputs?: string;
      readonly outputs: Readonly<Record<string, unknown>>;
      readonly files: readonly string[];
    }
  >
> = {
  hello: { outputs: { greeting: 'Hello, World!' }, files: ['results.json', 'junit.xml'] },
  'monte-carlo-pi': {
    inputs: 'shards: 5\npoints: 20000',
    outputs: { points: '100000', seeds: '[0,1,2,3,4]' },
    files: ['results.json', 'junit.xml'],
  },
  'word-count': {
    outputs: { words: expect.stringMatching(/^\d{4,}$/), top: expect.stringMatching(/"the"/) },
    files: ['outputs/table/total.tsv', 'results.json'],
  },
};

interface Stage {
  readonly world: FargateWorld;
  readonly service: ResultsService;
  readonly step: (inputs?: Step['with'], environment?: Step['environment']) => Step;
  readonly workspace: string;
}

/** A checkout of an example, as a job of a workflow has it. */
async function stage(
  name: string,
  world: FargateWorld,
  service: ResultsService,
  work: Awaited<ReturnType<typeof project>>,
): Promise<Stage> {
  cpSync(resolve('examples', name), join(work.workspace, 'examples', name), {
    recursive: true,
    filter: (path) => !path.includes('.lattice'),
  });
  return {
    world,
    service,
    workspace: work.workspace,
    step: (inputs = {}, environment = {}) =>
      work.step(
        { ...world.inputs, lattice: `examples/${name}/lattice.yml`, ...inputs },
        { ...world.environment, ...service.environment, ...environment },
      ),
  };
}

/** Calls that were made, by who made them, with the answer of IAM. */
function outsideThePolicy(world: FargateWorld): readonly string[] {
  const refused = world.aws.ledger.permissions.filter(({ allowed }) => !allowed);
  return [...new Set(refused.map(({ action }) => action))].toSorted();
}

function secretsIn(end: StepEnd, world: FargateWorld): readonly string[] {
  const values = Object.values(end.outputs).join('\n');
  return [world.aws.settings.account, 'AKIA', 'secret'].filter((word) => values.includes(word));
}

describe.each(Object.entries(EXAMPLES))('example %s', (name, { inputs, outputs, files }) => {
  test('runs with no more than the original policy, twice', async () => {
    await using world = await fargateWorld({ policies: [originalPolicy()] });
    await using service = await startResultsService();
    await using work = await project({});
    const { step, workspace } = await stage(name, world, service, work);
    const given = inputs === undefined ? {} : { inputs };

    const first = await runMain(step({ ...given, download: 'home' }));
    expect(first.exitCode === 0 ? '' : first.output).toBe('');
    expect(first.outputs).toMatchObject({
      status: 'succeeded',
      ...outputs,
      image: expect.stringMatching(/^covalent-fargate-task-images@sha256:[0-9a-f]{64}$/),
    });
    expect(secretsIn(first, world)).toEqual([]);
    expect(first.output).not.toContain(world.aws.settings.account);
    expect(first.summary).toContain(name);
    const artifact = service.artifacts[0];
    expect([...(artifact?.files.keys() ?? [])]).toEqual(expect.arrayContaining([...files]));
    expect(world.running()).toEqual([]);
    expect(OPTIONAL).toEqual(expect.arrayContaining([...outsideThePolicy(world)]));
    if (name === 'word-count') {
      expect(existsSync(join(workspace, 'home/table/total.tsv'))).toBe(true);
      expect(world.dockerCalls().some((args) => args.includes('build'))).toBe(true);
    } else {
      expect(world.dockerCalls()).toEqual([]);
    }
    const post = await runPost(step(), first);
    expect(post.output).toContain('0 tasks running');

    // Another workflow run, with nothing changed.
    const before = world.aws.ledger.entries.length;
    const pulls = world.hub.requests.length;
    const builds = world.dockerCalls().length;
    const second = await runMain(step(given, { GITHUB_RUN_ID: '1234567891' }));
    expect(second.outputs).toMatchObject({ status: 'succeeded', ...outputs });
    const calls = world.aws.ledger.entries.slice(before);
    const of = (service_: string) =>
      calls.filter((call) => call.service === service_).map((call) => call.action);
    expect(of('ecr').filter((action) => action !== 'GetDownloadUrlForLayer')).toEqual([
      'BatchGetImage',
    ]);
    expect(of('ecs')).not.toContain('RegisterTaskDefinition');
    // What a tag stands for is asked, which is no pull.
    expect(world.hub.requests.slice(pulls).filter((line) => !line.startsWith('HEAD '))).toEqual([]);
    expect(world.dockerCalls()).toHaveLength(builds);
  });
});

test('the policy that is enforced is the one of the documentation', () => {
  const text = readFileSync('infra/iam/original-policy.json', 'utf8');
  expect(JSON.parse(text)).toEqual(originalPolicy());
  expect(text).not.toMatch(/StopTask|TagResource|CreateRepository/);
});
