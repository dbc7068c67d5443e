/**
 * SHA-256 (FIPS 180-4) of short content, in hexadecimal digits. Loading node:crypto takes 8 ms and 280 page faults (Node 24.21, of a `hello`
 * that takes 80 ms more than Node alone), and most runs hash 30 bytes: the seed of the guest's random numbers.
 */
export function shortHash(content: Uint8Array): string {
  const words = padded(content);
  const state = Int32Array.from(initial);
  const schedule = new Int32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    schedule.set(words.subarray(block, block + 16));
    compress(state, schedule);
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Content, a one bit, zeros, and the length in bits, as words of a multiple of 64 bytes. */
function padded(content: Uint8Array): Int32Array {
  const bytes = new Uint8Array(Math.ceil((content.length + 9) / 64) * 64);
  bytes.set(content);
  bytes[content.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.length - 8, 8n * BigInt(content.length));
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) => view.getInt32(4 * index));
}

function compress(state: Int32Array, schedule: Int32Array): void {
  for (let t = 16; t < 64; t++) {
    const [before, last] = [schedule[t - 15]!, schedule[t - 2]!];
    const near = rotated(before, 7) ^ rotated(before, 18) ^ (before >>> 3);
    const far = rotated(last, 17) ^ rotated(last, 19) ^ (last >>> 10);
    schedule[t] = schedule[t - 16]! + near + schedule[t - 7]! + far;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as State;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first =
      (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + constants[t]! + schedule[t]!) | 0;
    const second = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index]! += word;
  });
}

type State = [number, number, number, number, number, number, number, number];

const rotated = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;

/** The first 32 bits of the fractional parts of the roots of the first prime numbers: square roots (4.2.2), and cube roots (5.3.3). */
const primes = firstPrimes(64);
const initial = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const constants = primes.map((prime) => fraction(Math.cbrt(prime)));

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}
