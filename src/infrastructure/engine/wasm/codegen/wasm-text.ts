import { laneOps, memoryOps, plainOps, simdOps, valueTypes } from './opcodes.ts';

/**
 * Prints the functions of a module in the manner of the WebAssembly text format, one instruction a line, indented by
 * nesting. It reads the bytes that the engine runs, not what the generator meant; it knows what our generator
 * emits, and names any other byte in a RangeError.
 */
const byCode = <T extends Record<string, number>>(table: T): ReadonlyMap<number, string> =>
  new Map(Object.entries(table).map(([name, code]) => [code, name]));

const plain = byCode(plainOps);
const memory = byCode(memoryOps);
const types = byCode(valueTypes);
const simd = byCode(simdOps);
const lanes = byCode(laneOps);
const structured: ReadonlyMap<number, string> = new Map([
  [0x02, 'block'],
  [0x03, 'loop'],
  [0x04, 'if'],
]);
const indexed: ReadonlyMap<number, string> = new Map([
  [0x0c, 'br'],
  [0x0d, 'br_if'],
  [0x10, 'call'],
  [0x12, 'return_call'],
  [0x20, 'local.get'],
  [0x21, 'local.set'],
  [0x22, 'local.tee'],
]);

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError(`the module ends at byte ${this.at - 1}`);
    return byte;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  signed(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift) + 7, value);
    }
  }

  double(): number {
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.at, 8).getFloat64(0, true);
    this.at += 8;
    return value;
  }
}

/** The text of every function in a module's code section. */
export function moduleText(bytes: Uint8Array): string {
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.unsigned() + reader.at;
    if (section === 10) {
      const functions = Array.from({ length: reader.unsigned() }, () => functionText(reader));
      return functions.join('\n');
    }
    reader.at = end;
  }
  return '';
}

function functionText(reader: Reader): string {
  const end = reader.unsigned() + reader.at;
  const locals: string[] = [];
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    const count = reader.unsigned();
    const type = types.get(reader.byte()) ?? '?';
    for (let index = 0; index < count; index++) locals.push(type);
  }
  const lines = ['(func', ...(locals.length > 0 ? [`  (local ${locals.join(' ')})`] : [])];
  let depth = 1;
  while (reader.at < end - 1) {
    const text = instructionText(reader);
    if (text === 'end' || text === 'else') depth--;
    lines.push('  '.repeat(depth) + text);
    if (/^(block|loop|if|else)/.test(text)) depth++;
  }
  reader.at = end;
  return [...lines, ')'].join('\n');
}

function instructionText(reader: Reader): string {
  const code = reader.byte();
  const shape = structured.get(code);
  if (shape !== undefined) {
    const type = types.get(reader.byte());
    return type === undefined ? shape : `${shape} (result ${type})`;
  }
  const index = indexed.get(code);
  if (index !== undefined) return `${index} ${reader.unsigned()}`;
  const access = memory.get(code);
  if (access !== undefined) return accessText(access, reader);
  switch (code) {
    case 0x05:
      return 'else';
    case 0x0b:
      return 'end';
    case 0x0e:
      return `br_table ${Array.from({ length: reader.unsigned() + 1 }, () => reader.unsigned()).join(' ')}`;
    case 0x11: {
      const type = reader.unsigned();
      return `call_indirect ${reader.unsigned()} (type ${type})`;
    }
    case 0x13: {
      const type = reader.unsigned();
      return `return_call_indirect ${reader.unsigned()} (type ${type})`;
    }
    case 0x41:
      return `i32.const ${reader.signed()}`;
    case 0x42:
      return `i64.const ${reader.signed()}`;
    case 0x44:
      return `f64.const ${reader.double()}`;
    case 0xfd: {
      const op = reader.unsigned();
      const lane = lanes.get(op);
      if (lane !== undefined) return `${lane} ${reader.byte()}`;
      return simd.get(op) ?? unknown(`vector instruction 0x${op.toString(16)}`, reader);
    }
    default: {
      const name = plain.get(code === 0xfc ? 0xfc00 | reader.byte() : code);
      return name ?? unknown(`byte 0x${code.toString(16)}`, reader);
    }
  }
}

function unknown(what: string, reader: Reader): never {
  throw new RangeError(`no text for the ${what} at ${reader.at - 1}`);
}

/** `i64.load 1 offset=8`: the memory's number unless it is 0, and the offset unless it is 0. */
function accessText(name: string, reader: Reader): string {
  const which = reader.unsigned() & 0x40 ? ` ${reader.unsigned()}` : '';
  const offset = reader.unsigned();
  return `${name}${which}${offset === 0 ? '' : ` offset=${offset}`}`;
}
