import type { KnownSpelling } from '../../../application/ports/written-oracle.ts';

/**
 * Where our decoder and GNU objdump 2.40 rightly differ, each with the reason and encodings that show it. A test fails
 * when an example stops differing, so that the list cannot outlive its causes.
 */
export const objdumpKnownDifferences: readonly KnownSpelling[] = [
  {
    why: 'binutils learned Zicond in 2.41',
    covers: (ours, theirs) => theirs === undefined && /^czero\.(eqz|nez) /.test(ours ?? ''),
    examples: [0x0ec5d533, 0x0ec5f533],
  },
  {
    why: 'unpriv 2.7: fences with reserved fm, rs1 or rd are treated as normal fences; objdump shows no text for them',
    covers: (ours, theirs) => theirs === undefined && (ours ?? '').startsWith('fence.reserved '),
    examples: [0x1330000f, 0x0330008f],
  },
  {
    why: 'unpriv 3: fence.i with reserved fields is fence.i; objdump shows no text for it',
    covers: (ours, theirs) => theirs === undefined && (ours ?? '').startsWith('fence.i.reserved '),
    examples: [0x0010100f],
  },
  {
    why: 'an empty fence set is written 0; objdump calls it unknown',
    covers: (ours, theirs) => ours !== theirs && theirs?.replaceAll('unknown', '0') === ours,
    examples: [0x0030000f],
  },
  {
    why: 'objdump shows c.nop as c.addi when asked for no aliases; the manual has it as an instruction (27.8)',
    covers: (ours, theirs) => (ours ?? '').startsWith('c.nop') && (theirs ?? '').startsWith('c.addi zero,'),
    examples: [0x0001, 0x1061],
  },
  {
    why: 'a compressed shift by 0 is a HINT that keeps its mnemonic; objdump uses the RV128 names c.slli64 and so on',
    covers: (ours, theirs) =>
      /^c\.(slli|srli|srai)64 \w+$/.test(theirs ?? '') && ours === `${theirs?.replace('64 ', ' ')},0x0`,
    examples: [0x0002, 0x8001, 0x8401],
  },
  {
    why: 'objdump names more privileged CSRs than we do; an unnamed CSR is written as its number',
    covers: (ours, theirs) =>
      /^csr\w+ \w+,0x[0-9a-f]+,/.test(ours ?? '') &&
      ours?.replace(/,0x[0-9a-f]+,/, ',csr,') === theirs?.replace(/,[a-z]\w+,/, ',csr,'),
    examples: [0x3e939af3],
  },
  {
    why: 'privileged instructions are illegal in user mode, which is all that this table describes',
    covers: (ours, theirs) =>
      ours === undefined && /^([ushmd]ret|wfi|sfence\.vma?( .*)?)$/.test(theirs ?? ''),
    examples: [0x00200073, 0x10200073, 0x30200073, 0x10500073, 0x12000073],
  },
  {
    why: 'c.addi16sp with a zero immediate is reserved (unpriv 27.5.1)',
    covers: (ours, theirs) => ours === undefined && theirs === 'c.addi16sp sp,0',
    examples: [0x6101],
  },
  {
    why: 'fcvt.d.w, fcvt.d.wu and fcvt.d.s are exact, but have an rm field (unpriv 21.5); binutils before 2.41 demands 0 in it',
    covers: (ours, theirs) =>
      theirs === undefined && /^fcvt\.d\.(w|wu|s) .*,(rtz|rdn|rup|rmm|dyn)$/.test(ours ?? ''),
    examples: [0xd20f7b53, 0xd21f1b53, 0x42057553],
  },
  {
    why: 'rounding modes 5 and 6 are reserved, so the instruction is illegal (unpriv 20.2); objdump calls them unknown',
    covers: (ours, theirs) => ours === undefined && /^f.*,unknown$/.test(theirs ?? ''),
    examples: [0x02c5d553, 0x00c5e553, 0x6ac5e543],
  },
  {
    why: 'objdump writes unimp for csrrw zero, cycle, zero even when asked for no aliases',
    covers: (ours, theirs) => ours === 'csrrw zero,cycle,zero' && theirs === 'unimp',
    examples: [0xc0001073],
  },
];
