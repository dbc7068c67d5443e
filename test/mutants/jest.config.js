import base from '../../jest.config.js';

/** The repository's tests, with the fault that ISOCHRON_MUTANT names in the sources. */
export default {
  ...base,
  rootDir: '../..',
  transform: Object.fromEntries(
    Object.entries(base.transform).map(([files, [, options]]) => [
      files,
      ['<rootDir>/test/mutants/jest-transformer.js', options],
    ]),
  ),
  maxWorkers: 1,
  // In the process that has the fault; a worker would have to start first.
  workerIdleMemoryLimit: undefined,
  collectCoverage: false,
  reporters: [],
};
