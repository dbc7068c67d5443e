import type { SystemCallHandler } from '../system-call.ts';
import { descriptorCalls } from './descriptor-calls.ts';
import { openCalls } from './open-calls.ts';
import { statusCalls } from './status-calls.ts';
import { transferCalls } from './transfer-calls.ts';

/** The system calls on files and descriptors, by their asm-generic names. */
export const fileSystemCalls: Readonly<Record<string, SystemCallHandler>> = {
  ...openCalls,
  ...transferCalls,
  ...statusCalls,
  ...descriptorCalls,
};
