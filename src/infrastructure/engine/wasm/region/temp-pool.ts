import type { FunctionBody } from '../codegen/function-body.ts';
import type { ValueType } from '../codegen/opcodes.ts';

type Locals = Record<ValueType, number[]>;
const noLocals = (): Locals => ({ i32: [], i64: [], f32: [], f64: [] });

/** Locals for intermediate values, shared by the blocks of a function. */
export class TempPool {
  readonly #code: FunctionBody;
  readonly #free: Locals;
  readonly #taken = noLocals();
  readonly #scratch = noLocals();

  constructor(code: FunctionBody, free = noLocals()) {
    this.#code = code;
    this.#free = free;
  }

  /** A pool of the same locals but those taken now, for code that runs while they are kept. */
  nested(): TempPool {
    return new TempPool(this.#code, this.#free);
  }

  /** A local that is kept until all are released. */
  take(type: ValueType): number {
    return this.#from(type, this.#taken);
  }

  /** A local that is kept until the op at hand is done. */
  scratch(type: ValueType): number {
    return this.#from(type, this.#scratch);
  }

  releaseScratch(): void {
    this.#release(this.#scratch);
  }

  releaseAll(): void {
    this.#release(this.#scratch);
    this.#release(this.#taken);
  }

  #from(type: ValueType, used: Locals): number {
    const local = this.#free[type].pop() ?? this.#code.local(type);
    used[type].push(local);
    return local;
  }

  #release(used: Locals): void {
    for (const type of Object.keys(used) as ValueType[]) this.#free[type].push(...used[type].splice(0));
  }
}
