import type { ExecutionEngine } from '../../../application/ports/execution-engine.ts';
import { GoldenMachine } from './golden-machine.ts';

/** The reference engine: interprets IR with BigInt. Slow and plainly right. */
export const goldenEngine: ExecutionEngine = {
  name: 'golden',
  createMachine: (options) => new GoldenMachine(options),
};
