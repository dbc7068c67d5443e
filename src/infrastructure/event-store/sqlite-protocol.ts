import type { Damage } from '../../application/ports/store-fault.ts';
import type { PlainFault } from './sqlite-faults.ts';
import type { Page, PageRequest, Write, WriteOutcome } from './sqlite-log.ts';
import type { OpenMode } from './sqlite-opening.ts';

/** What the store asks of its thread. The thread answers each request once; writes in the order they were asked. */
export type Request =
  | { readonly op: 'open'; readonly file: string; readonly mode: OpenMode }
  | { readonly op: 'write'; readonly write: Write }
  | { readonly op: 'page'; readonly page: PageRequest }
  | { readonly op: 'streams'; readonly prefix: string }
  /** Whether to look for what other processes append, and tell of it. */
  | { readonly op: 'watch'; readonly on: boolean }
  | { readonly op: 'close' };

export interface Answers {
  readonly open: readonly Damage[];
  readonly write: WriteOutcome;
  readonly page: Page;
  readonly streams: readonly string[];
  readonly watch: undefined;
  readonly close: undefined;
}

export type Numbered = Request & { readonly number: number };

export type Message =
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'fault'; readonly number: number; readonly fault: PlainFault }
  /** Something was committed, here or by another process. */
  | { readonly kind: 'changed' };
