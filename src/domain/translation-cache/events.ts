/**
 * What an engine tells of its translation cache as it happens: nothing when translated code merely runs. These are reports, not
 * records: they depend on the engine and on the host, so no recording contains them.
 */

/** `interpreter`: threaded code for what is cold; `region`: compiled code for what is hot. */
export type Tier = 'interpreter' | 'region';

export interface Lookups {
  readonly hits: number;
  readonly misses: number;
}

/** A block became threaded code. */
export interface BlockThreaded {
  readonly type: 'BlockThreaded';
  readonly address: number;
  readonly instructions: number;
  /** Handlers looked up by the shapes of the instructions. */
  readonly results: Lookups;
  /** Shapes, which say which operand is which register, looked up by the instructions. */
  readonly registerMaps: Lookups;
  readonly micros: number;
}

/** Generated code made threaded code of blocks, of forms and handlers that were there; how long that took is not known. */
export interface BlocksThreaded {
  readonly type: 'BlocksThreaded';
  readonly blocks: number;
  readonly instructions: number;
}

/** A region became compiled code. */
export interface RegionTranslated {
  readonly type: 'RegionTranslated';
  readonly address: number;
  /** SHA-256 of all that the code depends on. */
  readonly identity: string;
  /** Whether code of this identity was known, so that none had to be generated. */
  readonly found: boolean;
  readonly blocks: number;
  readonly instructions: number;
  /** Bytes of generated code. */
  readonly size: number;
  readonly micros: number;
}

/** A region that another process translated was taken over as it was. */
export interface RegionRestored {
  readonly type: 'RegionRestored';
  readonly address: number;
  readonly identity: string;
  /** Whether the host begins with optimised machine code. */
  readonly optimised: boolean;
  readonly blocks: number;
  readonly instructions: number;
  readonly size: number;
  readonly micros: number;
}

/** `changed`: the guest's code or its permissions did; `evicted`: room was needed; `replaced`: it is translated otherwise. */
export interface TranslationDropped {
  readonly type: 'TranslationDropped';
  readonly tier: Tier;
  readonly address: number;
  readonly blocks: number;
  readonly reason: 'changed' | 'evicted' | 'replaced';
}

/** The engine looked addresses up; what generated code looks up by itself is not counted. */
export interface AddressesLookedUp extends Lookups {
  readonly type: 'AddressesLookedUp';
}

export type TranslationCacheEvent =
  BlockThreaded | BlocksThreaded | RegionTranslated | RegionRestored | TranslationDropped | AddressesLookedUp;
