/** Where an item of a timeline is shown: with a thread, or with what concerns all. */
export interface Track {
  readonly process: number;
  readonly thread: number;
}

/** The track that shows whose turn it is. */
export const turnsTrack: Track = { process: 0, thread: 0 };

/** What a timeline shows. Times are in instructions retired by all threads together. */
export type TimelineItem =
  | { readonly kind: 'process'; readonly process: number; readonly name: string }
  | ({ readonly kind: 'thread'; readonly name: string } & Track)
  /** Something that lasts. Law: two spans of a track lie apart, or one within the other. */
  | ({
      readonly kind: 'span';
      readonly category: 'function' | 'system call' | 'signal handler' | 'turn';
      readonly name: string;
      readonly begin: number;
      readonly end: number;
      readonly details?: Readonly<Record<string, string>>;
    } & Track)
  | ({ readonly kind: 'moment'; readonly name: string; readonly at: number } & Track)
  /** What has been counted of each of `values` by then. */
  | {
      readonly kind: 'counter';
      readonly name: string;
      readonly at: number;
      readonly values: Readonly<Record<string, number>>;
    };
