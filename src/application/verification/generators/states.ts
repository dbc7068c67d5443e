import type { StateLayout } from '../../../domain/ir/types.ts';
import { noReservation } from '../../../domain/isa/riscv64/state.ts';
import { codeAddress } from '../world.ts';
import type { Input } from './inputs.ts';
import type { Random } from './random.ts';
import { addressValue, floatValue, integerValue } from './values.ts';

/** Where a world has its code and data. */
export interface Aims {
  readonly pc: bigint;
  /** The address of a data access. */
  address(random: Random, size: number, aligned: boolean): bigint;
  /** Where an indirect jump goes. */
  target(random: Random): bigint;
  /** Whether an address may be reserved when the code begins. */
  readonly reserves: boolean;
}

/** The world of world.ts, where an access may fault and a jump go anywhere. */
export const worldAims: Aims = {
  pc: codeAddress,
  address: addressValue,
  target(random) {
    if (random.chance(20)) return integerValue(random);
    return codeAddress + BigInt(2 * random.below(128) - (random.chance(10) ? 1 : 0));
  },
  reserves: true,
};

/**
 * Draws the states in which a piece of code runs. What the code does not read is drawn once for many states, so that a
 * write to the wrong place shows; what it reads is drawn for each.
 */
export class StateSource {
  readonly #layout: StateLayout;
  readonly #random: Random;
  readonly #aims: Aims;
  readonly #view: DataView;
  /** The state block that `next` changes in place. */
  readonly block: Uint8Array;

  constructor(layout: StateLayout, random: Random, aims: Aims = worldAims) {
    this.#layout = layout;
    this.#aims = aims;
    this.#random = random;
    this.block = new Uint8Array(layout.size);
    this.#view = new DataView(this.block.buffer);
  }

  /** Draws everything anew. */
  begin(): void {
    const { slots, pc: pcSlot } = this.#layout;
    for (const { name, type, offset } of slots.values()) {
      if (name === 'reservation') this.#view.setBigUint64(offset, noReservation, true);
      else if (type === 'i64') {
        this.#view.setUint32(offset, this.#random.next(), true);
        this.#view.setUint32(offset + 4, this.#random.next(), true);
      } else if (type === 'i32') this.#view.setUint32(offset, this.#random.below(32), true);
      else this.#view.setUint8(offset, this.#random.below(5));
    }
    this.#view.setBigUint64(pcSlot.offset, this.#aims.pc, true);
  }

  /** Draws a value for each input. `calm`: mostly such that nothing traps or faults. */
  next(inputs: readonly Input[], calm = false): void {
    for (const input of inputs) this.#draw(input, calm);
  }

  #draw(input: Input, calm: boolean): void {
    const random = this.#random;
    const { offset } = input.slot;
    const set = (value: bigint) => this.#view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    switch (input.kind) {
      case 'integer':
        return set(integerValue(random));
      case 'constant':
        return set(input.value);
      case 'float':
        return set(floatValue(random, input.precision));
      case 'flags':
        return this.#view.setUint32(offset, random.chance(50) ? 0 : random.below(32), true);
      case 'mode':
        return this.#view.setUint8(offset, random.chance(calm ? 98 : 88) ? random.below(5) : random.below(8));
      case 'target':
        return set(this.#aims.target(random) - input.offset);
      case 'address':
        return set(
          calm && random.chance(95)
            ? pointer(random)
            : this.#aims.address(random, input.size, input.aligned) - input.offset,
        );
      case 'reservation':
        return set(this.#reservation());
    }
  }

  /** None, or the value of a register that may be an address. */
  #reservation(): bigint {
    const random = this.#random;
    if (!this.#aims.reserves || random.chance(35)) return noReservation;
    const { offset } = this.#layout.slots.get(`x${1 + random.below(31)}`)!;
    return this.#view.getBigUint64(offset, true);
  }
}

/** From here, every 12-bit offset stays within the writable region. */
const pointer = (random: Random): bigint =>
  0x3000n + (random.chance(75) ? BigInt(8 * (random.below(9) - 4)) : BigInt(random.below(65) - 32));
