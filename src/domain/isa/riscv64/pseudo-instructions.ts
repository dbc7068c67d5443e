import type { Alias, AssemblyDialect } from '../assembly-dialect.ts';

/**
 * The pseudo-instructions of the RISC-V assembly manual (unpriv 33, tables of pseudoinstructions), each the text it
 * stands for. Addresses are formed relative to the pc; a `%pcrel_lo` names the auipc just before it, `. - 4`.
 */
const loads = ['lb', 'lh', 'lw', 'ld', 'lbu', 'lhu', 'lwu'];
const stores = ['sb', 'sh', 'sw', 'sd'];
const far = ['auipc', '%pcrel_hi(symbol)'] as const;
const near = '%pcrel_lo(. - 4)';

// prettier-ignore
const aliases: readonly Alias[] = [
  ['nop',               'addi zero, zero, 0'],
  ['mv rd, rs',         'addi rd, rs, 0'],
  ['not rd, rs',        'xori rd, rs, -1'],
  ['neg rd, rs',        'sub rd, zero, rs'],
  ['negw rd, rs',       'subw rd, zero, rs'],
  ['sext.w rd, rs',     'addiw rd, rs, 0'],
  ['zext.w rd, rs',     'add.uw rd, rs, zero'],
  ['zext.b rd, rs',     'andi rd, rs, 255'],
  ['seqz rd, rs',       'sltiu rd, rs, 1'],
  ['snez rd, rs',       'sltu rd, zero, rs'],
  ['sltz rd, rs',       'slt rd, rs, zero'],
  ['sgtz rd, rs',       'slt rd, zero, rs'],
  ['sgt rd, rs, rt',    'slt rd, rt, rs'],
  ['sgtu rd, rs, rt',   'sltu rd, rt, rs'],

  ['beqz rs, to',       'beq rs, zero, to'],
  ['bnez rs, to',       'bne rs, zero, to'],
  ['blez rs, to',       'bge zero, rs, to'],
  ['bgez rs, to',       'bge rs, zero, to'],
  ['bltz rs, to',       'blt rs, zero, to'],
  ['bgtz rs, to',       'blt zero, rs, to'],
  ['bgt rs, rt, to',    'blt rt, rs, to'],
  ['ble rs, rt, to',    'bge rt, rs, to'],
  ['bgtu rs, rt, to',   'bltu rt, rs, to'],
  ['bleu rs, rt, to',   'bgeu rt, rs, to'],
  ['j to',              'jal zero, to'],
  ['jal to',            'jal ra, to'],
  ['jr rs',             'jalr zero, 0(rs)'],
  ['jalr rs',           'jalr ra, 0(rs)'],
  ['jalr rd, rs',       'jalr rd, 0(rs)'],
  ['jalr rd, rs, imm',  'jalr rd, imm(rs)'],
  ['ret',               'jalr zero, 0(ra)'],
  ['call symbol',       `${far[0]} ra, ${far[1]}`, `jalr ra, ${near}(ra)`],
  ['tail symbol',       `${far[0]} t1, ${far[1]}`, `jalr zero, ${near}(t1)`],
  ['la rd, symbol',     `${far[0]} rd, ${far[1]}`, `addi rd, rd, ${near}`],
  ['lla rd, symbol',    `${far[0]} rd, ${far[1]}`, `addi rd, rd, ${near}`],
  ...loads.map((name): Alias => [`${name} rd, symbol`, `${far[0]} rd, ${far[1]}`, `${name} rd, ${near}(rd)`]),
  ...stores.map((name): Alias => [`${name} rs, symbol, rt`, `${far[0]} rt, ${far[1]}`, `${name} rs, ${near}(rt)`]),

  ['fence',             'fence iorw, iorw'],
  ['unimp',             'csrrw zero, cycle, zero'],
  ['csrr rd, csr',      'csrrs rd, csr, zero'],
  ['csrw csr, rs',      'csrrw zero, csr, rs'],
  ['csrs csr, rs',      'csrrs zero, csr, rs'],
  ['csrc csr, rs',      'csrrc zero, csr, rs'],
  ['csrwi csr, imm',    'csrrwi zero, csr, imm'],
  ['csrsi csr, imm',    'csrrsi zero, csr, imm'],
  ['csrci csr, imm',    'csrrci zero, csr, imm'],
  ['rdcycle rd',        'csrrs rd, cycle, zero'],
  ['rdtime rd',         'csrrs rd, time, zero'],
  ['rdinstret rd',      'csrrs rd, instret, zero'],
  ['frcsr rd',          'csrrs rd, fcsr, zero'],
  ['fscsr rs',          'csrrw zero, fcsr, rs'],
  ['fscsr rd, rs',      'csrrw rd, fcsr, rs'],
  ['frrm rd',           'csrrs rd, frm, zero'],
  ['fsrm rs',           'csrrw zero, frm, rs'],
  ['fsrm rd, rs',       'csrrw rd, frm, rs'],
  ['fsrmi imm',         'csrrwi zero, frm, imm'],
  ['fsrmi rd, imm',     'csrrwi rd, frm, imm'],
  ['frflags rd',        'csrrs rd, fflags, zero'],
  ['fsflags rs',        'csrrw zero, fflags, rs'],
  ['fsflags rd, rs',    'csrrw rd, fflags, rs'],
  ['fsflagsi imm',      'csrrwi zero, fflags, imm'],
  ['fsflagsi rd, imm',  'csrrwi rd, fflags, imm'],

  ...['s', 'd'].flatMap((size): Alias[] => [
    [`fmv.${size} rd, rs`,      `fsgnj.${size} rd, rs, rs`],
    [`fabs.${size} rd, rs`,     `fsgnjx.${size} rd, rs, rs`],
    [`fneg.${size} rd, rs`,     `fsgnjn.${size} rd, rs, rs`],
    [`fgt.${size} rd, rs, rt`,  `flt.${size} rd, rt, rs`],
    [`fge.${size} rd, rs, rt`,  `fle.${size} rd, rt, rs`],
  ]),
  ['fmv.x.s rd, rs',    'fmv.x.w rd, rs'],
  ['fmv.s.x rd, rs',    'fmv.w.x rd, rs'],
];

/** li: the shortest of addi, lui and addiw, or the value without its low twelve bits, shifted left, plus those. */
function loadConstant(register: string, value: bigint): string[] {
  const low = BigInt.asIntN(12, value);
  if (value === low) return [`addi ${register}, zero, ${low}`];
  if (value === BigInt.asIntN(32, value)) {
    const upper = `lui ${register}, ${BigInt.asUintN(20, (value - low) >> 12n)}`;
    return low === 0n ? [upper] : [upper, `addiw ${register}, ${register}, ${low}`];
  }
  let rest = (value - low) >> 12n;
  let shift = 12;
  for (; (rest & 1n) === 0n; rest >>= 1n) shift++;
  const lines = [
    ...loadConstant(register, BigInt.asIntN(64 - shift, rest)),
    `slli ${register}, ${register}, ${shift}`,
  ];
  return low === 0n ? lines : [...lines, `addi ${register}, ${register}, ${low}`];
}

const highPart = (offset: bigint): bigint => BigInt.asUintN(20, (offset + 0x800n) >> 12n);
const lowPart = (offset: bigint): bigint => BigInt.asIntN(12, offset);

/** nop and c.nop. */
const nop = [0x13, 0, 0, 0];
const shortNop = [0x01, 0];

export const riscv64Dialect: AssemblyDialect = {
  aliases,
  constants: { li: (register, value) => loadConstant(register, BigInt.asIntN(64, value)) },
  pairs: [['pcrel_hi', 'pcrel_lo']],
  relocate(name, value, here) {
    switch (name) {
      case 'hi':
        return highPart(value);
      case 'lo':
        return lowPart(value);
      case 'pcrel_hi':
        return highPart(value - here);
      case 'pcrel_lo':
        return lowPart(value);
      default:
        return undefined;
    }
  },
  padding(address, length) {
    const bytes: number[] = [];
    if (address % 2n !== 0n && length > 0) bytes.push(0);
    if ((length - bytes.length) % 4 >= 2) bytes.push(...shortNop);
    while (length - bytes.length >= 4) bytes.push(...nop);
    while (bytes.length < length) bytes.push(0);
    return Uint8Array.from(bytes);
  },
};
