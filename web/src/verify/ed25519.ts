// ed25519: the one rule by which everybody verifies signatures, and the stricter one for evidence.
//
// Libraries disagree on 914 published edge cases. The rule of acts (SPEC/act.md, crypto/ed25519.h):
// s < L; A and R canonically encoded; neither A nor R with x = 0; and the cofactored equation
// 8 s B = 8 R + 8 k A with k = SHA-512(R || A || M).
//
// Notes, cosignatures and receipts must satisfy what stock tools ask as well: R computed without the
// cofactor is R byte for byte, and neither A nor R has low order. That is libsodium's rule once
// encodings are canonical.
//
// The curve is @noble/curves'; the rule on top of it is ours, because none of its settings is this
// one. verify.test holds both to the C program's verdicts on every published vector.
//
// Never: sees a secret; nothing here needs constant time.
import { ed25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { concat, equal, isZero, unbig } from './bytes';

const Point = ed25519.Point;
type Point = InstanceType<typeof Point>;
const L = ed25519.Point.Fn.ORDER;

function little(bytes: Uint8Array): bigint {
  return unbig(bytes.slice().reverse());
}

// A canonical point with x other than 0, or null. The strict reader refuses y >= p, and x = 0 with
// its sign set; x = 0 without the sign is y = 1 or -1.
function readPoint(bytes: Uint8Array): Point | null {
  try {
    const p = Point.fromBytes(bytes, false);
    return p.toAffine().x === 0n ? null : p;
  } catch {
    return null;
  }
}

interface Parts {
  a: Point;
  r: Point;
  s: bigint;
  k: bigint;
}

function readParts(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Parts | null {
  if (key.length !== 32 || signature.length !== 64) return null;
  const head = signature.subarray(0, 32);
  const s = little(signature.subarray(32));
  if (s >= L) return null;
  const a = readPoint(key);
  const r = a === null ? null : readPoint(head);
  if (a === null || r === null) return null;
  return { a, r, s, k: little(sha512(concat(head, key, message))) % L };
}

// s B - k A, which an honest signer made equal to R.
function expected(p: Parts): Point {
  const sB = p.s === 0n ? Point.ZERO : Point.BASE.multiply(p.s);
  return sB.subtract(p.a.multiplyUnsafe(p.k));
}

// verify applies the rule of acts.
export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const p = readParts(key, message, signature);
  return p !== null && expected(p).subtract(p.r).clearCofactor().equals(Point.ZERO);
}

// verifyStrict applies the rule of notes and evidence.
export function verifyStrict(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const p = readParts(key, message, signature);
  if (p === null || p.a.isSmallOrder() || p.r.isSmallOrder()) return false;
  return equal(expected(p).toBytes(), signature.subarray(0, 32));
}

// admit judges a key by itself: a canonical point of prime order, not the identity.
export function admit(key: Uint8Array): boolean {
  const p = key.length !== 32 || isZero(key) ? null : readPoint(key);
  return p !== null && !p.isSmallOrder() && p.isTorsionFree();
}
