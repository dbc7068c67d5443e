import { AssemblerRelation } from './assembler-relation.ts';
import { DisassemblyRelation } from './disassembly-relation.ts';
import { EncodingRelation } from './encoding-relation.ts';
import { presentOracles } from './present-oracles.ts';
import type { VerifyRequest } from './verification.ts';
import { VerificationError } from './verification-error.ts';
import type { PreparedRelation, VerificationParts } from './verification-parts.ts';

/** Relations about how instructions are written: nothing is executed. */
const written = { tested: ['isa'], notAsked: [], reaches: () => true } as const;

/** The encodings held against each other, or against an assembler where one is named. */
export async function prepareEncoding(
  relation: 'encoding' | 'assembly',
  { oracle }: VerifyRequest,
  { isa, assemblers }: VerificationParts,
): Promise<PreparedRelation> {
  if (oracle === undefined)
    return { ...written, reference: 'isa', begin: () => new EncodingRelation(isa, relation) };
  if (relation === 'assembly')
    throw new VerificationError(
      'invalid-campaign',
      `assembly is held against disassembly, not against ${oracle}; ask an oracle about the relation encoding`,
    );
  const [assembler] = await presentOracles(assemblers, oracle);
  return { ...written, reference: assembler.name, begin: () => new AssemblerRelation(isa, assembler) };
}

/** The disassembly held against the vote of the disassemblers that are installed, or of the one that is named. */
export async function prepareDisassembly(
  { oracle }: VerifyRequest,
  { isa, disassemblers }: VerificationParts,
): Promise<PreparedRelation> {
  const voters = await presentOracles(disassemblers, oracle);
  return {
    ...written,
    reference: voters.map(({ name }) => name).join(', '),
    begin: () => new DisassemblyRelation(isa, voters),
  };
}
