import type { RecordingEnd } from '../../application/isochron.ts';

// Linux's signal numbers on RISC-V (asm-generic); the host's may differ.
// prettier-ignore
const signals = ['', 'HUP', 'INT', 'QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'KILL', 'USR1', 'SEGV', 'USR2', 'PIPE',
  'ALRM', 'TERM', 'STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'XCPU', 'XFSZ', 'VTALRM', 'PROF',
  'WINCH', 'IO', 'PWR', 'SYS'];

export const signalName = (signal: number): string =>
  signals[signal] === undefined || signal === 0 ? `signal ${signal}` : `SIG${signals[signal]}`;

/** How a run ended, in a few words. */
export function endText(end: RecordingEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exited with ${end.code}`;
    case 'killed':
      return `killed by ${signalName(end.signal)}`;
    case 'deadlocked':
      return 'deadlocked';
    case 'stopped':
      return end.reason === 'instruction-limit' ? 'stopped at the instruction limit' : 'stopped by Ctrl-C';
    case 'cut-off':
      return 'cut off while recording';
    case 'unanswered':
      return `asked the outside a ${end.call} that the parent does not answer`;
  }
}

/** The same with the reason, where one is known. */
export const endReason = (end: RecordingEnd): string =>
  end.kind === 'killed' || end.kind === 'deadlocked' ? `${endText(end)}: ${end.reason}` : endText(end);
