/** What JSON can carry; 64-bit values travel as `0x…` strings, instruction counts as safe integers. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Something that happened to an aggregate: a name, the version of its schema, and its data (JSON only). */
export interface DomainEvent<Type extends string, Version extends number, Data> {
  readonly type: Type;
  readonly version: Version;
  readonly data: Data;
}

export type AnyEvent = DomainEvent<string, number, unknown>;
