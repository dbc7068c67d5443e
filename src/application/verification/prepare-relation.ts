import type { ExecutionEngine } from '../ports/execution-engine.ts';
import { EngineRelation } from './engine-relation.ts';
import type { EngineTrialParts } from './engine-trial.ts';
import { OracleRelation } from './oracle-relation.ts';
import { reaches, unaskable } from './oracle-samples.ts';
import { prepareDisassembly, prepareEncoding } from './prepare-written.ts';
import { presentOracles } from './present-oracles.ts';
import type { VerifyRequest } from './verification.ts';
import type { PreparedRelation, VerificationParts } from './verification-parts.ts';
import { VerificationError } from './verification-error.ts';

/** Throws `unknown-engine`, `unknown-oracle` or `oracle-absent`. */
export async function prepareRelation(
  request: VerifyRequest,
  parts: VerificationParts,
): Promise<PreparedRelation> {
  const { relation = 'engine', blockLength = 1 } = request;
  const { isa } = parts;
  if (relation !== 'engine' && relation !== 'optimised' && blockLength !== 1)
    throw new VerificationError(
      'invalid-campaign',
      `blocks are for the relations engine and optimised; ${relation} is about single instructions`,
    );
  if (relation === 'encoding' || relation === 'assembly') return prepareEncoding(relation, request, parts);
  if (relation === 'disassembly') return prepareDisassembly(request, parts);
  if (relation === 'oracle') return prepareOracle(request, parts);
  const { tested, reference } = enginesUnderTest(relation, request, parts);
  return {
    tested: [...tested.keys()],
    reference: reference.name,
    notAsked: [],
    reaches: () => true,
    begin: (rows) => new EngineRelation({ isa, reference, tested, blockLength, rows }),
  };
}

/** The engines that a relation between engines is about. */
export function enginesUnderTest(
  relation: 'engine' | 'optimised',
  { engines }: VerifyRequest,
  { tested, optimised, reference }: VerificationParts,
): Pick<EngineTrialParts, 'tested' | 'reference'> {
  const candidates = relation === 'optimised' ? new Map([[optimised.name, optimised]]) : tested;
  return { tested: enginesNamed(candidates, engines), reference };
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
  const [oracle] = await presentOracles(oracles, request.oracle);
  return {
    tested: [name],
    reference: oracle.name,
    notAsked: unaskable(isa, oracle).map((row) => row.name),
    reaches: (row, each) => reaches(isa, row, oracle, each),
    begin: () => new OracleRelation(isa, engine, oracle),
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
