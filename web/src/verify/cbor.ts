// cbor: a cursor over deterministic CBOR (RFC 8949 section 4.2.1): one call, one head.
//
// It refuses every encoding that is not the shortest, so what it reads has one encoding. Fractions,
// indefinite lengths and simple values other than true, false and null are no part of the profile.
// The order of the refusals is that of src/wire/cbor.c: both programs name the same fault.
import { checkUtf8, concat, unbig } from './bytes';
import { refuse } from './refusal';

export type Kind = 'uint' | 'negint' | 'bytes' | 'text' | 'array' | 'map' | 'tag' | 'bool' | 'null';

// n: the value, of negint the n of -1 - n; a length, a count, a tag; of bool 0 or 1.
export interface Token {
  kind: Kind;
  n: bigint;
  bytes: Uint8Array;
}

const KINDS: Kind[] = ['uint', 'negint', 'bytes', 'text', 'array', 'map', 'tag'];
const NOTHING = new Uint8Array(0);

// Bytes of a head whose low five bits are small, and the least value that needs that many.
const SIZES: Record<number, { size: number; least: bigint }> = {
  24: { size: 2, least: 24n },
  25: { size: 3, least: 0x100n },
  26: { size: 5, least: 0x10000n },
  27: { size: 9, least: 0x100000000n },
};

export class Reader {
  readonly input: Uint8Array;
  pos = 0;

  constructor(input: Uint8Array) {
    this.input = input;
  }

  private left(): number {
    return this.input.length - this.pos;
  }

  // Simple values: true, false and null.
  private simple(small: number): Token {
    if (small < 20 || small > 22) refuse('WRONG_TYPE', this.pos);
    this.pos++;
    return small === 22
      ? { kind: 'null', n: 0n, bytes: NOTHING }
      : { kind: 'bool', n: BigInt(small - 20), bytes: NOTHING };
  }

  // next reads one head, with the contents of a string. Refuses with SHORT, NOT_CANONICAL,
  // WRONG_TYPE, BAD_UTF8.
  next(): Token {
    if (this.left() === 0) refuse('SHORT', this.pos);
    const first = this.input[this.pos]!;
    const major = first >> 5;
    const small = first & 31;
    let head = 1;
    let n = BigInt(small);

    if (major === 7) return this.simple(small);
    if (small > 27) refuse('WRONG_TYPE', this.pos);
    if (small >= 24) {
      head = SIZES[small]!.size;
      if (this.left() < head) refuse('SHORT', this.pos);
      n = unbig(this.input.subarray(this.pos + 1, this.pos + head));
    }
    const kind = KINDS[major]!;
    const string = kind === 'bytes' || kind === 'text';
    if (string && BigInt(this.left() - head) < n) refuse('SHORT', this.pos);
    if (small >= 24 && n < SIZES[small]!.least) refuse('NOT_CANONICAL', this.pos);
    const end = this.pos + head + (string ? Number(n) : 0);
    const bytes = string ? this.input.subarray(this.pos + head, end) : NOTHING;
    if (kind === 'text') checkUtf8(bytes);
    this.pos = end;
    return { kind, n, bytes };
  }

  // want reads a head of that kind.
  want(kind: Kind): Token {
    const at = this.pos;
    const token = this.next();
    if (token.kind !== kind) refuse('WRONG_TYPE', at);
    return token;
  }

  // end refuses with TRAILING unless everything was read.
  end(): void {
    if (this.left() !== 0) refuse('TRAILING', this.pos);
  }
}

// head writes the shortest head.
export function head(kind: Kind, n: bigint): Uint8Array {
  const major = KINDS.indexOf(kind) << 5;
  if (n < 24n) return Uint8Array.of(major | Number(n));
  for (const [small, { size }] of Object.entries(SIZES)) {
    if (n >> BigInt(8 * (size - 1)) !== 0n) continue;
    const out = new Uint8Array(size);
    out[0] = major | Number(small);
    for (let i = size - 1, rest = n; i > 0; i--, rest >>= 8n) out[i] = Number(rest & 255n);
    return out;
  }
  throw new RangeError('a head holds 64 bits');
}

// string writes a byte string or text with its head.
export function string(kind: 'bytes' | 'text', contents: Uint8Array): Uint8Array {
  return concat(head(kind, BigInt(contents.length)), contents);
}
