import { control, targetSamples } from '../../memory/control-memory.ts';

/** Executions that were not guessed, after which the samples of a jump are looked at, one round after another. */
export const usualRounds: readonly number[] = [512, 8192, 131_072, 2_097_152];
/** Targets that are guessed of one jump. */
const maxGuesses = 8;

/** No instruction begins there. */
const nowhere = 0xffff_ffff;

/** What is known of a jump, as it goes into the code that is made of it. */
export interface KnownJump {
  readonly address: number;
  /** Under which it is sampled. */
  readonly number: number | undefined;
  /** Rounds that have ended. */
  readonly round: number;
  readonly guesses: readonly number[];
}

interface Site {
  readonly number: number | undefined;
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
  readonly #numbers = new Set<number>();
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
      const number = this.#numberFor(address);
      if (number === undefined) return undefined;
      site = this.#add(address, { number, round: 0, guesses: [] });
    }
    return this.#isOpen(site) ? site.number : undefined;
  }

  /** What is known of the jump at an address now. */
  at(address: number): KnownJump {
    const number = this.sampled(address);
    const { round, guesses } = this.#sites.get(address) ?? { round: 0, guesses: [] };
    return { address, number, round, guesses };
  }

  /** Begins with what another process knew when it made code; false, and nothing is done, where other numbers or more targets are known. */
  adopt(jumps: readonly KnownJump[]): boolean {
    for (const { address, number, guesses } of jumps) {
      const known = this.#sites.get(address);
      if (known?.guesses.some((target) => !guesses.includes(target))) return false;
      if (number !== undefined && (known ? known.number !== number : this.#numbers.has(number))) return false;
    }
    for (const { address, number, round, guesses } of jumps)
      if (!this.#sites.has(address) && (number !== undefined || guesses.length > 0))
        this.#add(address, { number, round, guesses });
    return true;
  }

  /** Takes the rounds that have ended; gives the addresses of the jumps of which there are other guesses, or no rounds, now. */
  learn(): readonly number[] {
    const changed: number[] = [];
    for (const [address, site] of this.#sites) {
      if (!this.#isOpen(site) || this.#left[site.number!]! > 0) continue;
      site.round++;
      const fresh = this.#sample(site).filter((target) => !site.guesses.includes(target));
      site.guesses = [...site.guesses, ...fresh].slice(0, maxGuesses);
      this.#begin(site);
      if (fresh.length > 0 || !this.#isOpen(site)) changed.push(address);
    }
    return changed;
  }

  #add(address: number, site: Site): Site {
    this.#sites.set(address, site);
    if (site.number !== undefined) {
      this.#numbers.add(site.number);
      this.#begin(site);
    }
    return site;
  }

  /** A number that is free: the same in every process, unless another jump came first. */
  #numberFor(address: number): number | undefined {
    const { sites } = targetSamples;
    if (this.#numbers.size === sites) return undefined;
    let number = Math.imul(address >>> 1, 0x9e37_79b1) >>> 23;
    while (this.#numbers.has(number)) number = (number + 1) % sites;
    return number;
  }

  #begin({ number, round }: Site): void {
    this.#left[number!] = this.#rounds[round] ?? 0;
    this.#lastOf(number!).fill(nowhere);
  }

  #lastOf(number: number): Uint32Array {
    const { targets } = targetSamples;
    return this.#last.subarray(number * targets, (number + 1) * targets);
  }

  #isOpen({ number, round, guesses }: Site): boolean {
    return number !== undefined && round < this.#rounds.length && guesses.length < maxGuesses;
  }

  /** The targets sampled last, those that came often first. */
  #sample({ number }: Site): readonly number[] {
    const times = new Map<number, number>();
    for (const target of this.#lastOf(number!))
      if (target !== nowhere) times.set(target, (times.get(target) ?? 0) + 1);
    return [...times].sort(([, a], [, b]) => b - a).map(([target]) => target);
  }
}
