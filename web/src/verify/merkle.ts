// merkle: proofs of inclusion and consistency in a log's tree (RFC 9162 sections 2.1.3.2 and
// 2.1.4.2). The names fn, sn, fr, sr are those of the RFC. Sizes are BigInt: a tree may hold 2^63
// leaves, and shifts of a Number end at 32 bits.
import { equal } from './bytes';
import { nodeHash } from './hash';
import { refuse } from './refusal';

// inclusionRoot is the root to which a path leads from a leaf. Refuses with BAD_MERKLE (detail 1:
// no such index, 2: the path has the wrong length).
export function inclusionRoot(leaf: Uint8Array, index: bigint, size: bigint, path: Uint8Array[]): Uint8Array {
  let fn = index;
  let sn = size - 1n;
  let r = leaf;

  if (index >= size) refuse('BAD_MERKLE', 1);
  for (const p of path) {
    if (sn === 0n) refuse('BAD_MERKLE', 2);
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(p, r);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = nodeHash(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? r : refuse('BAD_MERKLE', 2);
}

// checkInclusion refuses with BAD_MERKLE (detail 3: another root).
export function checkInclusion(
  leaf: Uint8Array, index: bigint, size: bigint, path: Uint8Array[], root: Uint8Array,
): void {
  if (!equal(inclusionRoot(leaf, index, size, path), root)) refuse('BAD_MERKLE', 3);
}

// The roots that a consistency path leads to, older first; for 0 < older < newer. When older is a
// power of two its root is the first subtree and is not sent.
function consistencyRoots(
  older: bigint, oldRoot: Uint8Array, newer: bigint, path: Uint8Array[],
): [Uint8Array, Uint8Array] {
  const whole = (older & (older - 1n)) === 0n;
  const rest = whole ? path : path.slice(1);
  let fn = older - 1n;
  let sn = newer - 1n;

  if (path.length === 0) refuse('BAD_MERKLE', 2);
  let fr = whole ? oldRoot : path[0]!;
  let sr = fr;
  while ((fn & 1n) === 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  for (const p of rest) {
    if (sn === 0n) refuse('BAD_MERKLE', 2);
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(p, fr);
      sr = nodeHash(p, sr);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = nodeHash(sr, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? [fr, sr] : refuse('BAD_MERKLE', 2);
}

// newerRoot is the root of the newer tree that a consistency path gives when it fits the older
// root. Refuses with BAD_MERKLE.
export function newerRoot(older: bigint, oldRoot: Uint8Array, newer: bigint, path: Uint8Array[]): Uint8Array {
  if (older === 0n || older > newer) refuse('BAD_MERKLE', 1);
  if (older === newer) return path.length === 0 ? oldRoot : refuse('BAD_MERKLE', 2);
  const [fr, sr] = consistencyRoots(older, oldRoot, newer, path);
  return equal(fr, oldRoot) ? sr : refuse('BAD_MERKLE', 3);
}

// checkConsistency refuses with BAD_MERKLE unless the newer tree extends the older.
export function checkConsistency(
  older: bigint, oldRoot: Uint8Array, newer: bigint, newRoot: Uint8Array, path: Uint8Array[],
): void {
  if (!equal(newerRoot(older, oldRoot, newer, path), newRoot)) refuse('BAD_MERKLE', 3);
}
