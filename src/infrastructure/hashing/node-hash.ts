import { hash } from 'node:crypto';
import type { Digest, HashFunction } from '../../domain/shared/digest.ts';
import { shortHash } from './short-hash.ts';

/** What is shorter is hashed without node:crypto. */
const short = 64;

/** SHA-256, from node:crypto but for short content. */
export const nodeHash: HashFunction = (content) =>
  content.length < short
    ? (shortHash(Buffer.from(content)) as Digest)
    : (hash('sha256', content, 'hex') as Digest);
