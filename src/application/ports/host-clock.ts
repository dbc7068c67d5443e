/** The host's own time and event loop. Nothing that is recorded depends on it. */
export interface HostClock {
  /** Milliseconds from some fixed point, never going back. */
  now(): number;
  /** Lets timers, signals and input of the host process be served. */
  turn(): Promise<void>;
}
