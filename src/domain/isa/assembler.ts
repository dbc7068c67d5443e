import { ok, refuse, type Result } from '../shared/result.ts';
import { aliasForms, type AssemblyDialect, expandAlias } from './assembly-dialect.ts';
import { directives } from './assembly-directives.ts';
import { evaluateExpression, type Scope } from './assembly-expression.ts';
import {
  type AssemblyError,
  type Operand,
  type Place,
  SourceFault,
  type Statement,
  statementsOf,
} from './assembly-source.ts';
import { spellings } from './assembly-template.ts';
import { bytesOf, encode } from './encoder.ts';
import type { InstructionTable } from './instruction-table.ts';
import type { Row } from './instruction.ts';
import { type Bindings, bindOperands, fieldValues } from './operand-matcher.ts';
import type { Fields } from './pattern.ts';

export interface AssemblyOptions {
  readonly isa: InstructionTable & { readonly dialect: AssemblyDialect };
  /** The address of the first byte. */
  readonly origin: bigint;
}

export interface Assembled {
  readonly origin: bigint;
  readonly bytes: Uint8Array;
  readonly symbols: ReadonlyMap<string, bigint>;
}

/** The most bytes that a source may produce: 64 MiB. */
const sizeLimit = 64 * 2 ** 20;

/**
 * Assembles a source into flat bytes. Two passes: the first gives every statement its address (an instruction's
 * length never depends on its operands), the second encodes. Refuses with every error found, in source order.
 */
export function assemble(
  source: string,
  options: AssemblyOptions,
): Result<Assembled, readonly AssemblyError[]> {
  const assembly = new Assembly(options);
  let statements: Statement[] = [];
  assembly.guard(() => (statements = statementsOf(source)));
  for (const statement of statements) assembly.guard(() => assembly.place(statement));
  return assembly.finish();
}

/** A run of bytes with its place in the source. */
interface Item {
  readonly address: bigint;
  readonly size: number;
  bytes(scope: Scope): Uint8Array;
}

type Candidate = readonly [row: Row, fixed: Fields];

class Assembly {
  readonly #isa: AssemblyOptions['isa'];
  readonly #dialect: AssemblyDialect;
  readonly #origin: bigint;
  readonly #mnemonics: ReadonlyMap<string, readonly Candidate[]>;
  readonly #symbols = new Map<string, bigint>();
  /** Numeric labels, which may be defined again: their addresses in order. */
  readonly #numeric = new Map<string, bigint[]>();
  /** What `%pcrel_hi` and its like referred to, by their instruction's address. */
  readonly #highs = new Map<bigint, bigint>();
  readonly #items: Item[] = [];
  readonly #errors: AssemblyError[] = [];
  #size = 0;

  constructor({ isa, origin }: AssemblyOptions) {
    this.#isa = isa;
    this.#dialect = isa.dialect;
    this.#origin = origin;
    this.#mnemonics = mnemonicsOf(isa);
  }

  guard(step: () => void): void {
    try {
      step();
    } catch (fault) {
      if (!(fault instanceof SourceFault)) throw fault;
      this.#errors.push({ ...fault.context, message: fault.message });
    }
  }

  place(statement: Statement): void {
    for (const label of statement.labels) this.#label(label);
    if (statement.head.startsWith('.')) this.#directive(statement);
    else if (statement.head !== '') this.#instruction(statement);
  }

  finish(): Result<Assembled, readonly AssemblyError[]> {
    const bytes = new Uint8Array(this.#size);
    for (const item of this.#items)
      this.guard(() => bytes.set(item.bytes(this.#scope(item.address)), Number(item.address - this.#origin)));
    if (this.#errors.length === 0) return ok({ origin: this.#origin, bytes, symbols: this.#symbols });
    return refuse(this.#errors.toSorted((a, b) => a.line - b.line || a.column - b.column));
  }

  get #here(): bigint {
    return this.#origin + BigInt(this.#size);
  }

  #add(place: Place, size: number, bytes: Item['bytes']): void {
    if (this.#size + size > sizeLimit)
      throw new SourceFault(place, `the program is larger than ${sizeLimit} bytes: make it smaller`);
    this.#items.push({ address: this.#here, size, bytes });
    this.#size += size;
  }

  #define(name: Operand, value: bigint): void {
    if (this.#symbols.has(name.text))
      throw new SourceFault(name, `${name.text} is already defined: choose another name`);
    this.#symbols.set(name.text, value);
  }

  #label(label: Operand): void {
    if (!/^\d/.test(label.text)) return this.#define(label, this.#here);
    const addresses = this.#numeric.get(label.text) ?? [];
    this.#numeric.set(label.text, [...addresses, this.#here]);
  }

  #directive(statement: Statement): void {
    const handler = Object.hasOwn(directives, statement.head) ? directives[statement.head] : undefined;
    if (!handler)
      throw new SourceFault(
        statement,
        `${statement.head} is not known; there are ${Object.keys(directives).join(' ')}`,
      );
    const { size, bytes } = handler(statement, {
      scope: this.#scope(this.#here),
      dialect: this.#dialect,
      room: sizeLimit - this.#size,
      define: (name, value) => this.#define(name, value),
    });
    this.#add(statement, size, bytes);
  }

  #instruction(statement: Statement): void {
    const candidates = this.#mnemonics.get(statement.head) ?? [];
    for (const [row, fixed] of candidates) {
      const bindings = bindOperands(this.#isa.template(row).operands, statement.operands);
      if (!bindings) continue;
      this.#add(statement, row.encoding.width / 8, (scope) =>
        this.#encode(statement, row, fixed, bindings, scope),
      );
      return;
    }
    const expansion = this.#constant(statement) ?? expandAlias(this.#dialect, statement);
    if (!expansion) throw new SourceFault(statement, this.#misuse(statement.head, candidates));
    for (const part of expansion) this.#instruction(part);
  }

  /** Expands a pseudo-instruction such as li, whose length depends on its value. */
  #constant(statement: Statement): Statement[] | undefined {
    const { constants } = this.#dialect;
    const expand = Object.hasOwn(constants, statement.head) ? constants[statement.head] : undefined;
    if (!expand) return undefined;
    const [register, operand] = statement.operands;
    if (!register || !operand || statement.operands.length > 2)
      throw new SourceFault(statement, `use ${statement.head} register, value`);
    const value = evaluateExpression(operand, this.#scope(this.#here));
    if (value < -(1n << 63n) || value >= 1n << 64n)
      throw new SourceFault(operand, `${value} does not fit in 64 bits`);
    const place = { line: statement.line, column: register.column };
    return expand(register.text, value).flatMap((line) =>
      statementsOf(line).map((part) => ({
        ...part,
        ...place,
        operands: part.operands.map((each) => ({ ...each, ...place })),
      })),
    );
  }

  #misuse(head: string, candidates: readonly Candidate[]): string {
    const forms = [...candidates.map(([row]) => row.asm), ...aliasForms(this.#dialect, head)];
    if (forms.length === 0) return `${head} is no ${this.#isa.name} instruction or pseudo-instruction`;
    return `${head} is not used so; write ${forms.join(' or ')}`;
  }

  #encode(place: Statement, row: Row, fixed: Fields, bindings: Bindings, scope: Scope): Uint8Array {
    const omitted = this.#isa
      .template(row)
      .operands.filter(({ optional }) => optional)
      .flatMap(({ parts }) => parts.filter((part) => typeof part !== 'string'))
      .map((hole) => [hole.field, hole.syntax.omitted ?? 0] as const);
    const values = fieldValues(bindings, row.encoding.fields, scope);
    const encoded = encode(row, { ...Object.fromEntries(omitted), ...fixed, ...values });
    if (encoded.ok) return bytesOf(encoded.value);
    const { field, reason } = encoded.error;
    const operand = bindings.find(([hole]) => hole.field === field)?.[1];
    throw new SourceFault(operand ?? place, `${place.head}: ${operand?.text ?? field ?? ''} ${reason}`);
  }

  #scope(here: bigint): Scope {
    return {
      here,
      lookup: (name) => (/^\d/.test(name) ? this.#numericLabel(name, here) : this.#symbols.get(name)),
      relocate: (name, value, at) => this.#relocate(name, value, at),
    };
  }

  /** `1b` is the nearest label 1 at or before the statement, `1f` the nearest after it. */
  #numericLabel(name: string, here: bigint): bigint | undefined {
    const addresses = this.#numeric.get(name.slice(0, -1)) ?? [];
    if (name.endsWith('b')) return addresses.findLast((address) => address <= here);
    return addresses.find((address) => address > here);
  }

  #relocate(name: string, value: bigint, here: bigint): bigint | undefined {
    for (const [high, low] of this.#dialect.pairs) {
      if (name === high) this.#highs.set(here, value);
      if (name !== low) continue;
      const target = this.#highs.get(value);
      return target === undefined ? undefined : this.#dialect.relocate(low, target - value, here);
    }
    return this.#dialect.relocate(name, value, here);
  }
}

const known = new WeakMap<InstructionTable, ReadonlyMap<string, readonly Candidate[]>>();

/** Every spelling of every mnemonic. */
function mnemonicsOf(isa: InstructionTable): ReadonlyMap<string, readonly Candidate[]> {
  const before = known.get(isa);
  if (before) return before;
  const found = new Map<string, Candidate[]>();
  for (const row of isa.rows)
    for (const [text, fixed] of spellings(isa.template(row)))
      found.set(text, [...(found.get(text) ?? []), [row, fixed]]);
  known.set(isa, found);
  return found;
}
