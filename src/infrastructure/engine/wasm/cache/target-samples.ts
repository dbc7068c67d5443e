import { control, targetSamples } from '../../memory/control-memory.ts';

/** Executions that were not guessed, after which the samples of a jump are looked at, one round after another. */
export const usualRounds: readonly number[] = [512, 8192, 131_072, 2_097_152];
/** Targets that are guessed of one jump. */
const maxGuesses = 8;

/** No instruction begins there. */
const nowhere = 0xffff_ffff;

interface Site {
  readonly number: number;
  round: number;
  guesses: readonly number[];
}

/**
 * Where computed calls and jumps go. Translated code notes in control memory where it went if that was no guess, and leaves when it has done
 * so as often as a round takes; whatever is new becomes a guess. Law: a jump that is sampled has rounds to come.
 */
export class TargetSamples {
  readonly #left: Int32Array;
  readonly #last: Uint32Array;
  readonly #sites = new Map<number, Site>();
  readonly #rounds: readonly number[];

  /** `memory`: the control memory. */
  constructor(memory: ArrayBufferLike, rounds: readonly number[]) {
    this.#rounds = rounds;
    this.#left = new Int32Array(memory, control.targetsLeft, targetSamples.sites);
    this.#last = new Uint32Array(memory, control.targets, targetSamples.sites * targetSamples.targets);
  }

  /** Where the jump at an address has gone, most often first; it may go elsewhere. */
  guesses(address: number): readonly number[] {
    return this.#sites.get(address)?.guesses ?? [];
  }

  /** The number under which the jump at an address is to be sampled; undefined when it need not be any more. */
  sampled(address: number): number | undefined {
    let site = this.#sites.get(address);
    if (!site) {
      const number = this.#sites.size;
      if (number === targetSamples.sites) return undefined;
      this.#sites.set(address, (site = { number, round: 0, guesses: [] }));
      this.#begin(site);
    }
    return this.#isOpen(site) ? site.number : undefined;
  }

  /** Takes the rounds that have ended; gives the addresses of the jumps of which there are other guesses, or no rounds, now. */
  learn(): readonly number[] {
    const changed: number[] = [];
    for (const [address, site] of this.#sites) {
      if (!this.#isOpen(site) || this.#left[site.number]! > 0) continue;
      site.round++;
      const fresh = this.#sample(site).filter((target) => !site.guesses.includes(target));
      site.guesses = [...site.guesses, ...fresh].slice(0, maxGuesses);
      this.#begin(site);
      if (fresh.length > 0 || !this.#isOpen(site)) changed.push(address);
    }
    return changed;
  }

  #begin({ number, round }: Site): void {
    this.#left[number] = this.#rounds[round] ?? 0;
    this.#lastOf(number).fill(nowhere);
  }

  #lastOf(number: number): Uint32Array {
    const { targets } = targetSamples;
    return this.#last.subarray(number * targets, (number + 1) * targets);
  }

  #isOpen({ round, guesses }: Site): boolean {
    return round < this.#rounds.length && guesses.length < maxGuesses;
  }

  /** The targets sampled last, those that came often first. */
  #sample({ number }: Site): readonly number[] {
    const times = new Map<number, number>();
    for (const target of this.#lastOf(number))
      if (target !== nowhere) times.set(target, (times.get(target) ?? 0) + 1);
    return [...times].sort(([, a], [, b]) => b - a).map(([target]) => target);
  }
}
