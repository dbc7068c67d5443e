/** Instructions of an epoch: few after a fault, then ever more, up to so many where next to no pages are written. */
const [shortest, usual] = [2 ** 20, 2 ** 25];
/** Going back does an epoch again, 200 to 300 million instructions a second: half as far after each fault, so two seconds in all. */
const longest = 2 ** 28;
/** Instructions that translated code does in a microsecond, about. */
const speed = 2000;
/** The part of an epoch that the first writes to pages are to take, and the part that they may take where epochs are longest. */
const [aim, most] = [0.02, 0.1];
/** So many instructions tell whether they take too much. */
const enoughToJudge = 2 ** 28;

/**
 * How long epochs are, each of which pays for the pages written in it. Law: nothing that a guest sees depends on it, so the
 * host's own costs may.
 */
export class EpochLength {
  /** Instructions in the time of the first write to a page in an epoch. */
  readonly #perPage: number;
  #longest = longest;
  #judged = { instructions: 0, pages: 0 };
  instructions = shortest;
  /** Whether first writes take too much. */
  tooCostly = false;

  /** `writeCost`: microseconds of the first write to a page in an epoch. */
  constructor(writeCost: number) {
    this.#perPage = writeCost * speed;
  }

  /** An epoch has ended, for whatever reason. */
  passed(instructions: number, pages: number): void {
    const judged = {
      instructions: this.#judged.instructions + instructions,
      pages: this.#judged.pages + pages,
    };
    const enough = judged.instructions >= enoughToJudge;
    if (enough) this.tooCostly = judged.pages * this.#perPage > judged.instructions * most;
    this.#judged = enough ? { instructions: 0, pages: 0 } : judged;
    const grown =
      instructions < this.instructions ? this.instructions : Math.min(usual, this.instructions * 2);
    this.instructions = Math.min(this.#longest, Math.max(grown, (pages * this.#perPage) / aim));
  }

  faulted(): void {
    this.instructions = shortest;
    this.#longest = Math.max(shortest, this.#longest / 2);
  }
}
