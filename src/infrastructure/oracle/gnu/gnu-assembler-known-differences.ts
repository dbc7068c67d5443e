import type { KnownSpelling } from '../../../application/ports/written-oracle.ts';

const refuses =
  (texts: RegExp): KnownSpelling['covers'] =>
  (_, theirs, text) =>
    theirs === undefined && texts.test(text);

/** Lines of ours that GNU as 2.40 refuses, each with the reason and encodings that show it. It encodes none otherwise. */
export const gnuAssemblerKnownDifferences: readonly KnownSpelling[] = [
  {
    why: 'binutils learned Zicond in 2.41',
    covers: refuses(/^czero\.(eqz|nez) /),
    examples: [0x0ec5d533, 0x0ec5f533],
  },
  {
    why: 'an empty fence set is written 0; GNU as has no way to write one (unpriv 2.7)',
    covers: refuses(/^fence (0,\w+|\w+,0)$/),
    examples: [0x0030000f, 0x0200000f],
  },
  {
    why: 'fences with reserved fields are instructions (unpriv 2.7, 3) that GNU as has no text for',
    covers: refuses(/^fence(\.i)?\.reserved /),
    examples: [0x1330000f, 0x0330008f, 0x0010100f],
  },
  {
    why: 'fcvt.d.w, fcvt.d.wu and fcvt.d.s are exact, but have an rm field (unpriv 21.5); binutils before 2.41 takes none',
    covers: refuses(/^fcvt\.d\.(w|wu|s) .*,(rtz|rdn|rup|rmm|dyn)$/),
    examples: [0xd20f7b53, 0xd21f1b53, 0x42057553],
  },
  {
    why: 'a compressed shift by 0 is a HINT that keeps its mnemonic (unpriv 27.5.2); GNU as has the RV128 names c.slli64 and so on',
    covers: refuses(/^c\.(slli|srli|srai) \w+,0x0$/),
    examples: [0x0002, 0x8001, 0x8401],
  },
];
