import base from './jest.config.mjs';

/** Whole runs against the simulated AWS over HTTP, with the bundles as they are shipped. @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['**/*.e2e.ts'],
  testTimeout: 180_000,
};
