/** The command line is wrong. `what` says how; `todo` what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
  readonly todo: string;

  constructor(what: string, todo: string) {
    super(what);
    this.todo = todo;
  }
}

/** The reader of standard output went away (EPIPE): stop quietly. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
  readonly code = 'output-closed';
}

/** A command could not do its work, for a reason that the interface itself found. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly where: string;
  readonly todo: string;

  constructor(code: string, what: string, where: string, todo: string, cause?: unknown) {
    super(what, { cause });
    this.code = code;
    this.where = where;
    this.todo = todo;
  }
}
