import { flag, text } from './option-values.ts';

/** Options that several commands have, worded once. */

export const storeOption = {
  store: text(
    'STORE',
    'the directory that holds the recordings, or the esdb:// or kurrentdb:// URL of a server',
    {
      complete: 'directory',
      fallback: '$ISOCHRON_HOME, else .isochron',
    },
  ),
} as const;

export const engineOption = {
  engine: text(
    'ENGINE',
    'the engine that executes: wasm (translates to WebAssembly) or golden (the slow reference)',
    {
      complete: 'engine',
      fallback: 'wasm',
    },
  ),
} as const;

export const jsonOption = { json: flag('print the result as one line of JSON on standard output') } as const;

export const recordingOperand = {
  name: 'RECORDING',
  summary: 'the recording’s name, as `isochron recordings list` prints it, or a branch as RECORDING/BRANCH',
  required: true,
  complete: 'recording',
} as const;
