import { type EncodingClass, encodingClasses } from '../../../domain/isa/riscv64/encoding-classes.ts';
import type { Row } from '../../../domain/isa/instruction.ts';
import type { Fields } from '../../../domain/isa/pattern.ts';
import type { Random } from './random.ts';

/**
 * Leads generated encodings of a row into every class, as soon as can be. A class that cannot be reached (where the place of
 * an instruction restricts its fields) is given up after some attempts.
 */
export class EncodingAims {
  readonly #left: Set<EncodingClass>;
  #attempts: number;
  #led = true;

  constructor(row: Row) {
    this.#left = new Set(encodingClasses(row));
    this.#attempts = 8 * this.#left.size;
  }

  /** Values for fields that put the encoding into as many classes not yet met as go together, or into one where that led nowhere. */
  next(random: Random): Fields {
    if (this.#left.size === 0 || this.#attempts === 0) return {};
    this.#attempts--;
    const left = [...this.#left];
    const most = this.#led ? left.length : 1;
    this.#led = false;
    const first = random.below(left.length);
    const fixed: Record<string, number> = {};
    for (let at = 0; at < most; at++) {
      const example = random.pick(left[(first + at) % left.length]!.examples);
      if (Object.keys(example).every((name) => !(name in fixed))) Object.assign(fixed, example);
    }
    return fixed;
  }

  /** An encoding was generated, and is used. */
  met(fields: Fields): void {
    for (const each of this.#left) if (each.includes(fields)) this.#led = this.#left.delete(each);
  }
}
