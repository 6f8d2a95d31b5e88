import { expect, test } from '@jest/globals';
import { taskEnvironment } from '../../../src/backends/local/index.ts';

test('tasks get the environment of the caller without what steers the workflow or authorises the job', () => {
  expect(
    taskEnvironment({
      PATH: '/bin',
      HOME: '/root',
      EMPTY: '',
      UNSET: undefined,
      GITHUB_REPOSITORY: 'octo/repo',
      GITHUB_SHA: 'abc',
      GITHUB_ENV_NAME: 'kept',
      RUNNER_TEMP: '/tmp',
      ACTIONS_RUNTIME_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      INPUT_LATTICE: 'x',
      STATE_run: 'x',
      GITHUB_ENV: 'x',
      GITHUB_PATH: 'x',
      GITHUB_OUTPUT: 'x',
      GITHUB_STATE: 'x',
      GITHUB_STEP_SUMMARY: 'x',
      GITHUB_TOKEN: 'x',
    }),
  ).toEqual({
    PATH: '/bin',
    HOME: '/root',
    EMPTY: '',
    GITHUB_REPOSITORY: 'octo/repo',
    GITHUB_SHA: 'abc',
    GITHUB_ENV_NAME: 'kept',
    RUNNER_TEMP: '/tmp',
  });
});
