import { type Slot, widths } from '../../../domain/ir/types.ts';

/** Reads and writes the slots of a vCPU state block as unsigned bit patterns. */
export class CpuState {
  readonly #view: DataView;

  constructor(block: Uint8Array) {
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  }

  read(slot: Slot): bigint {
    const { offset } = slot;
    switch (widths[slot.type]) {
      case 1:
      case 8:
        return BigInt(this.#view.getUint8(offset));
      case 16:
        return BigInt(this.#view.getUint16(offset, true));
      case 32:
        return BigInt(this.#view.getUint32(offset, true));
      case 64:
        return this.#view.getBigUint64(offset, true);
      case 128:
        return this.#view.getBigUint64(offset, true) | (this.#view.getBigUint64(offset + 8, true) << 64n);
    }
  }

  write(slot: Slot, value: bigint): void {
    const { offset } = slot;
    switch (widths[slot.type]) {
      case 1:
      case 8:
        this.#view.setUint8(offset, Number(value));
        break;
      case 16:
        this.#view.setUint16(offset, Number(value), true);
        break;
      case 32:
        this.#view.setUint32(offset, Number(value), true);
        break;
      case 64:
        this.#view.setBigUint64(offset, value, true);
        break;
      case 128:
        this.#view.setBigUint64(offset, BigInt.asUintN(64, value), true);
        this.#view.setBigUint64(offset + 8, value >> 64n, true);
        break;
    }
  }
}
