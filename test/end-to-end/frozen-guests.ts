import { copyingInput, killedBy, waitingForever } from './assembled-guest.ts';

/** Guests whose recordings are frozen: between them, every event there is. */

/** Opens /data/story, reads up to 4 KiB of it onto the stack, and prints them. */
const readingFiles = `
        li a0, -100
        la a1, path
        li a2, 0
        li a3, 0
        li a7, 56
        ecall
        bltz a0, leave
        li t0, -8192
        add s1, sp, t0
        mv a1, s1
        li a2, 4096
        li a7, 63
        ecall
        mv a2, a0
        li a0, 1
        mv a1, s1
        li a7, 64
        ecall
        li a0, 0
leave:  li a7, 93
        ecall
path:   .asciz "/data/story"
`;

/** Counts down so long that digests and checkpoints are taken, changing memory as it goes. */
const longLoop = `
        li s0, 60000000
        addi s1, sp, -256
loop:   sd s0, 0(s1)
        addi s0, s0, -1
        bnez s0, loop
        li a0, 7
        li a7, 93
        ecall
`;

export interface FrozenGuest {
  readonly name: string;
  /** Assembly, or a program of test/guests/bin. */
  readonly source?: string;
  readonly program?: string;
  readonly stdin?: string;
  readonly arguments?: readonly string[];
  readonly maxInstructions?: number;
  /** Needs the host's directory /data. */
  readonly mounted?: boolean;
  /** Leave out the last events, as if the process had died. */
  readonly cutOff?: boolean;
}

export const frozenGuests: readonly FrozenGuest[] = [
  { name: 'hello', program: 'hello-musl' },
  { name: 'threads', program: 'threads-musl', arguments: ['one', 'two'] },
  { name: 'input', source: copyingInput, stdin: 'Sixteen bytes at a time, and then the end.\n' },
  { name: 'files', source: readingFiles, mounted: true },
  { name: 'checkpoints', source: longLoop },
  { name: 'cut-off', source: longLoop, cutOff: true },
  { name: 'stopped', source: longLoop, maxInstructions: 1_000_003 },
  { name: 'killed', source: killedBy(15) },
  { name: 'deadlocked', source: waitingForever },
];
