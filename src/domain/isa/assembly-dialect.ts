import type { Operand, Statement } from './assembly-source.ts';

/**
 * A pseudo-instruction: `mv rd, rs` and the statements that it stands for, in which the parameters' names are
 * replaced by the operands' text. The number of operands chooses among aliases of one name.
 */
export type Alias = readonly [form: string, ...expansion: string[]];

/** What an ISA's assembly language has besides its rows. */
export interface AssemblyDialect {
  readonly aliases: readonly Alias[];
  /** Pseudo-instructions whose length depends on a constant, as (other operands' text, value) → statements. */
  readonly constants: Readonly<Record<string, (register: string, value: bigint) => readonly string[]>>;
  /** `%name(value)` at an address; undefined for an unknown name. Those of `pairs` are treated by the assembler. */
  relocate(name: string, value: bigint, here: bigint): bigint | undefined;
  /** `[high, low]`: %low(label) refers to the %high that was used at that label. */
  readonly pairs: readonly (readonly [high: string, low: string])[];
  /** Fills `length` bytes from `address` so that execution passes through. */
  padding(address: bigint, length: number): Uint8Array;
}

/** Finds the alias for a statement and gives the statements it stands for; undefined when there is none. */
export function expandAlias(dialect: AssemblyDialect, statement: Statement): Statement[] | undefined {
  for (const [form, ...expansion] of dialect.aliases) {
    const { head, parameters } = partsOf(form);
    if (head !== statement.head || parameters.length !== statement.operands.length) continue;
    const texts = new Map(parameters.map((name, index) => [name, statement.operands[index]!]));
    return expansion.map((text) => substitute(text, texts, statement));
  }
  return undefined;
}

/** The forms that a mnemonic has as an alias. */
export const aliasForms = (dialect: AssemblyDialect, head: string): string[] =>
  dialect.aliases.map(([form]) => form).filter((form) => partsOf(form).head === head);

function partsOf(form: string): { head: string; parameters: string[] } {
  const [head = '', rest = ''] = form.split(/ (.*)/);
  return { head, parameters: rest === '' ? [] : rest.split(', ') };
}

/** Reads one statement of an expansion at the place of the pseudo-instruction. */
function substitute(text: string, texts: ReadonlyMap<string, Operand>, at: Statement): Statement {
  const { head, parameters } = partsOf(text);
  const operands = parameters.map((parameter) => {
    const whole = texts.get(parameter);
    if (whole) return whole;
    const replaced = parameter.replace(/(?<![%\w.])[a-z]\w*/g, (word) => texts.get(word)?.text ?? word);
    const first = [...texts].find(([name]) => new RegExp(`\\b${name}\\b`).test(parameter))?.[1];
    return { line: at.line, column: first?.column ?? at.column, text: replaced };
  });
  return { line: at.line, column: at.column, labels: [], head, operands };
}
