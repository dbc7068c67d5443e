import type { AssemblyOptions } from '../../domain/isa/assembler.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { EncodingClass } from '../../domain/isa/riscv64/encoding-classes.ts';
import type { ConsumerGroups } from '../ports/consumer-groups.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ExecutionEngine } from '../ports/execution-engine.ts';
import type { Oracle } from '../ports/oracle.ts';
import { EncodingRelation } from './encoding-relation.ts';
import { EngineRelation } from './engine-relation.ts';
import { OracleRelation } from './oracle-relation.ts';
import { reaches, unaskable } from './oracle-samples.ts';
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
  /** The reference on optimised IR. */
  readonly optimised: ExecutionEngine;
  /** The oracles by the name that they are asked for by, best first; loaded when needed. */
  readonly oracles: ReadonlyMap<string, () => Promise<Oracle>>;
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

/** Throws `unknown-engine`, `unknown-oracle` or `oracle-absent`. */
export async function prepareRelation(
  request: VerifyRequest,
  parts: VerificationParts,
): Promise<PreparedRelation> {
  const { relation = 'engine', blockLength = 1 } = request;
  const { isa, reference } = parts;
  if (relation !== 'engine' && relation !== 'optimised' && blockLength !== 1)
    throw new VerificationError(
      'invalid-campaign',
      `blocks are for the relations engine and optimised; ${relation} is about single instructions`,
    );
  if (relation === 'encoding' || relation === 'assembly')
    return {
      tested: ['isa'],
      reference: 'isa',
      notAsked: [],
      reaches: () => true,
      begin: () => new EncodingRelation(isa, relation),
    };
  if (relation === 'oracle') return prepareOracle(request, parts);
  const { optimised } = parts;
  const tested =
    relation === 'optimised'
      ? enginesNamed(new Map([[optimised.name, optimised]]), request.engines)
      : enginesNamed(parts.tested, request.engines);
  return {
    tested: [...tested.keys()],
    reference: reference.name,
    notAsked: [],
    reaches: () => true,
    begin: (rows) => new EngineRelation({ isa, reference, tested, blockLength, rows }),
  };
}

/** The reference engine against an oracle, unless another engine is named. */
async function prepareOracle(request: VerifyRequest, parts: VerificationParts): Promise<PreparedRelation> {
  const { isa, reference, oracles } = parts;
  const all = new Map([...parts.tested, [reference.name, reference] as const]);
  const [[name, engine] = [reference.name, reference], ...more] = request.engines?.length
    ? enginesNamed(all, request.engines)
    : [];
  if (more.length > 0)
    throw new VerificationError(
      'invalid-campaign',
      `an oracle is asked about one engine at a time; name one of ${[...all.keys()].join(', ')}`,
    );
  const oracle = await presentOracle(oracles, request.oracle);
  return {
    tested: [name],
    reference: oracle.name,
    notAsked: unaskable(isa, oracle).map((row) => row.name),
    reaches: (row, each) => reaches(isa, row, oracle, each),
    begin: () => new OracleRelation(isa, engine, oracle),
  };
}

/** The oracle of that name; without one, the first that is there. */
async function presentOracle(
  oracles: VerificationParts['oracles'],
  wanted: string | undefined,
): Promise<Oracle> {
  if (wanted !== undefined && !oracles.has(wanted))
    throw new VerificationError(
      'unknown-oracle',
      `there is no oracle named ${JSON.stringify(wanted)}; there are ${[...oracles.keys()].join(', ')}`,
      { oracle: wanted },
    );
  const absent: string[] = [];
  for (const [name, load] of oracles) {
    if (wanted !== undefined && name !== wanted) continue;
    const oracle = await load();
    if (oracle.absent === undefined) return oracle;
    absent.push(oracle.absent);
  }
  throw new VerificationError('oracle-absent', `no oracle can be asked: ${absent.join('; ')}`);
}

/** The engines of those names; `wasm` stands for every tier of it. Without names, all. */
export function enginesNamed(
  engines: ReadonlyMap<string, ExecutionEngine>,
  names: readonly string[] = [],
): ReadonlyMap<string, ExecutionEngine> {
  if (names.length === 0) return engines;
  const found = new Map<string, ExecutionEngine>();
  for (const wanted of names) {
    const exact = engines.get(wanted);
    const named = exact
      ? [[wanted, exact] as const]
      : [...engines].filter(([name]) => name.startsWith(`${wanted}:`));
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
