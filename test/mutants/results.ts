import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Mutant } from './mutant.ts';
import type { Attempt } from './try-mutant.ts';

/** What became of a mutant, under a suite. */
export interface MutantResult {
  readonly id: string;
  readonly suite: 'ci' | 'long';
  /** Of the mutant: what was found holds for this change, wherever else the sources have changed. */
  readonly key: string;
  readonly caught: Attempt['caught'] | null;
  readonly seconds: number;
}

export const keyOf = (mutant: Mutant): string =>
  createHash('sha256').update(JSON.stringify(mutant)).digest('hex').slice(0, 16);

/** Results as lines of a file, written one by one, so that a run that was stopped goes on where it was. */
export class Results {
  readonly #file: string;
  readonly #found = new Map<string, MutantResult>();

  constructor(file: string, fresh: boolean) {
    this.#file = file;
    if (fresh) rmSync(file, { force: true });
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      // A line that was being written when the run was killed is not whole.
      if (!line.endsWith('}')) continue;
      const result = JSON.parse(line) as MutantResult;
      this.#found.set(`${result.suite} ${result.id}`, result);
    }
  }

  /** What is known of a mutant as it is now. */
  of(mutant: Mutant, suite: MutantResult['suite']): MutantResult | undefined {
    const result = this.#found.get(`${suite} ${mutant.id}`);
    return result?.key === keyOf(mutant) ? result : undefined;
  }

  add(mutant: Mutant, suite: MutantResult['suite'], { caught, seconds }: Attempt): MutantResult {
    const result = { id: mutant.id, suite, key: keyOf(mutant), caught: caught ?? null, seconds };
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
    this.#found.set(`${suite} ${mutant.id}`, result);
    return result;
  }
}
