import type { SystemCallHandler } from '../system-call.ts';
import { attributeCalls } from './attribute-calls.ts';
import { descriptorCalls } from './descriptor-calls.ts';
import { epollCalls } from './epoll-calls.ts';
import { messageCalls } from './message-calls.ts';
import { openCalls } from './open-calls.ts';
import { pollCalls } from './poll-calls.ts';
import { socketCalls } from './socket-calls.ts';
import { spliceCalls } from './splice-calls.ts';
import { statusCalls } from './status-calls.ts';
import { timerCalls } from './timer-calls.ts';
import { transferCalls } from './transfer-calls.ts';
import { treeCalls } from './tree-calls.ts';

/** The system calls on files and descriptors, by their asm-generic names. */
export const fileSystemCalls: Readonly<Record<string, SystemCallHandler>> = {
  ...openCalls,
  ...transferCalls,
  ...statusCalls,
  ...descriptorCalls,
  ...treeCalls,
  ...attributeCalls,
  ...pollCalls,
  ...epollCalls,
  ...timerCalls,
  ...spliceCalls,
  ...socketCalls,
  ...messageCalls,
};
