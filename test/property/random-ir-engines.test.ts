import { expect, test } from '@jest/globals';
import { optimisedEngine } from '../../src/infrastructure/engine/golden/optimised-engine.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { differenceOnRandomIr } from './random-ir-engines.ts';

/** ISOCHRON_SEED repeats a failure, ISOCHRON_BLOCKS says how many blocks. */
const blocks = Number(process.env['ISOCHRON_BLOCKS'] ?? (process.env['CI'] ? 4000 : 1000));
const seed = Number(process.env['ISOCHRON_SEED'] ?? 20_261_125);

test.each([
  ['wasm (regions)', wasmEngineWith({ hotLimit: 0 })],
  ['wasm (interpreter)', wasmEngineWith({ hotLimit: Infinity })],
  ['golden (optimised)', optimisedEngine],
])(`%s does what golden does on ${blocks} blocks of random IR of every integer width`, (_, engine) => {
  expect(differenceOnRandomIr(engine, blocks, seed)).toBeUndefined();
});
