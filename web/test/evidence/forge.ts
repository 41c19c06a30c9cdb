// forge: a ledger whose keys the test holds. It signs whatever the test wants signed, so that a verifier
// meets what no honest daemon would send: heads that contradict each other, receipts with other
// algorithms, answers with records left out, and every question about every history.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { base64, big, concat, hex, utf8 } from '../../src/verify/bytes';
import { head, string } from '../../src/verify/cbor';
import type { Message, Value } from '../../src/verify/codec';
import type { Field, Schema } from '../../src/verify/schema';
import { allSchemas } from '../../src/verify/schema';
import { stateKey } from '../../src/verify/statekey';

export type Bytes = Uint8Array;

export function sha(...parts: Bytes[]): Bytes {
  const h = createHash('sha256');
  for (const part of parts) h.update(part);
  return Uint8Array.from(h.digest());
}

// --- keys ---

const PKCS8 = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

export class Key {
  readonly public: Bytes;
  private readonly secret;

  constructor(seed: string) {
    this.secret = createPrivateKey({
      key: Buffer.from(concat(PKCS8, sha(utf8(seed)))),
      format: 'der',
      type: 'pkcs8',
    });
    const spki = createPublicKey(this.secret).export({ format: 'der', type: 'spki' });
    this.public = Uint8Array.from(spki.subarray(12));
  }

  sign(message: Bytes): Bytes {
    return Uint8Array.from(sign(null, message, this.secret));
  }
}

export class NoteSigner {
  readonly vkey: string;
  readonly id: Bytes;

  constructor(readonly name: string, readonly type: 1 | 4, readonly key: Key) {
    const typed = concat(Uint8Array.of(type), key.public);
    this.id = sha(utf8(name), Uint8Array.of(10), typed).subarray(0, 4);
    this.vkey = `${name}+${hex(this.id)}+${base64(typed)}`;
  }

  // line signs a checkpoint; a witness at that time, in Unix seconds.
  line(text: string, time = 1795160000n): string {
    const message = this.type === 1 ? utf8(text) : utf8(`cosignature/v1\ntime ${time}\n${text}`);
    const stamp = this.type === 1 ? new Uint8Array(0) : big(time, 8);
    return `\u2014 ${this.name} ${base64(concat(this.id, stamp, this.key.sign(message)))}\n`;
  }
}

// --- CBOR ---

const uint = (n: bigint | number): Bytes => head('uint', BigInt(n));
const bstr = (b: Bytes): Bytes => string('bytes', b);
const tstr = (t: string): Bytes => string('text', utf8(t));
const array = (...items: Bytes[]): Bytes => concat(head('array', BigInt(items.length)), ...items);
const map = (...pairs: [Bytes, Bytes][]): Bytes =>
  concat(head('map', BigInt(pairs.length)), ...pairs.flat());
const tag = (n: number, item: Bytes): Bytes => concat(head('tag', BigInt(n)), item);
const neg = (n: number): Bytes => head('negint', BigInt(-1 - n));

function shortest(v: bigint): Bytes {
  const all = big(v, 16);
  return all.subarray(all.findIndex((b) => b !== 0));
}

function encodeValue(f: Field, v: Value): Bytes {
  switch (f.type) {
    case 'bool':
      return Uint8Array.of(0xf5);
    case 'amount':
      return bstr(shortest(v as bigint));
    case 'id':
    case 'bytes':
      return bstr(v as Bytes);
    case 'code':
    case 'name':
    case 'line':
    case 'text':
      return tstr(v as string);
    case 'list':
    case 'acts':
      return array(...(v as Message[]).map(encode));
    default:
      return uint(v as bigint);
  }
}

export function encode(m: Message): Bytes {
  const pairs: [Bytes, Bytes][] = m.schema.kind === 'act' ? [[uint(0), uint(m.schema.number)]] : [];
  for (const f of m.schema.fields) {
    const v = m.values.get(f.name);
    if (v !== undefined) pairs.push([uint(f.key), encodeValue(f, v)]);
  }
  return map(...pairs);
}

export function schemaNamed(name: string): Schema {
  return allSchemas().find((s) => s.name === name)!;
}

// message makes an act or record; defaults are left out.
export function message(name: string, values: Record<string, Value>): Message {
  const kept = Object.entries(values).filter(
    ([, v]) => v !== 0n && v !== '' && v !== false && !((v as Bytes).length === 0),
  );
  return { schema: schemaNamed(name), values: new Map(kept) };
}

// --- acts ---

const EMPTY = new Uint8Array(0);
const TYPE = 'application/vnd.comity.act+cbor';

export interface ActForm {
  algorithm?: number;
  author?: string;
  realm?: string;
  nonce?: number;
}

export function act(payload: Bytes, keys: Key[], form: ActForm = {}): Bytes {
  const claims: [Bytes, Bytes][] = [];
  if (form.author) claims.push([uint(1), tstr(form.author)]);
  if (form.realm) claims.push([uint(3), tstr(form.realm)]);
  claims.push([uint(4), uint(1893456000)]);
  claims.push([uint(7), bstr(big(BigInt(form.nonce ?? 0), 16))]);
  const alg: [Bytes, Bytes] = [uint(1), neg(form.algorithm ?? -8)];
  const type: [Bytes, Bytes] = [uint(3), tstr(TYPE)];
  const said: [Bytes, Bytes] = [uint(15), map(...claims)];
  const kid = (k: Key): [Bytes, Bytes] => [uint(4), bstr(k.public)];
  if (keys.length === 1) {
    const bucket = map(alg, type, kid(keys[0]!), said);
    const signature = keys[0]!.sign(array(tstr('Signature1'), bstr(bucket), bstr(EMPTY), bstr(payload)));
    return tag(18, array(bstr(bucket), map(), bstr(payload), bstr(signature)));
  }
  const bucket = map(type, said);
  const signers = keys.map((k) => {
    const own = map(alg, kid(k));
    const signed = array(tstr('Signature'), bstr(bucket), bstr(own), bstr(EMPTY), bstr(payload));
    return array(bstr(own), map(), bstr(k.sign(signed)));
  });
  return tag(98, array(bstr(bucket), map(), bstr(payload), array(...signers)));
}

// --- the tree of the log (RFC 9162) ---

const leafOf = (entry: Bytes): Bytes => sha(Uint8Array.of(0), entry);
const nodeOf = (l: Bytes, r: Bytes): Bytes => sha(Uint8Array.of(1), l, r);

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

export class Log {
  readonly entries: Bytes[] = [];

  add(entry: Bytes): number {
    return this.entries.push(entry) - 1;
  }

  root(size = this.entries.length, from = 0): Bytes {
    if (size === 0) return sha(EMPTY);
    if (size === 1) return leafOf(this.entries[from]!);
    const k = split(size);
    return nodeOf(this.root(k, from), this.root(size - k, from + k));
  }

  inclusion(index: number, size = this.entries.length, from = 0): Bytes[] {
    if (size <= 1) return [];
    const k = split(size);
    return index < k
      ? [...this.inclusion(index, k, from), this.root(size - k, from + k)]
      : [...this.inclusion(index - k, size - k, from + k), this.root(k, from)];
  }

  consistency(older: number, size = this.entries.length, from = 0, whole = true): Bytes[] {
    if (older === size) return whole ? [] : [this.root(size, from)];
    const k = split(size);
    return older <= k
      ? [...this.consistency(older, k, from, whole), this.root(size - k, from + k)]
      : [...this.consistency(older - k, size - k, from + k, false), this.root(k, from)];
  }
}

export function checkpointText(origin: string, size: number | bigint, root: Bytes): string {
  return `${origin}\n${size}\n${base64(root)}\n`;
}

export function signedNote(text: string, signers: NoteSigner[]): string {
  return `${text}\n${signers.map((s) => s.line(text)).join('')}`;
}

export function tlogProof(index: number, path: Bytes[], checkpoint: string, extra?: Bytes): string {
  const lines = path.map((h) => `${base64(h)}\n`).join('');
  return `c2sp.org/tlog-proof@v1\n${extra ? `extra ${base64(extra)}\n` : ''}index ${index}\n${lines}\n${checkpoint}`;
}

export function coseReceipt(
  key: Key, kind: 'inclusion' | 'consistency', size: number, index: number, path: Bytes[], root: Bytes, algorithm = -8,
): Bytes {
  const bucket = map([uint(1), neg(algorithm)], [uint(4), bstr(key.public)], [uint(395), uint(1)]);
  const proof = array(uint(size), uint(index), array(...path.map(bstr)));
  const signature = key.sign(array(tstr('Signature1'), bstr(bucket), bstr(EMPTY), bstr(root)));
  const proofs = map([neg(kind === 'inclusion' ? -1 : -2), array(bstr(proof))]);
  return tag(18, array(bstr(bucket), map([uint(396), proofs]), Uint8Array.of(0xf6), bstr(signature)));
}

// --- the tree of the state (SPEC/state.md) ---

interface Leaf {
  key: Bytes;
  value: Bytes;
}

const bit = (key: Bytes, i: number): number => (key[i >> 3]! >> (7 - (i & 7))) & 1;
const stateLeaf = (l: Leaf): Bytes =>
  sha(Uint8Array.of(0, 32), l.key, Uint8Array.of(32), sha(l.value));

function order(a: Leaf, b: Leaf): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

function parts(leaves: Leaf[]): [Leaf[], Leaf[]] {
  let i = 0;
  while (bit(leaves[0]!.key, i) === bit(leaves.at(-1)!.key, i)) i++;
  const at = leaves.findIndex((l) => bit(l.key, i) === 1);
  return [leaves.slice(0, at), leaves.slice(at)];
}

function proto(field: number, body: Bytes): Bytes {
  const size: number[] = [];
  let n = body.length;
  for (; n >= 128; n >>= 7) size.push((n & 127) | 128);
  return concat(Uint8Array.of((field << 3) | 2, ...size, n), body);
}

export class State {
  private readonly leaves: Leaf[] = [];
  private readonly roots = new Map<string, Bytes>();

  put(record: Message): void {
    this.leaves.push({ key: stateKey(record), value: encode(record) });
  }

  private rootOf(leaves: Leaf[]): Bytes {
    const name = `${hex(leaves[0]!.key)}${hex(leaves.at(-1)!.key)}`;
    const known = this.roots.get(name);
    if (known) return known;
    let root = leaves.length === 1 ? stateLeaf(leaves[0]!) : EMPTY;
    if (leaves.length > 1) {
      const [l, r] = parts(leaves);
      root = nodeOf(this.rootOf(l), this.rootOf(r));
    }
    this.roots.set(name, root);
    return root;
  }

  root(): Bytes {
    this.leaves.sort(order);
    return this.rootOf(this.leaves);
  }

  private steps(leaves: Leaf[], key: Bytes): Bytes[] {
    if (leaves.length === 1) return [];
    const [l, r] = parts(leaves);
    const left = l.some((x) => Buffer.compare(Buffer.from(x.key), Buffer.from(key)) === 0);
    const step = left
      ? concat(Uint8Array.of(8, 1), proto(2, Uint8Array.of(1)), proto(3, this.rootOf(r)))
      : concat(Uint8Array.of(8, 1), proto(2, concat(Uint8Array.of(1), this.rootOf(l))));
    return [...this.steps(left ? l : r, key), step];
  }

  // prove is the ICS-23 proof of a record that was put.
  prove(record: Message): Bytes {
    this.root();
    const key = stateKey(record);
    const leafOp = concat(Uint8Array.of(8, 1, 24, 1, 32, 1), proto(5, Uint8Array.of(0)));
    const path = this.steps(this.leaves, key).map((s) => proto(4, s));
    return proto(1, concat(proto(1, key), proto(2, encode(record)), proto(3, leafOp), ...path));
  }
}
