/** JSON for machines: big integers as `0x…` strings, bytes as hexadecimal, maps as objects; one line. */
export const toJson = (value: unknown): string => `${JSON.stringify(value, replace)}\n`;

function replace(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value;
}
