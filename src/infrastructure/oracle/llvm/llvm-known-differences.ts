import type { KnownSpelling } from '../../../application/ports/written-oracle.ts';

/** Where our decoder and llvm-mc 14 rightly differ. A test fails when an example stops differing. */
export const llvmKnownDifferences: readonly KnownSpelling[] = [
  {
    why: 'llvm learned Zicond in 16',
    covers: (ours, theirs) => theirs === undefined && /^czero\.(eqz|nez) /.test(ours ?? ''),
    examples: [0x0ec5d533, 0x0ec5f533],
  },
  {
    why: 'unpriv 2.7: fences with reserved fm, rs1 or rd are treated as normal fences; llvm has no text for them',
    covers: (ours, theirs) => theirs === undefined && (ours ?? '').startsWith('fence.reserved '),
    examples: [0x1330000f, 0x0330008f],
  },
  {
    why: 'unpriv 3: fence.i with reserved fields is fence.i; llvm has no text for it',
    covers: (ours, theirs) => theirs === undefined && (ours ?? '').startsWith('fence.i.reserved '),
    examples: [0x0010100f],
  },
  {
    why: 'an empty fence set is written 0; llvm before 15 calls it unknown, and shows pause as such a fence',
    covers: (ours, theirs) =>
      theirs?.replaceAll('unknown', '0') === (ours === 'pause' ? 'fence w,0' : ours) && ours !== theirs,
    examples: [0x0100000f, 0x0030000f],
  },
  {
    why: 'a compressed shift by 0 is a HINT that keeps its mnemonic (unpriv 27.5.2); llvm uses the RV128 names c.slli64 and so on',
    covers: (ours, theirs) =>
      /^c\.(slli|srli|srai)64 \w+$/.test(theirs ?? '') && ours === `${theirs?.replace('64 ', ' ')},0x0`,
    examples: [0x0002, 0x8001, 0x8401],
  },
  {
    why: 'c.lui with rd zero is a HINT whose immediate is written like that of others; llvm writes it as a signed number',
    covers: (ours, theirs) => {
      const [own, other] = [ours, theirs].map((text) => /^c\.lui zero,(.*)$/.exec(text ?? '')?.[1]);
      return own !== undefined && other !== undefined && (Number(own) - Number(other)) % 2 ** 20 === 0;
    },
    examples: [0x7059],
  },
  {
    why: 'llvm names more CSRs than we do; an unnamed CSR is written as its number',
    covers: (ours, theirs) =>
      /^csr\w+ \w+,0x[0-9a-f]+,/.test(ours ?? '') &&
      ours?.replace(/,0x[0-9a-f]+,/, ',csr,') === theirs?.replace(/,[a-z]\w+,/, ',csr,'),
    examples: [0x3e939af3, 0x00002073],
  },
  {
    why: 'privileged instructions are illegal in user mode, which is all that this table describes',
    covers: (ours, theirs) =>
      ours === undefined && /^([ushmd]ret|wfi|sfence\.vma?( .*)?)$/.test(theirs ?? ''),
    examples: [0x00200073, 0x10200073, 0x30200073, 0x10500073, 0x12000073],
  },
  {
    why: 'fcvt.d.w, fcvt.d.wu and fcvt.d.s are exact, but have an rm field (unpriv 21.5); llvm before 17 demands 0 in it',
    covers: (ours, theirs) =>
      theirs === undefined && /^fcvt\.d\.(w|wu|s) .*,(rtz|rdn|rup|rmm|dyn)$/.test(ours ?? ''),
    examples: [0xd20f7b53, 0xd21f1b53, 0x42057553],
  },
  {
    why: 'c.lui with a zero immediate is reserved (unpriv 27.5.1); llvm decodes it',
    covers: (ours, theirs) => ours === undefined && /^c\.lui \w+,0$/.test(theirs ?? ''),
    examples: [0x6701],
  },
  {
    why: 'llvm writes unimp for csrrw zero, cycle, zero even when asked for no aliases',
    covers: (ours, theirs) => ours === 'csrrw zero,cycle,zero' && theirs === 'unimp',
    examples: [0xc0001073],
  },
];
