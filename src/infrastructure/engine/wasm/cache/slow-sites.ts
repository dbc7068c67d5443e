/** How often within a window, in instructions, an instruction may leave its region for its slow path before it gets a call. */
const maxTimes = 64;
const window = 1 << 22;

/** The instructions that are often off the fast path. */
export class SlowSites {
  readonly #recent = new Map<number, { readonly since: number; readonly times: number }>();
  readonly #called = new Set<number>();

  /** Addresses of the instructions that call their slow path where they are. */
  get called(): ReadonlySet<number> {
    return this.#called;
  }

  /** Notes that the instruction at `address` left for its slow path; true when it is to call it from now on. */
  note(address: number, icount: number): boolean {
    const known = this.#recent.get(address);
    const recent = known !== undefined && icount - known.since < window;
    const { since, times } = recent ? known : { since: icount, times: 0 };
    this.#recent.set(address, { since, times: times + 1 });
    if (times + 1 < maxTimes || this.#called.has(address)) return false;
    this.#called.add(address);
    return true;
  }
}
