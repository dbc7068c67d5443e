import type { Relation } from '../../domain/campaign/events.ts';
import type { OracleFact } from './verification.ts';
import { VerificationError } from './verification-error.ts';
import type { OracleLoaders, VerificationParts } from './verification-parts.ts';

interface AnyOracle {
  readonly name: string;
  readonly absent: string | undefined;
}

/** The oracle of that name; without one, all that are installed. One at least. Throws `unknown-oracle` or `oracle-absent`. */
export async function presentOracles<T extends AnyOracle>(
  oracles: OracleLoaders<T>,
  wanted: string | undefined,
): Promise<readonly [T, ...T[]]> {
  if (wanted !== undefined && !oracles.has(wanted))
    throw new VerificationError(
      'unknown-oracle',
      `there is no such oracle named ${JSON.stringify(wanted)}; there are ${[...oracles.keys()].join(', ')}`,
      { oracle: wanted },
    );
  const named = [...oracles].filter(([name]) => wanted === undefined || name === wanted);
  const loaded = await Promise.all(named.map(([, load]) => load()));
  const [first, ...others] = loaded.filter(({ absent }) => absent === undefined);
  if (first === undefined)
    throw new VerificationError(
      'oracle-absent',
      `no oracle can be asked: ${loaded.map(({ absent }) => absent).join('; ')}`,
    );
  return [first, ...others];
}

const loadersOf = ({ oracles, disassemblers, assemblers }: VerificationParts) =>
  new Map<Relation, OracleLoaders<AnyOracle & { readonly lacks?: readonly string[] }>>([
    ['oracle', oracles],
    ['disassembly', disassemblers],
    ['encoding', assemblers],
  ]);

/** The name to ask for the oracle by that is a campaign's reference; undefined where several are, or none. */
export function oracleNamedIn(
  reference: string,
  relation: Relation,
  parts: VerificationParts,
): string | undefined {
  const words = reference.toLowerCase().split(/[ ,]+/);
  const names = [...(loadersOf(parts).get(relation)?.keys() ?? [])].filter((name) =>
    words.some((word) => word === name || word.startsWith(`${name}-`)),
  );
  return names.length === 1 ? names[0] : undefined;
}

/** All oracles, as this machine has them. */
export async function oracleFacts(parts: VerificationParts): Promise<readonly OracleFact[]> {
  const facts: OracleFact[] = [];
  for (const [relation, loaders] of loadersOf(parts))
    for (const [name, load] of loaders) {
      const { name: version, absent, lacks = [] } = await load();
      const without = lacks.length === 0 ? undefined : `without ${lacks.join(', ')}`;
      facts.push({ name, relation, version: absent ? undefined : version, lacks: absent ?? without });
    }
  return facts;
}
