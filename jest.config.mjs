// The SDK warns on Node 20, in every test that loads it, that it will leave it one day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Real ESM, types stripped by swc; runs alike on Node 20 and 24. @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // What needs Python runs through jest.python.config.mjs: `npm test` needs Node and nothing else.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/__tests__/needs-python/'],
  modulePathIgnorePatterns: ['<rootDir>/lib', '<rootDir>/dist'],
  // All processors: jest leaves one out, which is half of a machine with two.
  maxWorkers: '100%',
  testTimeout: 60_000,
};
