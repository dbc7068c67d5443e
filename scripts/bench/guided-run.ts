/**
 * Runs one guest under one policy, in a process of its own, and prints what it cost as JSON:
 * `node scripts/bench/guided-run.ts POLICY PROGRAM [ARGUMENT…]`. POLICY: `usual`, `counter:LIMIT`, `adaptive`, `profile:FILE`,
 * `learned:FILE`, or `kept:DIRECTORY`, which is the usual one with the regions that are kept there.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createLinuxMachine } from '../../src/application/linux/linux-machine.ts';
import type { TranslationPolicy } from '../../src/application/ports/translation-policy.ts';
import type { PromotionModel } from '../../src/domain/guidance/promotion-model.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import type { ProfiledBlock } from '../../src/domain/profile/events.ts';
import { KeptRegions } from '../../src/infrastructure/engine/wasm/cache/kept-regions.ts';
import { RegionFiles } from '../../src/infrastructure/engine/wasm/cache/region-files.ts';
import { wasmEngineWith } from '../../src/infrastructure/engine/wasm/wasm-engine.ts';
import { adaptiveCounterPolicy } from '../../src/infrastructure/guidance/adaptive-counter-policy.ts';
import { counterPolicy, usualPolicy } from '../../src/infrastructure/guidance/counter-policy.ts';
import { policies } from '../../src/infrastructure/guidance/policies.ts';
import { nodeHash } from '../../src/infrastructure/hashing/node-hash.ts';
import { createMountedHost } from '../../src/infrastructure/host/mounted-host-system.ts';
import { benchIdentity } from './ahead-times.ts';
import { guidedSetup } from './guided-setup.ts';

/** What a guided run cost. */
export interface GuidedRun {
  /** Seconds of CPU, user and system, all threads of the process, from the loading of the program to its end. */
  readonly cpu: number;
  readonly icount: number;
  readonly exitCode: number;
  /** Translated, and taken over from other processes. */
  readonly regions: number;
  readonly restored: number;
  /** Milliseconds, wall clock. */
  readonly translation: { readonly mean: number; readonly p99: number; readonly total: number };
  readonly coldTotal: number;
}

const slice = 4_000_000;

function policyFrom(spec: string): TranslationPolicy {
  const [kind, argument = ''] = spec.split(/:(.*)/s);
  const json = (): unknown => JSON.parse(readFileSync(argument, 'utf8'));
  if (kind === 'usual' || kind === 'kept') return usualPolicy;
  if (kind === 'counter') return counterPolicy(Number(argument));
  if (kind === 'adaptive') return adaptiveCounterPolicy();
  if (kind === 'profile') return policies.profile(json() as readonly ProfiledBlock[]);
  return policies.learned(json() as PromotionModel);
}

const [spec = 'adaptive', program = '', ...guestArguments] = process.argv.slice(2);
const image = readFileSync(program);
const policy = policyFrom(spec);
const kept = spec.startsWith('kept:')
  ? new KeptRegions(new RegionFiles(spec.slice('kept:'.length), benchIdentity))
  : undefined;
const before = process.cpuUsage();
const machine = createLinuxMachine(guidedSetup(image, program, guestArguments), {
  engine: wasmEngineWith({ kept: () => kept }),
  isa: riscv64,
  host: createMountedHost({
    mounts: [{ host: dirname(program), guest: '/data', readOnly: true }],
    stdin: 'closed',
    output: () => undefined,
  }),
  hash: nodeHash,
  policy,
});
while (machine.status.kind === 'running') machine.advance(machine.icount + slice);
kept?.save();
const { user, system } = process.cpuUsage(before);
const { status, icount, statistics } = machine;
const { region, interpreter } = statistics.tiers;
const { mean, p99, total } = region.time;
process.stdout.write(
  JSON.stringify({
    cpu: (user + system) / 1e6,
    icount,
    exitCode: status.kind === 'exited' ? status.code : -1,
    regions: region.translations,
    restored: statistics.restored.regions,
    translation: { mean: mean / 1000, p99: p99 / 1000, total: total / 1000 },
    coldTotal: interpreter.time.total / 1000,
  } satisfies GuidedRun),
);
