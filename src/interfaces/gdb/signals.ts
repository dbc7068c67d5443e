import { signalName } from '../../application/linux/signals/signal.ts';

/** GDB's own numbers of signals (include/gdb/signals.def), by name. */
// prettier-ignore
const numbers: Readonly<Record<string, number>> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGFPE: 8, SIGKILL: 9, SIGBUS: 10, SIGSEGV: 11,
  SIGSYS: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGURG: 16, SIGSTOP: 17, SIGTSTP: 18, SIGCONT: 19, SIGCHLD: 20,
  SIGTTIN: 21, SIGTTOU: 22, SIGIO: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26, SIGPROF: 27, SIGWINCH: 28, SIGUSR1: 30,
  SIGUSR2: 31, SIGPWR: 32,
};
const unknown = 143;

/** SIGINT and SIGTRAP. */
export const interruptSignal = numbers['SIGINT']!;
export const trapSignal = numbers['SIGTRAP']!;

/** A Linux signal as GDB numbers it. Real-time signals 33 to 63 follow one another, 32 and 64 stand elsewhere. */
export function gdbSignal(number: number): number {
  if (number >= 33 && number <= 63) return number + 12;
  if (number === 32 || number === 64) return number === 32 ? 77 : 78;
  return numbers[signalName(number)] ?? unknown;
}
