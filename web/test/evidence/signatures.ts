// signatures: cases on which implementations of Ed25519 disagree: keys and R of every order, with and without
// a part of low order, canonical and not; s that satisfies the equation with the cofactor only, without it,
// or is too large.
import { ed25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { hex, utf8 } from '../../src/verify/bytes';
import { Dice } from './dice';

type Bytes = Uint8Array;
type Point = InstanceType<typeof ed25519.Point>;

export interface Signed {
  key: Bytes;
  signature: Bytes;
  message: Bytes;
}

const { Point } = ed25519;
const L = Point.Fn.ORDER;
const P = 2n ** 255n - 19n;

const big = (bytes: Bytes): bigint => BigInt(`0x${hex(bytes.slice().reverse())}`);
const little = (v: bigint): Bytes => Uint8Array.from({ length: 32 }, (_, i) => Number((v >> BigInt(8 * i)) & 255n));

// The eight points of low order: multiples of one of order 8.
function torsion(): Point[] {
  for (let y = 2n; ; y++) {
    let p: Point;
    try {
      p = Point.fromBytes(little(y), true);
    } catch {
      continue;
    }
    const low = p.multiplyUnsafe(L - 1n).add(p);
    if (low.multiplyUnsafe(4n).is0()) continue;
    return Array.from({ length: 8 }, (_, i) => (i === 0 ? Point.ZERO : low.multiplyUnsafe(BigInt(i))));
  }
}

// Another way to write the same point, where y + p fits in 255 bits.
function another(bytes: Bytes): Bytes {
  const sign = bytes[31]! & 0x80;
  const y = big(bytes) & ((1n << 255n) - 1n);
  if (y + P >= 1n << 255n) return bytes;
  const out = little(y + P);
  out[31] = out[31]! | sign;
  return out;
}

function flipSign(bytes: Bytes): Bytes {
  const out = bytes.slice();
  out[31] = out[31]! ^ 0x80;
  return out;
}

export function edgeCases(n: number, seed: number): Signed[] {
  const dice = new Dice(seed);
  const low = torsion();
  const scalar = (): bigint => (big(dice.bytes(32)) % (L - 1n)) + 1n;
  const out: Signed[] = [];
  while (out.length < n) {
    const a = dice.chance(15) ? 0n : scalar();
    const r = dice.chance(20) ? 0n : scalar();
    const pointA = (a === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(a)).add(dice.chance(50) ? low[0]! : dice.one(low));
    const pointR = (r === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(r)).add(dice.chance(50) ? low[0]! : dice.one(low));
    let key = pointA.toBytes();
    let head = pointR.toBytes();
    if (dice.chance(8)) key = another(key);
    if (dice.chance(8)) head = another(head);
    if (dice.chance(4)) key = flipSign(key);
    if (dice.chance(4)) head = flipSign(head);
    const message = utf8(`case ${dice.below(1 << 16)}`);
    const k = big(sha512(Uint8Array.from([...head, ...key, ...message]))) % L;
    let s = (r + k * a) % L;
    if (dice.chance(6)) s += L;
    if (dice.chance(4)) s = 0n;
    const signature = Uint8Array.from([...head, ...little(s)]);
    if (dice.chance(6)) signature[dice.below(64)]! ^= 1 << dice.below(8);
    out.push({ key, signature, message });
  }
  return out;
}
