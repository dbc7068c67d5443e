import type { InstructionSource, LiftedInstruction } from '../golden/instruction-source.ts';
import type { StopPoints } from '../golden/stop-points.ts';

/** The guest code that may be translated: an instruction that a stop concerns is as if it could not be executed. */
export class TranslatableSource {
  readonly #source: InstructionSource;
  readonly #points: StopPoints;
  /** How often an instruction was left out. */
  cuts = 0;

  constructor(source: InstructionSource, points: StopPoints) {
    this.#source = source;
    this.#points = points;
  }

  decode(address: number): LiftedInstruction | 'illegal' | 'truncated' {
    return this.#unlessConcerned(address, this.#source.decode(address));
  }

  /** See `InstructionSource.decodeOnce`. */
  decodeOnce(address: number): LiftedInstruction | 'illegal' | 'truncated' {
    return this.#unlessConcerned(address, this.#source.decodeOnce(address));
  }

  /** Whether no stop concerns any instruction. */
  get undisturbed(): boolean {
    return this.#points.none;
  }

  /** See `InstructionSource.fetchEnd`. */
  fetchEnd(address: number): number {
    return this.#source.fetchEnd(address);
  }

  /** Whether a stop concerns an instruction. */
  concerned(address: number, lifted: LiftedInstruction): boolean {
    return this.#points.concern(address, lifted);
  }

  /** Whether a stop concerns an instruction of the code `[start, end)`. */
  concernedIn(start: number, end: number): boolean {
    if (this.undisturbed) return false;
    for (let at = start; at < end;) {
      const lifted = this.#source.decode(at);
      if (typeof lifted === 'string') return false;
      if (this.concerned(at, lifted)) return true;
      at += lifted.block.length;
    }
    return false;
  }

  #unlessConcerned(address: number, lifted: LiftedInstruction | 'illegal' | 'truncated') {
    if (typeof lifted === 'string' || !this.concerned(address, lifted)) return lifted;
    this.cuts++;
    return 'truncated';
  }
}
