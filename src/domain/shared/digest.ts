/** A SHA-256 digest, as 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly __digest: true };

export const asDigest = (hex: string): Digest => {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new TypeError(`not a SHA-256 digest: ${JSON.stringify(hex)}`);
  return hex as Digest;
};

/** A one-shot SHA-256, given to whatever in the domain has to name content. */
export type HashFunction = (content: Uint8Array | string) => Digest;
