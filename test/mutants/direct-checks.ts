import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCases } from '../../src/application/verification/case-line.ts';
import { createVerification } from '../../src/application/verification/create-verification.ts';
import type { VerifyRequest } from '../../src/application/verification/verification.ts';
import { codeAddress } from '../../src/application/verification/world.ts';
import { rules } from '../../src/domain/ir/optimiser/rules.ts';
import { instanceName } from '../../src/domain/ir/optimiser/rule.ts';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../src/infrastructure/engine/golden/golden-engine.ts';
import { optimisedEngine } from '../../src/infrastructure/engine/golden/optimised-engine.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { MemoryEventStore } from '../../src/infrastructure/event-store/memory-event-store.ts';
import { StoredConsumerGroups } from '../../src/infrastructure/event-store/stored-consumer-groups.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';
import { gnuAssembler } from '../../src/infrastructure/oracle/gnu/gnu-assembler.ts';
import { objdumpDisassembler } from '../../src/infrastructure/oracle/gnu/objdump-disassembler.ts';
import { llvmDisassembler } from '../../src/infrastructure/oracle/llvm/llvm-mc-disassembler.ts';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { unicornOracle } from '../../src/infrastructure/oracle/unicorn/unicorn-oracle.ts';
import { caseRunner } from '../conformance/conformance-runner.ts';
import { EnginePairs } from '../property/engine-pairs.ts';
import { Random } from '../../src/application/verification/generators/random.ts';
import { randomEffects } from '../property/random-effects.ts';
import { instructionOf, liftBlock, randomOperations, randomSurrounding } from '../property/random-ir.ts';
import { differenceOnRandomIr } from '../property/random-ir-engines.ts';
import { evidenceFor, proof, proofByPowers, sample, violation } from '../property/rule-evidence.ts';
import { wrongPass } from '../property/wrong-pass.ts';
import { root } from './mutant.ts';

/**
 * The checks of the test suite that need no test runner: the same code on the same inputs, much sooner. Each gives what failed
 * first, or nothing. `long`: as many samples as the long campaign has.
 */
export interface Effort {
  readonly long: boolean;
  /** Which rules to prove; all, where a mutant says nothing. */
  readonly focus: string | undefined;
}
type DirectCheck = (effort: Effort) => string | undefined | Promise<string | undefined>;

const engines = [
  ['golden', goldenEngine],
  ['regions', wasmEngineWith({ hotLimit: 0 })],
  ['regions, checked', wasmEngineWith({ hotLimit: 0, memory: 'checked' })],
  ['interpreter', wasmEngineWith({ hotLimit: Infinity })],
] as const;

function conformance(): string | undefined {
  const folder = join(root, 'test/conformance/riscv64');
  const cases = readdirSync(folder)
    .filter((name) => name.endsWith('.cases'))
    .flatMap((name) => parseCases(name, readFileSync(join(folder, name), 'utf8')));
  for (const { place, bytes, text, before } of cases) {
    const decoded = riscv64.decode(bytes);
    const address = before.slots.get('pc') ?? codeAddress;
    const read = typeof decoded === 'string' ? decoded : riscv64.disassemble(decoded, address);
    if (read !== text) return `${place}: disassembles to ${read}`;
    const assembled = assemble(text, { isa: riscv64, origin: address });
    if (typeof decoded === 'object' && !(assembled.ok && Buffer.from(assembled.value.bytes).equals(bytes)))
      return `${place}: is assembled otherwise`;
  }
  for (const [name, engine] of engines) {
    const run = caseRunner(engine);
    for (const each of cases) {
      const [fault] = run(each);
      if (fault !== undefined) return `${each.place} on ${name}: ${fault}`;
    }
  }
  return undefined;
}

const events = new MemoryEventStore();
const verification = createVerification({
  isa: riscv64,
  reference: goldenEngine,
  optimised: optimisedEngine,
  tested: new Map([
    ['wasm:regions', wasmEngineWith({ hotLimit: 0 })],
    ['wasm:interpreter', wasmEngineWith({ hotLimit: Infinity })],
  ]),
  oracles: new Map([
    ['unicorn', () => Promise.resolve(unicornOracle())],
    ['qemu', () => Promise.resolve(qemuUserOracle(join(root, 'test/guests/bin/instruction-runner')))],
  ]),
  disassemblers: new Map([
    ['objdump', () => Promise.resolve(objdumpDisassembler())],
    ['llvm-mc', () => Promise.resolve(llvmDisassembler())],
  ]),
  executed: () => Promise.resolve([]),
  hash: nodeHash,
  assemblers: new Map([['as', () => Promise.resolve(gnuAssembler())]]),
  events,
  groups: new StoredConsumerGroups(events),
  newId: () => crypto.randomUUID(),
});

const campaign =
  (request: VerifyRequest, longCases: number): DirectCheck =>
  async ({ long }) => {
    const { state } = await verification.verify({ ...request, ...(long && { cases: longCases }) });
    const found = state.counterexamples[0];
    return found && `${found.tested}: ${found.listing.join('; ')}`;
  };

async function rulesBySmt({ focus }: Effort): Promise<string | undefined> {
  const concerned = rules.filter(({ name }) => focus === undefined || new RegExp(focus).test(name));
  if (concerned.length === 0) throw new Error(`no rule is named like ${focus!}`);
  for (const rule of concerned) {
    const { whole, powers, tested } = evidenceFor(rule);
    for (const typing of [...whole, ...powers]) {
      const verdicts = powers.includes(typing)
        ? await proofByPowers(rule, typing)
        : [await proof(rule, typing)];
      if (verdicts.some(({ kind }) => kind !== 'unsatisfiable')) return instanceName(rule, typing);
    }
    const random = new Random(20_261_125);
    for (const typing of tested)
      for (let at = 0; at < 10_000; at++)
        if (violation(rule, typing, sample(rule, typing, random)) !== undefined)
          return instanceName(rule, typing);
  }
  return undefined;
}

function optimisedIsRaw({ long }: Effort): string | undefined {
  const random = new Random(20_261_125);
  for (let at = 0; at < (long ? 60_000 : 10_000); at++) {
    const code = Array.from({ length: 1 + random.below(24) }, () => instructionOf(random.below(2 ** 31)));
    const surroundings = [1, 2, 3].map(() => randomSurrounding(random));
    const [pass, what] = wrongPass(liftBlock(code), surroundings);
    if (pass !== undefined) return `${pass}: ${what!}`;
    const [otherPass, otherWhat] = wrongPass(randomOperations(random, 1 + random.below(16)), surroundings);
    if (otherPass !== undefined) return `${otherPass}: ${otherWhat!}`;
    const [lastPass, lastWhat] = wrongPass(randomEffects(random, 1 + random.below(12)), surroundings);
    if (lastPass !== undefined) return `${lastPass}: ${lastWhat!}`;
  }
  return undefined;
}

function randomIr({ long }: Effort): string | undefined {
  for (const [name, engine] of engines.slice(1)) {
    const difference = differenceOnRandomIr(engine, long ? 20_000 : 4000, 20_261_125);
    if (difference !== undefined) return `${name}: ${difference}`;
  }
  return undefined;
}

export const directChecks = {
  'conformance cases': conformance,
  'golden ≡ Unicorn': campaign({ relation: 'oracle', oracle: 'unicorn', cases: 200 }, 10_000),
  'golden ≡ qemu': campaign({ relation: 'oracle', oracle: 'qemu', cases: 200 }, 10_000),
  'encode ∘ decode': campaign({ relation: 'encoding', cases: 200 }, 2000),
  'assemble ∘ disassemble': campaign({ relation: 'assembly', cases: 200 }, 2000),
  'wasm ≡ golden': campaign({ cases: 200 }, 10_000),
  'wasm ≡ golden, blocks': campaign({ cases: 200, blockLength: 20 }, 5000),
  'wasm ≡ golden, random IR': randomIr,
  'wasm ≡ golden, pairs': ({ long }) =>
    new EnginePairs().run(long ? 1_000_000 : 100_000, 20_260_101)?.block.join('; '),
  'rules by SMT': rulesBySmt,
  'optimised ≡ raw': optimisedIsRaw,
} as const satisfies Record<string, DirectCheck>;

export type DirectCheckName = keyof typeof directChecks;
