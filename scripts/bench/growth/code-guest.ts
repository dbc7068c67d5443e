const blockLength = 8;

/**
 * Assembly of a program with `instructions` different instructions in basic blocks of 8, which goes through all of them
 * `rounds` times and exits with 0. At most about 200,000: jumps reach 1 MiB.
 */
export function codeGuest(instructions: number, rounds: number): string {
  const lines = [`li s11, ${rounds}`, 'start:'];
  for (let block = 0; block < instructions / blockLength; block++) {
    for (let at = 0; at < blockLength - 1; at++) {
      const n = block * blockLength + at;
      const [to, from] = [`a${n % 8}`, `a${(n >> 3) % 8}`];
      lines.push(n % 3 === 0 ? `xor ${to}, ${to}, ${from}` : `addi ${to}, ${from}, ${(n % 4001) - 2000}`);
    }
    lines.push(`j block${block}`, `block${block}:`);
  }
  return [
    ...lines,
    'addi s11, s11, -1',
    'beqz s11, done',
    'j start',
    'done:',
    'li a0, 0',
    'li a7, 93',
    'ecall',
  ].join('\n');
}
