/** A worker thread that could translate: it loads what that takes, and says so. */
import { parentPort } from 'node:worker_threads';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { RegionTranslator } from '../../src/infrastructure/engine/wasm/cache/region-translator.ts';

parentPort?.postMessage(`${riscv64.name} ${RegionTranslator.name}`);
