const stepsPerDoubling = 8;

/** Many durations in microseconds, kept as counts by eighths of a doubling: a quantile is right to 9 %. */
export class Durations {
  readonly #counts: number[] = [];
  #count = 0;
  #total = 0;
  #longest = 0;

  add(micros: number): void {
    const step = Math.max(0, Math.ceil(Math.log2(micros) * stepsPerDoubling));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#count++;
    this.#total += micros;
    this.#longest = Math.max(this.#longest, micros);
  }

  get total(): number {
    return this.#total;
  }

  /** 0 of none. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#total / this.#count;
  }

  get longest(): number {
    return this.#longest;
  }

  /** The least upper bound found for the given share (0 to 1) of all durations; 0 of none. */
  quantile(share: number): number {
    let wanted = Math.ceil(share * this.#count);
    for (const [step, count = 0] of this.#counts.entries()) {
      wanted -= count;
      if (wanted <= 0) return Math.min(2 ** (step / stepsPerDoubling), this.#longest);
    }
    return 0;
  }
}
