import { describe, expect, test } from '@jest/globals';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { loadInputs, type Inputs } from '../../src/action/inputs.ts';
import { fargateSettings } from '../../src/runs/index.ts';
import { INPUTS, OUTPUTS } from '../../src/action/input-table.ts';
import { parseData } from '../../src/lattice/data-file.ts';
import { readManifest } from '../rig/runner.ts';

/** Loads as main does, with files in memory. */
function load(step: Record<string, string>, files: Record<string, string> = {}) {
  return loadInputs((name) => step[name] ?? '', {
    text: (path) => {
      const text = files[path];
      return text === undefined ? err('which does not exist') : ok(text);
    },
    parse: (text, file) => {
      const parsed = parseData(text, file);
      if (!parsed.ok) return err(parsed.error);
      return isJsonObject(parsed.value)
        ? ok<JsonObject>(parsed.value)
        : err('it is something else');
    },
  });
}

function good(step: Record<string, string>, files: Record<string, string> = {}): Inputs {
  const loaded = load({ backend: 'local', ...step }, files);
  if (!loaded.ok) throw new Error(loaded.error.join('\n'));
  return loaded.value;
}

function bad(step: Record<string, string>, files: Record<string, string> = {}): readonly string[] {
  const loaded = load({ backend: 'local', ...step }, files);
  return loaded.ok ? [] : loaded.error;
}

describe('values', () => {
  test('defaults stand where nothing is given', () => {
    expect(good({})).toEqual({
      lattice: 'lattice.yml',
      inputs: {},
      mode: 'run',
      runKey: '',
      only: [],
      rerun: [],
      backend: 'local',
      timeoutMinutes: 350,
      maxTasks: 1000,
      fresh: false,
      cache: 'read-write',
      logs: 'failed',
      artifactMaxMegabytes: 1000,
      summary: true,
    });
  });

  test('lists by comma and by line, numbers, booleans in all spellings', () => {
    const inputs = good({
      only: 'a, b\nc\n',
      'max-parallel': '7',
      'timeout-minutes': '1.5',
      fresh: 'TRUE',
      summary: 'False',
    });
    expect(inputs).toMatchObject({
      only: ['a', 'b', 'c'],
      maxParallel: 7,
      timeoutMinutes: 1.5,
      fresh: true,
      summary: false,
    });
  });

  test.each(['shards: 8\nname: x', '{"shards": 8, "name": "x"}'])(
    'inputs as a mapping: %s',
    (inputs) => {
      expect(good({ inputs }).inputs).toEqual({ shards: 8, name: 'x' });
    },
  );

  test('a config file gives any input, and the step wins', () => {
    const files = {
      'ci.yml': 'max-tasks: 5\nfresh: true\nonly: [a, b]\ninputs: { shards: 2 }\nlogs: none\n',
    };
    expect(good({ config: 'ci.yml', logs: 'failed' }, files)).toMatchObject({
      maxTasks: 5,
      fresh: true,
      only: ['a', 'b'],
      inputs: { shards: 2 },
      logs: 'failed',
    });
  });

  test('an input of Fargate at its default, or a limit of cost, is no contradiction', () => {
    expect(
      bad({ cluster: 'covalent-fargate-cluster', 'assign-public-ip': 'true', 'max-cost': '2.5' }),
    ).toEqual([]);
  });
});

describe('inputs of Fargate', () => {
  const network = { backend: 'fargate', subnets: 'subnet-1, subnet-2', 'security-groups': 'sg-1' };

  test('have the names of the original documentation as defaults', () => {
    const { fargate } = good(network);
    const beside = { region: undefined, liveLogs: false, mirrors: {} };
    expect(fargate === undefined ? undefined : fargateSettings(fargate.values, beside)).toEqual({
      ok: true,
      value: {
        cluster: 'covalent-fargate-cluster',
        bucket: 'covalent-fargate-task-resources',
        prefix: 'lattice',
        repository: 'covalent-fargate-task-images',
        createRepository: false,
        family: 'covalent-fargate-tasks',
        executionRole: 'ecsTaskExecutionRole',
        taskRole: 'CovalentFargateTaskRole',
        logGroup: 'covalent-fargate-task-logs',
        subnets: ['subnet-1', 'subnet-2'],
        securityGroups: ['sg-1'],
        assignPublicIp: true,
        vcpu: 0.25,
        memory: 0.5,
        spot: false,
        pollSeconds: 2,
        liveLogs: false,
        mirrors: {},
      },
    });
  });

  test.each([
    [{ memory: '8' }, { memory: 8 }],
    [{ vcpu: '2' }, { vcpu: 2 }],
    [
      { vcpu: '1', memory: '4' },
      { vcpu: 1, memory: 4 },
    ],
  ])('of %j, the size that was left alone gives way', (size, expected) => {
    const { fargate } = good({ ...network, ...size });
    const beside = { region: undefined, liveLogs: false, mirrors: {} };
    const settings = fargateSettings(fargate?.values ?? new Map(), beside);
    if (!settings.ok) throw new Error(settings.error);
    const { vcpu, memory } = settings.value;
    expect({ vcpu, memory }).toEqual({ vcpu: undefined, memory: undefined, ...expected });
  });

  test.each([
    [{ vcpu: '1', memory: '16' }, /^vcpu and memory are no size .*1 vCPU with 16 GB; the nearest/],
    [{ memory: '7.3' }, /no 7.3 GB|with 7.3 GB/],
  ])('of %j are refused', (size, says) => {
    const { fargate } = good({ ...network, ...size });
    const beside = { region: undefined, liveLogs: false, mirrors: {} };
    const settings = fargateSettings(fargate?.values ?? new Map(), beside);
    expect(settings.ok ? '' : settings.error).toMatch(says);
  });

  test('can be given by the step and by a config file', () => {
    const role = 'arn:aws:iam::123456789012:role/lattice';
    const files = {
      'ci.yml': `backend: fargate\nsubnets: [subnet-3, subnet-4]\nsecurity-groups: sg-2\nspot: prefer\ncluster: other\n`,
    };
    const step = {
      backend: '',
      config: 'ci.yml',
      cluster: 'mine',
      'aws-region': 'eu-west-1',
      'role-to-assume': role,
    };
    const { fargate } = good(step, files);
    expect(fargate).toMatchObject({ region: 'eu-west-1', role });
    expect(Object.fromEntries(fargate?.values ?? [])).toMatchObject({
      cluster: 'mine',
      subnets: ['subnet-3', 'subnet-4'],
      'security-groups': ['sg-2'],
      spot: 'prefer',
    });
  });

  test('a plan and a stop need no network', () => {
    expect(bad({ backend: 'fargate', mode: 'plan' })).toEqual([]);
    expect(bad({ backend: 'fargate', mode: 'stop' })).toEqual([]);
  });

  test('nothing of them is read for tasks on the runner', () => {
    expect(good({}).fargate).toBeUndefined();
  });
});

describe('one sentence for what cannot be used', () => {
  test.each([
    [
      'an unknown word',
      { mode: 'go' },
      'Input "mode" is "go", but must be one of run, plan, attach, stop; correct it or leave it out for run.',
    ],
    [
      'no boolean',
      { fresh: 'yes' },
      'Input "fresh" is "yes", but must be true or false; correct it or leave it out for false.',
    ],
    [
      'no number',
      { 'max-parallel': 'many' },
      'Input "max-parallel" is "many", but must be a whole number of at least 1; correct it or leave it out.',
    ],
    [
      'a fraction',
      { 'max-tasks': '1.5' },
      'Input "max-tasks" is "1.5", but must be a whole number from 1 to 10000; correct it or leave it out for 1000.',
    ],
    [
      'too much',
      { 'artifact-retention-days': '91' },
      'Input "artifact-retention-days" is "91", but must be a whole number from 1 to 90; correct it or leave it out.',
    ],
    [
      'an exponent',
      { 'timeout-minutes': '1e3' },
      'Input "timeout-minutes" is "1e3", but must be a number of at least 0.01; correct it or leave it out for 350.',
    ],
    [
      'a list where a mapping is wanted',
      { inputs: '[1, 2]' },
      'Input "inputs" is no mapping in YAML or JSON: it is something else; write one "name: value" a line.',
    ],
    [
      'the default backend without a network',
      { backend: '' },
      'Inputs "subnets", "security-groups" are missing: name those of your network in which tasks are to run on Fargate, the default of backend, or set backend: local to run them on the runner.',
    ],
    [
      'fargate without security groups',
      { backend: 'fargate', subnets: 'subnet-1' },
      'Input "security-groups" is missing: name those of your network in which tasks are to run on Fargate, or set backend: local to run them on the runner.',
    ],
    [
      'a limit of cost on Fargate',
      { backend: 'fargate', subnets: 'subnet-1', 'security-groups': 'sg-1', 'max-cost': '1' },
      'Input "max-cost" is not available yet in this version: remove it; max-tasks, max-parallel and timeout-minutes bound a run.',
    ],
    [
      'leaving a run on Fargate',
      { backend: 'fargate', subnets: 'subnet-1', 'security-groups': 'sg-1', 'wait-minutes': '5' },
      'Input "wait-minutes" is not available yet in this version: remove it, or use timeout-minutes to end the run.',
    ],
    [
      'too little memory',
      { backend: 'fargate', subnets: 'subnet-1', 'security-groups': 'sg-1', memory: '0.1' },
      'Input "memory" is "0.1", but must be a number of at least 0.5; correct it or leave it out for 0.5.',
    ],
    [
      'inputs of Fargate',
      { subnets: 'subnet-1', spot: 'prefer' },
      'Inputs "subnets", "spot" are for tasks on Fargate, but backend is local: set backend: fargate, or remove them.',
    ],
    [
      'leaving a local run',
      { 'wait-minutes': '0' },
      'Input "wait-minutes" leaves a run behind, but with backend: local its tasks end with the step: remove it, or use timeout-minutes to end the run.',
    ],
    [
      'a comment',
      { comment: 'true' },
      'Input "comment" is not available yet in this version: remove it; the job summary shows the same report.',
    ],
    [
      'a run id to run',
      { 'run-id': 'latest' },
      'Input "run-id" names a run for mode attach or stop, but mode is run: set mode: attach to go on with that run, or remove run-id.',
    ],
    [
      'fresh attach',
      { mode: 'attach', fresh: 'true' },
      'Input "fresh" starts a run over, but mode is attach: set mode: run, or remove fresh.',
    ],
    [
      'rerun of a plan',
      { mode: 'plan', rerun: 'failed' },
      'Input "rerun" runs tasks again, but mode is plan: set mode: run or attach, or remove rerun.',
    ],
    [
      'a missing config',
      { config: 'no.yml' },
      'Input "config" names no.yml, which does not exist; correct the path or remove it.',
    ],
  ] as const)('%s', (_, step, sentence) => {
    expect(bad(step)).toEqual([sentence]);
  });

  test.each([
    [
      'max-task: 5',
      '"max-task" in ci.yml is no input of this action: remove it, or take one of those in action.yml.',
    ],
    [
      'run-key: x',
      '"run-key" in ci.yml can only be given by the step itself: move it to the step\'s "with".',
    ],
    ['logs: [all]', '"logs" in ci.yml must be a single value, as an input of a step is.'],
    ['only: [{a: 1}]', '"only" in ci.yml must be a list or a text, as an input of a step is.'],
    [
      'max-tasks: none',
      '"max-tasks" in ci.yml is "none", but must be a whole number from 1 to 10000; correct it or leave it out for 1000.',
    ],
  ])('in a config file: %s', (text, sentence) => {
    expect(bad({ config: 'ci.yml' }, { 'ci.yml': text })).toEqual([sentence]);
  });

  test('all wrong values are told at once', () => {
    expect(bad({ mode: 'go', fresh: 'yes' })).toHaveLength(2);
  });
});

describe('action.yml', () => {
  const manifest = readManifest();

  test('has the inputs of the table, in its order, with its words', () => {
    const inputs = manifest.inputs as Record<
      string,
      { description?: string; default?: string; required?: boolean }
    >;
    expect(Object.keys(inputs)).toEqual(INPUTS.map((row) => row.name));
    for (const row of INPUTS) {
      const said =
        row.default === undefined || row.fromContext === true
          ? ''
          : ` Default: \`${row.default}\`.`;
      expect(inputs[row.name]?.description).toBe(row.description + said);
      // A default of the manifest would hide whether the user gave a value, and so silence the config file.
      expect(inputs[row.name]?.default).toBe(row.fromContext === true ? row.default : undefined);
    }
  });

  test('has the outputs of the table, in its order', () => {
    const outputs = manifest['outputs'] as Record<string, { description: string }>;
    expect(
      Object.entries(outputs).map(([name, { description }]) => ({ name, description })),
    ).toEqual(OUTPUTS);
  });

  test('runs one bundle on Node 24, as main and as post', () => {
    expect(manifest['runs']).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      post: 'dist/index.js',
    });
  });
});
