import { parseCase } from './case-line.ts';
import { caseProgram } from './case-program.ts';
import { checkCase, guestCaseOf } from './check-case.ts';
import { listingOf } from './counterexample.ts';
import { enginesNamed } from './prepare-relation.ts';
import { oracleFacts } from './present-oracles.ts';
import { subjectNames } from './subjects.ts';
import type { VerificationParts } from './verification-parts.ts';
import type { Verification } from './verification.ts';
import { verifyTranslation } from './verify-translation.ts';
import { World } from './world.ts';

/** The verification use cases. */
export function createVerification(parts: VerificationParts): Verification {
  const { isa, tested, optimised, reference } = parts;
  const all = new Map([...tested, ...[optimised, reference].map((engine) => [engine.name, engine] as const)]);
  return {
    engines: [...all.keys()],
    subjects: subjectNames(isa),
    caseProgram: (line) => caseProgram(parseCase('the case', line), isa),
    oracles: () => oracleFacts(parts),
    verify: (request) => verifyTranslation(request, parts),
    checkCase(line, engines) {
      const parsed = parseCase('the case', line);
      return {
        listing: listingOf(isa, guestCaseOf(parsed)),
        results: [...enginesNamed(all, engines)].map(([name, engine]) => ({
          engine: name,
          differences: checkCase(new World(engine, isa), parsed),
        })),
      };
    },
  };
}
