/**
 * Packets of the GDB remote serial protocol (GDB manual, appendix E). A payload is a string of the characters U+0000 to
 * U+00FF, one for each byte.
 */

export type Received =
  | { readonly kind: 'packet'; readonly payload: string; readonly intact: boolean }
  | { readonly kind: 'acknowledged'; readonly intact: boolean }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' };

const interrupt = '\u0003';
/** More than any packet that we announce to take. */
const longest = 1 << 20;

/** Cuts a stream of bytes into packets. */
export class PacketReader {
  #pending = '';

  /** What is complete by now. */
  *feed(bytes: Uint8Array): Generator<Received> {
    this.#pending += Buffer.from(bytes).toString('latin1');
    for (let at = 0; ;) {
      const first = this.#pending[at];
      if (first !== '$') {
        at++;
        if (first === undefined) {
          this.#pending = '';
          return;
        }
        if (first === '+' || first === '-') yield { kind: 'acknowledged', intact: first === '+' };
        if (first === interrupt) yield { kind: 'interrupt' };
        continue;
      }
      const end = this.#pending.indexOf('#', at);
      if (end < 0 || end + 3 > this.#pending.length) {
        this.#pending = this.#pending.slice(at);
        if (this.#pending.length > longest) throw new RangeError('the debugger sent a packet without an end');
        return;
      }
      const payload = this.#pending.slice(at + 1, end);
      const intact = checksum(payload) === this.#pending.slice(end + 1, end + 3).toLowerCase();
      at = end + 3;
      yield { kind: 'packet', payload: unescape(payload), intact };
    }
  }
}

/** A packet as it goes over the line. */
export function encodePacket(payload: string): Buffer {
  const escaped = payload.replace(/[#$}*]/g, (char) => `}${String.fromCharCode(char.charCodeAt(0) ^ 0x20)}`);
  return Buffer.from(`$${escaped}#${checksum(escaped)}`, 'latin1');
}

function checksum(payload: string): string {
  let sum = 0;
  for (let at = 0; at < payload.length; at++) sum = (sum + payload.charCodeAt(at)) & 0xff;
  return sum.toString(16).padStart(2, '0');
}

const unescape = (payload: string): string =>
  payload.replace(/\}([^])/g, (_, char: string) => String.fromCharCode(char.charCodeAt(0) ^ 0x20));

/** Bytes as two hexadecimal digits each. */
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const bytesOfHex = (digits: string): Uint8Array => Buffer.from(digits, 'hex');
/** Bytes as payload. */
export const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
