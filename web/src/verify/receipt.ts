// receipt: COSE receipts, the proofs of one log in the form COSE tools read (RFC 9942;
// src/wire/receipt.h).
//
//     tag 18 [ << {1: alg, 4: kid, 395: 1} >>,
//              {396: {-1: [ << [size, index, [hash ...]] >> ]}}          inclusion, or
//              {396: {-2: [ << [size, newer size, [hash ...]] >> ]}},    consistency
//              null, signature ]
//
// The signature is over the root that the proof leads to, so it cannot be checked without it.
import { concat, utf8 } from './bytes';
import type { Kind } from './cbor';
import { Reader, string } from './cbor';
import { refuse } from './refusal';

const PATH_MAX = 64n;

export interface Receipt {
  kind: 'inclusion' | 'consistency';
  key: Uint8Array; // kid
  protectedBytes: Uint8Array;
  size: bigint; // inclusion: of the tree; consistency: of the older tree
  index: bigint; // inclusion: of the leaf; consistency: size of the newer tree
  path: Uint8Array[];
  signature: Uint8Array;
}

function bad(reader: Reader): never {
  refuse('BAD_PROOF_TEXT', reader.pos);
}

function expect(reader: Reader, kind: Kind, n: bigint): void {
  if (reader.want(kind).n !== n) bad(reader);
}

function expectBytes(reader: Reader, n: number): Uint8Array {
  const { bytes } = reader.want('bytes');
  return bytes.length === n ? bytes : bad(reader);
}

function readProtected(bytes: Uint8Array): Uint8Array {
  const reader = new Reader(bytes);
  expect(reader, 'map', 3n);
  expect(reader, 'uint', 1n); // alg: -8 or -19
  const alg = reader.want('negint').n;
  if (alg !== 7n && alg !== 18n) refuse('BAD_ALG');
  expect(reader, 'uint', 4n); // kid
  const key = expectBytes(reader, 32);
  expect(reader, 'uint', 395n); // verifiable data structure: RFC9162_SHA256
  expect(reader, 'uint', 1n);
  reader.end();
  return key;
}

type Proof = Pick<Receipt, 'size' | 'index' | 'path'>;

function readProof(bytes: Uint8Array, kind: Receipt['kind']): Proof {
  const reader = new Reader(bytes);
  expect(reader, 'array', 3n);
  const size = reader.want('uint').n;
  const index = reader.want('uint').n;
  const { n } = reader.want('array');
  const inclusion = kind === 'inclusion';
  const fits = inclusion ? index < size : size > 0n && size <= index;
  const trivial = inclusion ? size === 1n : size === index; // no other path than the empty one
  if (n > PATH_MAX || !fits || trivial !== (n === 0n)) bad(reader);
  const path: Uint8Array[] = [];
  for (let i = 0n; i < n; i++) path.push(expectBytes(reader, 32));
  reader.end();
  return { size, index, path };
}

// readReceipt decodes one receipt; what it accepts has one encoding. Refuses with BAD_PROOF_TEXT,
// BAD_ALG and what the CBOR reader refuses with.
export function readReceipt(bytes: Uint8Array): Receipt {
  const reader = new Reader(bytes);
  expect(reader, 'tag', 18n);
  expect(reader, 'array', 4n);
  const protectedBytes = reader.want('bytes').bytes;
  const key = readProtected(protectedBytes);
  expect(reader, 'map', 1n);
  expect(reader, 'uint', 396n);
  expect(reader, 'map', 1n);
  const label = reader.want('negint').n;
  if (label > 1n) bad(reader);
  const kind = label === 0n ? 'inclusion' : 'consistency';
  expect(reader, 'array', 1n);
  const proof = readProof(reader.want('bytes').bytes, kind);
  reader.want('null');
  const signature = expectBytes(reader, 64);
  reader.end();
  return { kind, key, protectedBytes, ...proof, signature };
}

// signedBytes is what the signature is over, given the root computed from the proof.
export function signedBytes(receipt: Receipt, root: Uint8Array): Uint8Array {
  return concat(
    Uint8Array.of(0x84),
    string('text', utf8('Signature1')),
    string('bytes', receipt.protectedBytes),
    string('bytes', new Uint8Array(0)),
    string('bytes', root),
  );
}
