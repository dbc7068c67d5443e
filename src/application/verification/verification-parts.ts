import type { AssemblyOptions } from '../../domain/isa/assembler.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { EncodingClass } from '../../domain/isa/riscv64/encoding-classes.ts';
import type { ConsumerGroups } from '../ports/consumer-groups.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import type { Oracle } from '../ports/oracle.ts';
import type { ExecutedBlock, ExecutedSubject, ExecutionControl } from '../proofs/executed-subject.ts';
import type { HashFunction } from '../../domain/shared/digest.ts';
import type { Assembler, Disassembler } from '../ports/written-oracle.ts';
import type { Relation } from './relation.ts';
import type { ExtendedIsa } from './subjects.ts';

/** Oracles by the name that they are asked for by, best first; loaded when needed. */
export type OracleLoaders<T> = ReadonlyMap<string, () => Promise<T>>;

/** What verification is made of. */
export interface VerificationParts {
  readonly isa: ExtendedIsa & AssemblyOptions['isa'];
  /** The engines under test by name (`engine:tier` where an engine has several). */
  readonly tested: ReadonlyMap<string, ExecutionEngine>;
  readonly reference: ExecutionEngine;
  /** The reference on optimised IR. */
  readonly optimised: ExecutionEngine;
  /** The oracles for what instructions do. */
  readonly oracles: OracleLoaders<Oracle>;
  /** The oracles for how instructions are written. */
  readonly disassemblers: OracleLoaders<Disassembler>;
  readonly assemblers: OracleLoaders<Assembler>;
  /** The blocks that a program or recording executes. */
  readonly executed: (
    subject: ExecutedSubject,
    control: ExecutionControl,
  ) => Promise<readonly ExecutedBlock[]>;
  /** Names a program by its content. */
  readonly hash: HashFunction;
  readonly events: EventStore;
  /** For campaigns that are left to workers. */
  readonly groups: ConsumerGroups;
  readonly newId: () => string;
}

/** A relation that can be tried, with what it is about. */
export interface PreparedRelation {
  readonly tested: readonly string[];
  readonly reference: string;
  readonly notAsked: readonly string[];
  /** Whether cases of that class can be tried. */
  reaches(row: Row, each: EncodingClass): boolean;
  /** Begins with fresh machines, so that no shard depends on what another one left. */
  begin(rows: readonly Row[]): Relation;
}
