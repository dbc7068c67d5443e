/**
 * Isochron as a library: open a store, then run, record, replay, compare and inspect guest programs, and watch the
 * events of recordings as RxJS Observables. See docs/how-to/use-the-library.md.
 *
 *     const isochron = await openIsochron({ directory: '.isochron' });
 *     const run = await isochron.run({ program, programPath: '/bin/guest', record: 'first' });
 *     const replay = await isochron.replay({ recording: 'first', engine: 'golden' });
 *     isochron.events({ recording: 'first' }).subscribe(({ type }) => console.log(type));
 *     await isochron.close();
 */
export { openIsochron, type OpenOptions } from './composition-root.ts';
export type {
  BacktraceFrame,
  CompareRequest,
  CompareResult,
  Control,
  DisassembledLine,
  EventsRequest,
  InspectRequest,
  Instant,
  Isochron,
  OutputSink,
  Progress,
  RecordingEnd,
  RecordingSummary,
  ReplayRequest,
  ReplayResult,
  RunRequest,
  RunResult,
  RunStatus,
  ThreadAtInstant,
} from './application/isochron.ts';
export type { BranchSummary, ForkRequest, ForkResult } from './application/branches/fork-request.ts';
export type { DiffRequest, DiffResult } from './application/diff/diff-request.ts';
export type { Effect, EffectKind } from './application/traces/effect.ts';
export type { EffectExportRequest, EffectExportResult } from './application/traces/export-effects.ts';
export type { TimelineExportRequest } from './application/traces/export-timeline.ts';
export type { QueryRequest } from './application/traces/query-effects.ts';
export type { SqlResult, SqlValue } from './application/ports/sql-database.ts';
export type { TraceRequest } from './application/traces/trace-request.ts';
export type { GuestEvent } from './application/ports/guest-event.ts';
export type {
  Moment,
  Search,
  StepControl,
  StepResult,
  TravelRequest,
  TravelSession,
  WatchedRange,
} from './application/travel/travel.ts';
export type { StoredEvent } from './application/ports/event-store.ts';
export type { HostMount, StandardInput } from './application/ports/host-factory.ts';
export { type Damage, StoreFault } from './application/ports/store-fault.ts';
export type { Edit } from './domain/virtual-machine/edit.ts';
export type { MachineEvent } from './domain/virtual-machine/events.ts';
export { assemble } from './domain/isa/assembler.ts';
export { riscv64 } from './domain/isa/riscv64/riscv64.ts';
