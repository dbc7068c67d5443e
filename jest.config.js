const ci = process.env.CI === 'true';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testTimeout: 120_000,
  maxWorkers: 2,
  // A worker keeps the modules of every suite that it ran, for they live in vm contexts; collecting garbage, which
  // WebAssembly's memories ask for often, then takes longer and longer: late suites ran ten times as long as alone.
  workerIdleMemoryLimit: '100MB',
  testSequencer: '<rootDir>/test/longest-first.js',
  // Coverage costs time, so only continuous integration measures and enforces it.
  collectCoverage: ci,
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'json-summary'],
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts'],
  coverageThreshold: { global: { lines: 85 } },
  reporters: [
    'default',
    ...(ci ? [['<rootDir>/test/results-reporter.js', { file: 'coverage/results.json' }]] : []),
  ],
};
