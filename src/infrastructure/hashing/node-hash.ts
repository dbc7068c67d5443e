import { hash } from 'node:crypto';
import type { Digest, HashFunction } from '../../domain/shared/digest.ts';

/** SHA-256 from node:crypto. */
export const nodeHash: HashFunction = (content) => hash('sha256', content, 'hex') as Digest;
