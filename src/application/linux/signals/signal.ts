/** Linux signals (asm-generic/signal.h). A signal set is a bigint: bit n-1 is signal n. */
export const signal = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

export const signalCount = 64;
const names = new Map<number, string>(Object.entries(signal).map(([name, number]) => [number, name]));

/** `SIGSEGV`, or `SIGRT3` for real-time signals. */
export const signalName = (number: number): string => names.get(number) ?? `SIGRT${number - 32}`;

export const signalBit = (number: number): bigint => 1n << BigInt(number - 1);

/** SIGKILL and SIGSTOP can be neither caught, blocked nor ignored. */
export const unblockable = signalBit(signal.SIGKILL) | signalBit(signal.SIGSTOP);

/** Signals that an instruction raises: delivered before any other. */
export const synchronous =
  signalBit(signal.SIGSEGV) |
  signalBit(signal.SIGBUS) |
  signalBit(signal.SIGILL) |
  signalBit(signal.SIGTRAP) |
  signalBit(signal.SIGFPE) |
  signalBit(signal.SIGSYS);

export const actionFlag = {
  noChildStop: 1,
  noChildWait: 2,
  info: 4,
  onStack: 0x0800_0000,
  restart: 0x1000_0000,
  noDefer: 0x4000_0000,
  resetHandler: 0x8000_0000,
} as const;

export const handlerDefault = 0n;
export const handlerIgnore = 1n;

export interface SignalAction {
  readonly handler: bigint;
  readonly flags: bigint;
  readonly mask: bigint;
}

export const defaultAction: SignalAction = { handler: handlerDefault, flags: 0n, mask: 0n };

/** si_code values (signal(7), sigaction(2)). */
export const cause = {
  user: 0,
  kernel: 0x80,
  queue: -1,
  timer: -2,
  threadKill: -6,
  unmapped: 1,
  protection: 2,
  alignment: 1,
  illegalOpcode: 1,
  breakpoint: 1,
  childExited: 1,
  childKilled: 2,
  childStopped: 5,
  childContinued: 6,
} as const;

/** A signal on its way: `fields` are the 112 bytes of siginfo's union, beginning at byte 16. */
export interface SignalInfo {
  readonly number: number;
  readonly code: number;
  readonly fields: Uint8Array;
  /** The timer that sent it; it counts overruns while one is pending. */
  readonly timer?: number;
  /** What happened, in words, when an instruction caused it. */
  readonly reason?: string;
}

/** What a signal does to a process that has not said otherwise (signal(7)). */
export function defaultEffect(number: number): 'terminate' | 'ignore' | 'stop' | 'continue' {
  switch (number) {
    case signal.SIGCHLD:
    case signal.SIGURG:
    case signal.SIGWINCH:
      return 'ignore';
    case signal.SIGSTOP:
    case signal.SIGTSTP:
    case signal.SIGTTIN:
    case signal.SIGTTOU:
      return 'stop';
    case signal.SIGCONT:
      return 'continue';
    default:
      return 'terminate';
  }
}

const noFields = new Uint8Array(112);

function fieldsOf(...parts: readonly (readonly [offset: number, size: 4 | 8, value: bigint])[]): Uint8Array {
  const fields = noFields.slice();
  const view = new DataView(fields.buffer);
  for (const [offset, size, value] of parts)
    if (size === 4) view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
    else view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  return fields;
}

/** From `kill`, `tgkill` and `sigqueue`: si_pid, si_uid, si_value. */
export const sentBy = (number: number, code: number, pid: number, value = 0n): SignalInfo => ({
  number,
  code,
  fields: fieldsOf([0, 4, BigInt(pid)], [4, 4, 0n], [8, 8, value]),
});

/** From an instruction: si_addr. */
export const faultAt = (number: number, code: number, address: bigint, reason: string): SignalInfo => ({
  number,
  code,
  fields: fieldsOf([0, 8, address]),
  reason,
});

/** From a timer: si_timerid, si_overrun, si_value. */
export const expired = (number: number, timer: number, overrun: number, value: bigint): SignalInfo => ({
  number,
  code: cause.timer,
  fields: fieldsOf([0, 4, BigInt(timer)], [4, 4, BigInt(overrun)], [8, 8, value]),
  timer,
});

/** About a child: si_pid, si_uid, si_status. */
export const childChanged = (code: number, pid: number, status: number): SignalInfo => ({
  number: signal.SIGCHLD,
  code,
  fields: fieldsOf([0, 4, BigInt(pid)], [4, 4, 0n], [8, 4, BigInt(status)]),
});

/** siginfo_t: 128 bytes. */
export function encodeInfo(info: SignalInfo): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, info.number, true);
  view.setInt32(8, info.code, true);
  bytes.set(info.fields, 16);
  return bytes;
}
