import { ElfError } from './elf-error.ts';

/** The pieces of the auxiliary vector that depend on the program and its process (getauxval(3)). */
export interface StackContents {
  readonly arguments: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  readonly programPath: Uint8Array;
  readonly random: Uint8Array;
  readonly entry: number;
  readonly programHeaders: { readonly address: number; readonly size: number; readonly count: number };
}

const auxiliary = {
  phdr: 3,
  phent: 4,
  phnum: 5,
  pagesz: 6,
  base: 7,
  flags: 8,
  entry: 9,
  uid: 11,
  euid: 12,
  gid: 13,
  egid: 14,
  hwcap: 16,
  clktck: 17,
  secure: 23,
  random: 25,
  hwcap2: 26,
  execfn: 31,
  minsigstksz: 51,
} as const;

/** The extensions I, M, A, F, D, C, as bits by letter (Linux asm/hwcap.h). */
const hardware = [...'imafdc'].reduce((bits, letter) => bits | (1 << (letter.charCodeAt(0) - 97)), 0);
const signalFrame = 1104;

/**
 * What a program finds at its stack pointer (RISC-V ELF psABI; Linux fs/binfmt_elf.c): argc, argv, NULL, envp, NULL,
 * the auxiliary vector; above it the strings. `top` is the stack's end. Throws ElfError when it does not fit in `room` bytes.
 */
export function initialStack(
  contents: StackContents,
  top: number,
  room: number,
): { readonly sp: number; readonly bytes: Uint8Array; readonly auxv: Uint8Array } {
  const strings: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  let at = top - 8;
  const place = (bytes: Uint8Array, terminate = true): number => {
    at -= bytes.length + (terminate ? 1 : 0);
    strings.push({ at, bytes });
    return at;
  };
  const execfn = place(contents.programPath);
  const environment = [...contents.environment]
    .reverse()
    .map((bytes) => place(bytes))
    .reverse();
  const argv = [...contents.arguments]
    .reverse()
    .map((bytes) => place(bytes))
    .reverse();
  at -= at % 16;
  const random = place(contents.random, false);
  const vector: readonly (readonly [number, number])[] = [
    [auxiliary.hwcap, hardware],
    [auxiliary.pagesz, 4096],
    [auxiliary.clktck, 100],
    [auxiliary.phdr, contents.programHeaders.address],
    [auxiliary.phent, contents.programHeaders.size],
    [auxiliary.phnum, contents.programHeaders.count],
    [auxiliary.base, 0],
    [auxiliary.flags, 0],
    [auxiliary.entry, contents.entry],
    [auxiliary.uid, 0],
    [auxiliary.euid, 0],
    [auxiliary.gid, 0],
    [auxiliary.egid, 0],
    [auxiliary.secure, 0],
    [auxiliary.random, random],
    [auxiliary.hwcap2, 0],
    [auxiliary.execfn, execfn],
    [auxiliary.minsigstksz, signalFrame],
    [0, 0],
  ];
  const words = [argv.length, ...argv, 0, ...environment, 0, ...vector.flat()];
  const sp = Math.floor((at - words.length * 8) / 16) * 16;
  if (top - sp > room)
    throw new ElfError(
      'arguments-too-long',
      `The arguments and the environment need ${top - sp} bytes, more than the ${room} the stack has for them. Pass less.`,
      { bytes: top - sp, room },
    );
  const bytes = new Uint8Array(top - sp);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setBigUint64(index * 8, BigInt(word), true);
  for (const string of strings) bytes.set(string.bytes, string.at - sp);
  const auxvStart = (words.length - vector.length * 2) * 8;
  return { sp, bytes, auxv: bytes.slice(auxvStart, words.length * 8) };
}
