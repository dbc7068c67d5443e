import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProfiledBlock } from '../../src/domain/profile/events.ts';
import { entriesOf } from '../../src/domain/profile/profile.ts';
import { usuallyHot } from '../../src/application/guidance/translate-ahead.ts';
import { threadTranslator } from '../../src/infrastructure/engine/wasm/ahead/thread-translator.ts';
import type { GuidedProgram } from './guided-programs.ts';
import { guidedSetup } from './guided-setup.ts';

/** How translation ahead was divided, and what it took: seconds, CPU of all threads, from the first thread's start to the last one's end. */
export interface AheadTime {
  readonly jobs: number;
  /** Regions that a thread is asked for at a time. */
  readonly chunk: number;
  readonly regions: number;
  readonly cpu: number;
  readonly wall: number;
}

const divisions = [
  { jobs: 1, chunk: 8 },
  { jobs: 2, chunk: 1 },
  { jobs: 2, chunk: 4 },
  { jobs: 2, chunk: 8 },
  { jobs: 2, chunk: 32 },
] as const;

/** Where bench runs look for what was translated. */
export const benchIdentity = 'bench';

/** Translates a program's hot blocks ahead, into `directory`. */
export async function translatedAhead(
  program: GuidedProgram,
  blocks: readonly ProfiledBlock[],
  directory: string,
  { jobs, chunk }: { readonly jobs: number; readonly chunk: number } = divisions[0],
): Promise<AheadTime> {
  const hot = blocks.filter((block) => entriesOf(block) >= usuallyHot).map(({ address }) => address);
  const translator = threadTranslator({ directory, identity: benchIdentity }, chunk);
  const setup = guidedSetup(readFileSync(program.path), program.path, program.measured);
  const [before, began] = [process.cpuUsage(), performance.now()];
  const { translated } = await translator.translate({ setup, addresses: [...new Set(hot)], jobs });
  const { user, system } = process.cpuUsage(before);
  const wall = (performance.now() - began) / 1000;
  return { jobs, chunk, regions: translated, cpu: (user + system) / 1e6, wall };
}

/** The same in every division, each from nothing. */
export async function aheadTimes(
  program: GuidedProgram,
  blocks: readonly ProfiledBlock[],
  scratch: string,
): Promise<readonly AheadTime[]> {
  const times: AheadTime[] = [];
  for (const division of divisions) {
    const directory = mkdtempSync(join(scratch, 'ahead-'));
    times.push(await translatedAhead(program, blocks, directory, division));
    rmSync(directory, { recursive: true });
  }
  return times;
}
