// hash: SHA-256 and the two hashes of a log's tree (RFC 9162 section 2.1.1).
import { sha256 as sha256Of } from '@noble/hashes/sha2';

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const h = sha256Of.create();
  for (const p of parts) h.update(p);
  return h.digest();
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(LEAF, entry);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE, left, right);
}
