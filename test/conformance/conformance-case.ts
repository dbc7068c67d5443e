import { integerNames, floatNames } from '../../src/domain/isa/riscv64/operands.ts';
import { state } from '../../src/domain/isa/riscv64/state.ts';

/**
 * One line that says what one instruction does, in the files `*.cases`:
 *
 *     [33 85 c5 00] "add a0, a1, a2"   a1=2 a2=3 => a0=5
 *
 * The encoding as it lies in memory, its text, the state before and what differs after. Registers by their ABI or
 * numeric name, and pc, fflags, frm, reservation, icount; values decimal or 0x…, negative ones wrap. A memory item
 * `[0x2000]=0a0b0c` gives bytes in address order. After `=>`, `trap=CAUSE`, `stop=syscall` or
 * `fault=ACCESS:KIND:ADDRESS` say how the instruction ends otherwise. All that is not named is zero before (pc is
 * 0x10000, reservation none) and unchanged after (pc moves to the next instruction, unless it did not complete).
 * A comment begins with `#`. Memory: see conformance-runner.ts.
 */
export interface ConformanceCase {
  readonly place: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly before: CaseState;
  readonly after: CaseState;
  /** How the instruction ends: `limit` when it completes. */
  readonly end: string;
}

export interface CaseState {
  /** By slot name. */
  readonly slots: ReadonlyMap<string, bigint>;
  readonly memory: readonly (readonly [address: number, bytes: Uint8Array])[];
  readonly icount: number | undefined;
}

const slotNames = new Map<string, string>([
  ...integerNames.map((name, n) => [name, `x${n}`] as const),
  ['fp', 'x8'],
  ...floatNames.map((name, n) => [name, `f${n}`] as const),
]);

/** Parses a file of cases. Throws TypeError with `name:line` for a line that is none. */
export function parseCases(name: string, source: string): ConformanceCase[] {
  return source.split('\n').flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [parseCase(`${name}:${index + 1}`, text)];
  });
}

function parseCase(place: string, line: string): ConformanceCase {
  const match = /^\[([0-9a-f ]+)\]\s+"([^"]+)"\s*(.*?)\s*=>\s*(.*?)\s*$/.exec(line);
  if (!match) throw new TypeError(`${place}: write [bytes] "text" before => after`);
  const [, bytes, text, before, after] = match;
  const ending = /(?:^|\s)(trap|stop|fault)=(\S+)/.exec(after!);
  return {
    place,
    bytes: hexBytes(bytes!.replaceAll(' ', '')),
    text: text!,
    before: parseState(place, before!),
    after: parseState(place, ending ? after!.replace(ending[0], '') : after!),
    end: ending ? (ending[1] === 'stop' ? ending[2]! : `${ending[1]} ${ending[2]}`) : 'limit',
  };
}

function parseState(place: string, items: string): CaseState {
  const slots = new Map<string, bigint>();
  const memory: [number, Uint8Array][] = [];
  let icount: number | undefined;
  for (const item of items.split(/\s+/).filter((each) => each !== '')) {
    const match = /^(?:\[(0x[0-9a-f]+)\]=((?:[0-9a-f]{2})+)|(\w+)=(-?(?:0x[0-9a-f]+|\d+)))$/.exec(item);
    if (!match) throw new TypeError(`${place}: cannot read ${item}`);
    const [, address, bytes, register, value] = match;
    if (address !== undefined) {
      memory.push([Number(address), hexBytes(bytes!)]);
      continue;
    }
    const number = value!.startsWith('-') ? -BigInt(value!.slice(1)) : BigInt(value!);
    if (register === 'icount') {
      icount = Number(number);
      continue;
    }
    const slot = slotNames.get(register!) ?? register!;
    if (!state.layout.slots.has(slot)) throw new TypeError(`${place}: there is no ${register}`);
    slots.set(slot, BigInt.asUintN(64, number));
  }
  return { slots, memory, icount };
}

const hexBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
