import type { AssemblyOptions } from '../../domain/isa/assembler.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import { EncodingRelation } from './encoding-relation.ts';
import { EngineRelation } from './engine-relation.ts';
import type { Relation } from './relation.ts';
import type { ExtendedIsa } from './subjects.ts';
import type { VerifyRequest } from './verification.ts';
import { VerificationError } from './verification-error.ts';

/** What verification is made of. */
export interface VerificationParts {
  readonly isa: ExtendedIsa & AssemblyOptions['isa'];
  /** The engines under test by name (`engine:tier` where an engine has several). */
  readonly tested: ReadonlyMap<string, ExecutionEngine>;
  readonly reference: ExecutionEngine;
  readonly events: EventStore;
  readonly newId: () => string;
}

/** A relation that can be tried, with what it is about. */
export interface PreparedRelation {
  readonly tested: readonly string[];
  readonly reference: string;
  readonly notAsked: readonly string[];
  /** Begins with fresh machines, so that no shard depends on what another one left. */
  begin(rows: readonly Row[]): Relation;
}

/** Throws `unknown-engine`, `unknown-oracle` or `oracle-absent`. */
export async function prepareRelation(
  request: VerifyRequest,
  parts: VerificationParts,
): Promise<PreparedRelation> {
  const { relation = 'engine', blockLength = 1 } = request;
  const { isa, reference } = parts;
  if (relation !== 'engine' && blockLength !== 1)
    throw new VerificationError(
      'invalid-campaign',
      `blocks are for the relation engine; ${relation} is about single instructions`,
    );
  if (relation === 'encoding' || relation === 'assembly')
    return {
      tested: ['isa'],
      reference: 'isa',
      notAsked: [],
      begin: () => new EncodingRelation(isa, relation),
    };
  const tested = enginesNamed(parts.tested, request.engines);
  return {
    tested: [...tested.keys()],
    reference: reference.name,
    notAsked: [],
    begin: (rows) => new EngineRelation({ isa, reference, tested, blockLength, rows }),
  };
}

/** The engines of those names; `wasm` stands for every tier of it. Without names, all. */
export function enginesNamed(
  engines: ReadonlyMap<string, ExecutionEngine>,
  names: readonly string[] = [],
): ReadonlyMap<string, ExecutionEngine> {
  if (names.length === 0) return engines;
  const found = new Map<string, ExecutionEngine>();
  for (const wanted of names) {
    const named = [...engines].filter(([name]) => name === wanted || name.startsWith(`${wanted}:`));
    if (named.length === 0)
      throw new VerificationError(
        'unknown-engine',
        `no engine under test is named ${JSON.stringify(wanted)}; there are ${[...engines.keys()].join(', ')}`,
        { engine: wanted },
      );
    for (const [name, engine] of named) found.set(name, engine);
  }
  return found;
}
