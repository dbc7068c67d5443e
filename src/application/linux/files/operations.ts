/** Finds what an open file can do by its kind. */
import { eventCounterOperations, timerOperations } from './counters.ts';
import { epollOperations } from './epoll.ts';
import type { OpenFile, OpenObject } from './file-system-state.ts';
import type { FileOperations, FileWorld, OperationsTable, Readiness } from './open-files.ts';
import { pipeOperations } from './pipe.ts';
import { socketOperations } from './socket.ts';
import {
  directoryOperations,
  generatedFileOperations,
  hostFileOperations,
  memoryFileOperations,
  pathFileOperations,
} from './stored-files.ts';
import { deviceOperations, streamOperations } from './streams-and-devices.ts';

const operations: OperationsTable = {
  file: memoryFileOperations,
  directory: directoryOperations,
  host: hostFileOperations,
  device: deviceOperations,
  generated: generatedFileOperations,
  path: pathFileOperations,
  stream: streamOperations,
  pipe: pipeOperations,
  socket: socketOperations,
  eventfd: eventCounterOperations,
  timerfd: timerOperations,
  epoll: epollOperations,
};

// The table pairs each kind with operations on that kind, which the type of an indexed access cannot say.
export const operationsOf = (file: OpenFile): FileOperations<OpenObject> =>
  operations[file.object.kind] as unknown as FileOperations<OpenObject>;

const deepest = 8;

/** What poll would say of a file; a file that cannot be polled is always ready. */
export function readinessOf(world: FileWorld, file: OpenFile, depth = 0): Readiness {
  const of = operationsOf(file).readiness;
  if (of === undefined || depth > deepest) return { events: 0, inEdges: 0, outEdges: 0 };
  return of(world, file, (inner) => readinessOf(world, inner, depth + 1));
}
