import { describe, expect, test } from '@jest/globals';
import { artifactName, artifactObstacle } from '../../src/action/artifact.ts';
import { OUTPUTS } from '../../src/action/input-table.ts';
import { fitOutputs, OUTPUT_BYTES, outputText, stepOutputs } from '../../src/action/outputs.ts';
import type { ResultsDocument } from '../../src/report/index.ts';

const results: ResultsDocument = {
  status: 'failed',
  runId: 'abc',
  message: '1 of 2 failed',
  counts: { failed: 1, succeeded: 1, total: 2 },
  duration: 1.5,
  failed: ['b'],
  failures: [{ id: 'b', cause: 'exit', message: 'exited with code 3' }],
  outputs: { greeting: 'Hello', table: [1, null], nothing: null, Status: 'mine' },
  results: { b: { result: 'failure', outcome: 'failed', outputs: {}, tasks: [] } },
};

describe('outputs of the step', () => {
  const outputs = stepOutputs(results, {
    status: 'failed',
    artifact: { id: 7, url: 'https://x/7' },
    reportUrl: 'https://x',
    cost: '0',
    image: 'tasks@sha256:12',
  });
  const byName = Object.fromEntries(outputs.map(({ name, value }) => [name, value]));

  test('are the own ones in the order of the table, then the lattice’s', () => {
    const own = OUTPUTS.map(({ name }) => name);
    expect(outputs.map(({ name }) => name)).toEqual([...own, 'greeting', 'table', 'nothing']);
  });

  test('are texts or JSON', () => {
    expect(byName).toMatchObject({
      'run-id': 'abc',
      counts: '{"failed":1,"succeeded":1,"total":2}',
      cost: '0',
      duration: '1.5',
      failed: '["b"]',
      'artifact-id': '7',
      greeting: 'Hello',
      table: '[1,null]',
      nothing: '',
    });
    expect(outputText(false)).toBe('false');
  });

  test('never lose an own one to a name of the lattice, whatever its case', () => {
    expect(byName['status']).toBe('failed');
    expect(byName).not.toHaveProperty('Status');
  });

  test('over the limit are dropped, and smaller ones after them stay', () => {
    const half = 'x'.repeat(OUTPUT_BYTES / 4);
    const fitted = fitOutputs([
      { name: 'a', value: half },
      { name: 'b', value: half },
      { name: 'c', value: 'y' },
    ]);
    expect(fitted.kept.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(fitted.dropped).toEqual(['b']);
  });
});

describe('the artifact', () => {
  test.each([
    ['test', '__self/0', '1', 'lattice-test-self-0-1'],
    ['other', '__self/0', '1', 'lattice-other-self-0-1'],
    ['test', '__self/1', '1', 'lattice-test-self-1-1'],
    ['test', '__self/0', '2', 'lattice-test-self-0-2'],
    ['test', 'build: <a|b>/2', '3', 'lattice-test-build-a-b-2-3'],
    ['', '', '1', 'lattice-1'],
    ['', '///', '', 'lattice-1'],
  ])('of job %j, key %j at attempt %s is %s', (job, key, attempt, name) => {
    expect(artifactName(job, key, attempt)).toBe(name);
  });

  test.each([
    [
      { GITHUB_SERVER_URL: 'https://github.corp.example' },
      'GitHub Enterprise Server (github.corp.example)',
    ],
    [{ GITHUB_SERVER_URL: 'https://github.com' }, 'ACTIONS_RUNTIME_TOKEN'],
  ])('cannot be where %j', (environment, words) => {
    expect(artifactObstacle(environment)).toContain(words);
  });

  test.each(['https://github.com', 'https://octo.ghe.com', 'http://github.localhost:3000'])(
    'can be at %s',
    (server) => {
      expect(
        artifactObstacle({
          GITHUB_SERVER_URL: server,
          ACTIONS_RUNTIME_TOKEN: 't',
          ACTIONS_RESULTS_URL: 'u',
        }),
      ).toBeUndefined();
    },
  );
});
