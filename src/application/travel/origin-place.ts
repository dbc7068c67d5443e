/** What holds a value: a thread's register, by its slot's name, or bytes in a process's memory (default: in any). */
export type OriginPlace =
  | { readonly kind: 'register'; readonly register: string; readonly thread: number }
  | {
      readonly kind: 'memory';
      readonly address: bigint;
      readonly length: number;
      readonly process: number | undefined;
    };
