import type { Edit } from '../../src/domain/virtual-machine/edit.ts';
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
  /** Branches of it, in the order in which they are made. */
  readonly forks?: readonly {
    readonly from: string;
    readonly branch: string;
    readonly at: number;
    readonly edits: readonly Edit[];
  }[];
}

export const frozenGuests: readonly FrozenGuest[] = [
  { name: 'hello', program: 'hello-musl' },
  { name: 'threads', program: 'threads-musl', arguments: ['one', 'two'] },
  {
    name: 'input',
    source: copyingInput,
    stdin: 'Sixteen bytes at a time, and then the end.\n',
    forks: [
      { from: 'input', branch: 'edited', at: 0, edits: [{ kind: 'stdin', offset: 3, bytes: '58' }] },
      {
        from: 'input/edited',
        branch: 'again',
        at: 20,
        edits: [{ kind: 'reply', revision: 7, offset: 0, bytes: '2a2b' }],
      },
    ],
  },
  {
    name: 'files',
    source: readingFiles,
    mounted: true,
    forks: [
      {
        from: 'files',
        branch: 'edited',
        at: 0,
        edits: [{ kind: 'file', path: '/data/story', offset: 0, bytes: '54' }],
      },
      // Reads another number of bytes than its parent, which does not say what they are.
      {
        from: 'files',
        branch: 'unanswered',
        at: 13,
        edits: [{ kind: 'register', thread: 100, register: 'x12', value: '0x8' }],
      },
    ],
  },
  {
    name: 'checkpoints',
    source: longLoop,
    forks: [
      {
        from: 'checkpoints',
        branch: 'late',
        at: 100_000_000,
        edits: [{ kind: 'register', thread: 100, register: 'x8', value: '0x5000000' }],
      },
    ],
  },
  { name: 'cut-off', source: longLoop, cutOff: true },
  { name: 'stopped', source: longLoop, maxInstructions: 1_000_003 },
  { name: 'killed', source: killedBy(15) },
  { name: 'deadlocked', source: waitingForever },
];
