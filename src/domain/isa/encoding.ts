import type { BitPattern } from './pattern.ts';
import type { SdmPattern } from './sdm-pattern.ts';

/** How an instruction is encoded: bit fields (RISC-V, Arm) or SDM opcode notation (x86-64). */
export type Encoding = BitPattern | SdmPattern;
