import { floatNames, integerNames } from '../../domain/isa/riscv64/operands.ts';
import { layout, noReservation } from '../../domain/isa/riscv64/state.ts';
import type { MemoryPiece } from './guest-case.ts';
import { VerificationError } from './verification-error.ts';
import { codeAddress } from './world.ts';

/**
 * One line that says what one instruction, or a few, do:
 *
 *     [33 85 c5 00] "add a0, a1, a2"   a1=2 a2=3 => a0=5
 *     [05 05 73 00 00 00] "c.addi a0, 1; ecall" => a0=1 stop=syscall
 *
 * The encoding as it lies in memory, its text, the state before and what differs after. Registers by their ABI or
 * numeric name, and pc, fflags, frm, reservation, icount; values decimal or 0x…, negative ones wrap. A memory item
 * `[0x2000]=0a0b0c` gives bytes in address order. `steps` before `=>` is the most instructions to execute, when that is
 * not the number of those listed. After `=>`, `trap=CAUSE`, `stop=syscall` or `fault=ACCESS:KIND:ADDRESS` say how it ends
 * otherwise, and `retired` how many instructions did, when that is not all steps (less one for a trap or fault). All
 * that is not named is zero before (pc is 0x10000, reservation none) and unchanged after (pc moves on by the length of a
 * code of one instruction, unless it did not complete). A comment begins with `#`. Memory: see world.ts.
 */
export interface CaseLine {
  readonly place: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly before: CaseState;
  readonly after: CaseState;
  /** How the case ends: `limit` when all steps complete. */
  readonly end: string;
  readonly steps: number;
  readonly retired: number;
}

export interface CaseState {
  /** By slot name. */
  readonly slots: ReadonlyMap<string, bigint>;
  readonly memory: readonly MemoryPiece[];
  readonly icount: number | undefined;
}

const nameOfSlot = new Map<string, string>([
  ...integerNames.map((name, n) => [`x${n}`, name] as const),
  ...floatNames.map((name, n) => [`f${n}`, name] as const),
]);
const slotOfName = new Map([
  ...[...nameOfSlot].map(([slot, name]) => [name, slot] as const),
  ['fp', 'x8'] as const,
]);

/** A slot by the name that people know. */
export const slotText = (slot: string): string => nameOfSlot.get(slot) ?? slot;

/** Parses a file of cases. Throws VerificationError with `name:line` for a line that is none. */
export function parseCases(name: string, source: string): CaseLine[] {
  return source.split('\n').flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [parseCase(`${name}:${index + 1}`, text)];
  });
}

const wrong = (place: string, what: string): VerificationError =>
  new VerificationError('invalid-case', `${place}: ${what}`, { place });

export function parseCase(place: string, line: string): CaseLine {
  const match = /^\[([0-9a-f ]+)\]\s+"([^"]+)"\s*(.*?)\s*=>\s*(.*?)\s*$/.exec(line.trim());
  if (!match) throw wrong(place, 'write [bytes] "text" before => after');
  const [, bytes, text, before, after] = match;
  const ending = /(?:^|\s)(trap|stop|fault)=(\S+)/.exec(after!);
  const [steps, given] = takeCount(before!, 'steps');
  const [retired, rest] = takeCount(ending ? after!.replace(ending[0], '') : after!, 'retired');
  const wanted = steps ?? text!.split(';').length;
  const undone = ending !== null && ending[1] !== 'stop';
  return {
    place,
    bytes: hexBytes(place, bytes!.replaceAll(' ', '')),
    text: text!,
    before: parseState(place, given),
    after: parseState(place, rest),
    end: ending ? (ending[1] === 'stop' ? ending[2]! : `${ending[1]} ${ending[2]}`) : 'limit',
    steps: wanted,
    retired: retired ?? wanted - (undone ? 1 : 0),
  };
}

function takeCount(items: string, name: string): readonly [count: number | undefined, rest: string] {
  const match = new RegExp(`(?:^|\\s)${name}=(\\d{1,9})(?=\\s|$)`).exec(items);
  return match ? [Number(match[1]), items.replace(match[0], '')] : [undefined, items];
}

function parseState(place: string, items: string): CaseState {
  const slots = new Map<string, bigint>();
  const memory: MemoryPiece[] = [];
  let icount: number | undefined;
  for (const item of items.split(/\s+/).filter((each) => each !== '')) {
    const match = /^(?:\[(0x[0-9a-f]+)\]=((?:[0-9a-f]{2})+)|(\w+)=(-?(?:0x[0-9a-f]+|\d+)))$/.exec(item);
    if (!match) throw wrong(place, `cannot read ${item}`);
    const [, address, bytes, register, value] = match;
    if (address !== undefined) {
      memory.push([Number(address), hexBytes(place, bytes!)]);
      continue;
    }
    const number = value!.startsWith('-') ? -BigInt(value!.slice(1)) : BigInt(value!);
    if (register === 'icount') {
      icount = Number(number);
      continue;
    }
    const slot = slotOfName.get(register!) ?? register!;
    if (!layout.slots.has(slot)) throw wrong(place, `there is no ${register}`);
    slots.set(slot, BigInt.asUintN(64, number));
  }
  return { slots, memory, icount };
}

function hexBytes(place: string, text: string): Uint8Array {
  if (text.length % 2 !== 0) throw wrong(place, `${text} is half a byte short`);
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}

export const hexText = (bytes: Uint8Array, between = ''): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(between);

/** Writes a case the way `parseCase` reads it. */
export function printCase(each: Omit<CaseLine, 'place'>): string {
  const { before, after, end, steps, retired } = each;
  const count = each.text.split(';').length;
  const [kind, detail] = end.includes(' ') ? end.split(' ') : ['stop', end];
  const undone = kind === 'trap' || kind === 'fault';
  const words = [
    `[${hexText(each.bytes, ' ')}]`,
    `"${each.text}"`,
    ...(steps === count ? [] : [`steps=${steps}`]),
    ...stateItems(before),
    '=>',
    ...stateItems(after),
    ...(end === 'limit' ? [] : [`${kind}=${detail}`]),
    ...(retired === steps - (undone ? 1 : 0) ? [] : [`retired=${retired}`]),
  ];
  return words.join(' ');
}

function stateItems({ slots, memory, icount }: CaseState): string[] {
  return [
    ...(icount === undefined ? [] : [`icount=${icount}`]),
    ...[...slots].map(([slot, value]) => `${slotText(slot)}=${valueText(value)}`),
    ...memory.map(([address, bytes]) => `[0x${address.toString(16)}]=${hexText(bytes)}`),
  ];
}

export const valueText = (value: bigint): string => (value < 10n ? `${value}` : `0x${value.toString(16)}`);

/** What a slot that a case does not name holds before it. */
export const defaultOf = (slot: string): bigint =>
  slot === 'pc' ? codeAddress : slot === 'reservation' ? noReservation : 0n;

/** The pc after a case that does not say otherwise. */
export function pcAfter({ text, retired, before, bytes }: Omit<CaseLine, 'place' | 'after'>): bigint {
  const pc = before.slots.get('pc') ?? codeAddress;
  return retired === 1 && !text.includes(';') ? pc + BigInt(bytes.length) : pc;
}
