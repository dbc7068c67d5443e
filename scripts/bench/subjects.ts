import { fileURLToPath } from 'node:url';

/** What is compared: each makes a command line of a program and its argument. */
export interface Programs {
  readonly native: string;
  readonly riscv64: string;
}

export interface Subject {
  readonly name: string;
  /** A Debian command that it needs, beside this package. */
  readonly needs?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** `store`: a directory of recordings, new for each pair of runs. */
  command(programs: Programs, rounds: number, store: string): readonly string[];
}

const isochron = fileURLToPath(new URL('../../bin/isochron.js', import.meta.url));
const cli = (...words: string[]) => [process.execPath, isochron, ...words];

/** In the order in which they run; a replay replays what the recorded run before it recorded. */
export const subjects: readonly Subject[] = [
  { name: 'native', command: ({ native }, rounds) => [native, String(rounds)] },
  {
    name: 'qemu',
    needs: 'qemu-riscv64',
    command: ({ riscv64 }, rounds) => ['qemu-riscv64', riscv64, String(rounds)],
  },
  {
    name: 'wasm, first run',
    command: ({ riscv64 }, rounds) => cli('run', riscv64, String(rounds)),
    // Nothing is found that earlier runs kept.
    environment: { ISOCHRON_CACHE: '' },
  },
  { name: 'wasm', command: ({ riscv64 }, rounds) => cli('run', riscv64, String(rounds)) },
  {
    name: 'recorded',
    command: ({ riscv64 }, rounds, store) =>
      cli('run', '--store', store, '--record', `r${rounds}`, riscv64, String(rounds)),
  },
  {
    name: 'replayed',
    command: (_, rounds, store) => cli('replay', `r${rounds}`, '--store', store, '--engine', 'wasm'),
  },
];
