import base from './jest.config.mjs';

/** Tests of examples that run Python; `.ci/run` calls them. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/__tests__/needs-python'],
  testPathIgnorePatterns: ['/node_modules/'],
};
