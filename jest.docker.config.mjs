import base from './jest.config.mjs';

/** What needs a Docker Engine and a registry; `npm run e2e:docker` starts them. @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['**/*.docker.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
