/** A POSIX or interval timer. All times are guest nanoseconds of the clock that drives it. */
export interface IntervalTimer {
  readonly number: number;
  /** `cpu` counts the process's instructions, `monotonic` and `realtime` guest time. */
  readonly clock: 'monotonic' | 'realtime' | 'cpu';
  readonly clockId: number;
  /** The next expiry; undefined when disarmed. */
  next: bigint | undefined;
  interval: bigint;
  /** 0: tells nobody. */
  readonly signal: number;
  /** si_value, and the thread to signal (0: the process). */
  readonly value: bigint;
  readonly thread: number;
  /** Expiries since the signal that is on its way was sent. */
  overrun: number;
}
