// ics23: proofs that a state tree holds a key with a value, or that it does not (ICS-23, in the
// Tendermint shape; SPEC/state.md, src/crypto/ics23.h).
//
//     leaf   SHA-256(00 || varint len key || key || 20 || SHA-256(value))
//     node   SHA-256(01 || left || right)
//
// Narrower than the specification: prefixes are exactly 00 and 01, a step has exactly two children
// of 32 bytes, a path at most 256 steps; no batch, no compression. Only the canonical protobuf is
// read (ascending fields, no defaults, no unknown fields, shortest integers), so that bytes and
// proof are one to one.
import { compare, equal } from './bytes';
import { sha256 } from './hash';
import { refuse } from './refusal';

const PATH_MAX = 256;
const CHILD = 32;

// The numbers of enum cy_ics23_reason: the detail of a refusal.
export const Reason = {
  BYTES: 1, KIND: 2, LEAF: 3, STEP: 4, DEPTH: 5, KEY: 6, VALUE: 7, ROOT: 8, NEIGHBOUR: 9,
} as const;

function no(reason: keyof typeof Reason): never {
  refuse('BAD_STATE_PROOF', Reason[reason]);
}

interface Leaf {
  hash: number;
  prehashKey: number;
  prehashValue: number;
  length: number;
  prefix: Uint8Array;
}

export interface Step {
  hash: number;
  prefix: Uint8Array;
  suffix: Uint8Array;
}

export interface Exist {
  key: Uint8Array;
  value: Uint8Array;
  leaf: Leaf;
  path: Step[]; // from the leaf up
}

export interface Absent {
  key: Uint8Array;
  left: Exist | null; // null: the key is before every leaf
  right: Exist | null; // null: the key is behind every leaf
}

export type Proof = { exist: Exist; absent: null } | { exist: null; absent: Absent };

const NOTHING: Uint8Array = new Uint8Array(0);

// A cursor over one protobuf message.
class Fields {
  private pos = 0;
  private last = 0;
  private type = 0;

  constructor(private readonly bytes: Uint8Array) {}

  done(): boolean {
    return this.pos === this.bytes.length;
  }

  // Shortest base-128 integers up to 32 bits: no length or enumeration needs more.
  private varint(): number {
    let v = 0;
    for (let i = 0; i < 5 && this.pos < this.bytes.length; i++) {
      const b = this.bytes[this.pos++]!;
      v += (b & 0x7f) * 2 ** (7 * i);
      if ((b & 0x80) !== 0) continue;
      if ((b === 0 && i > 0) || v > 0xffffffff) no('BYTES');
      return v;
    }
    return no('BYTES');
  }

  // The next field's number. Numbers ascend; equal ones pass only for the repeated field.
  next(repeated: number): number {
    const tag = this.varint();
    const field = Math.floor(tag / 8);
    this.type = tag % 8;
    if (field === 0 || field < this.last || (field === this.last && field !== repeated)) no('BYTES');
    this.last = field;
    return field;
  }

  message(): Uint8Array {
    if (this.type !== 2) no('BYTES');
    const n = this.varint();
    if (n > this.bytes.length - this.pos) no('BYTES');
    this.pos += n;
    return this.bytes.subarray(this.pos - n, this.pos);
  }

  // Bytes that are no message: an empty one is a default and must not be written.
  value(): Uint8Array {
    const out = this.message();
    return out.length > 0 ? out : no('BYTES');
  }

  enumeration(): number {
    const v = this.type === 0 ? this.varint() : 0;
    return v !== 0 ? v : no('BYTES');
  }
}

function readLeaf(bytes: Uint8Array): Leaf {
  const out: Leaf = { hash: 0, prehashKey: 0, prehashValue: 0, length: 0, prefix: NOTHING };
  const fields = new Fields(bytes);
  while (!fields.done()) {
    switch (fields.next(0)) {
      case 1: out.hash = fields.enumeration(); break;
      case 2: out.prehashKey = fields.enumeration(); break;
      case 3: out.prehashValue = fields.enumeration(); break;
      case 4: out.length = fields.enumeration(); break;
      case 5: out.prefix = fields.value(); break;
      default: no('BYTES');
    }
  }
  return out;
}

function readStep(bytes: Uint8Array): Step {
  const out: Step = { hash: 0, prefix: NOTHING, suffix: NOTHING };
  const fields = new Fields(bytes);
  while (!fields.done()) {
    switch (fields.next(0)) {
      case 1: out.hash = fields.enumeration(); break;
      case 2: out.prefix = fields.value(); break;
      case 3: out.suffix = fields.value(); break;
      default: no('BYTES');
    }
  }
  return out;
}

function readExist(bytes: Uint8Array): Exist {
  let key = NOTHING;
  let value = NOTHING;
  let leaf: Leaf | null = null;
  const path: Step[] = [];
  const fields = new Fields(bytes);
  while (!fields.done()) {
    switch (fields.next(4)) {
      case 1: key = fields.value(); break;
      case 2: value = fields.value(); break;
      case 3: leaf = readLeaf(fields.message()); break;
      case 4:
        if (path.length === PATH_MAX) no('DEPTH');
        path.push(readStep(fields.message()));
        break;
      default: no('BYTES');
    }
  }
  // a missing leaf op would be written back as an empty one
  return leaf === null ? no('BYTES') : { key, value, leaf, path };
}

function readAbsent(bytes: Uint8Array): Absent {
  const out: Absent = { key: NOTHING, left: null, right: null };
  const fields = new Fields(bytes);
  while (!fields.done()) {
    switch (fields.next(0)) {
      case 1: out.key = fields.value(); break;
      case 2: out.left = readExist(fields.message()); break;
      case 3: out.right = readExist(fields.message()); break;
      default: no('BYTES');
    }
  }
  return out;
}

// readProof reads a CommitmentProof. Refuses with BAD_STATE_PROOF.
export function readProof(bytes: Uint8Array): Proof {
  const fields = new Fields(bytes);
  const field = fields.done() ? 0 : fields.next(0);
  const body = field === 0 ? NOTHING : fields.message();
  if (field === 0 || field > 2 || !fields.done()) no('BYTES');
  return field === 1
    ? { exist: readExist(body), absent: null }
    : { exist: null, absent: readAbsent(body) };
}

function varint(n: number): Uint8Array {
  const out: number[] = [];
  for (; n >= 0x80; n = Math.floor(n / 128)) out.push((n % 128) | 0x80);
  return Uint8Array.of(...out, n);
}

function leafFits(leaf: Leaf): boolean {
  return leaf.hash === 1 && leaf.prehashKey === 0 && leaf.prehashValue === 1 && leaf.length === 1 &&
    leaf.prefix.length === 1 && leaf.prefix[0] === 0;
}

// Which child a step passes through: 0 left, 1 right, -1 neither shape.
function side(step: Step): number {
  if (step.prefix.length === 1 && step.suffix.length === CHILD) return 0;
  return step.prefix.length === 1 + CHILD && step.suffix.length === 0 ? 1 : -1;
}

function stepFits(step: Step): boolean {
  return step.hash === 1 && step.prefix[0] === 1 && side(step) >= 0;
}

// rootOf is the root to which an existence proof leads. Refuses when it does not have the shape.
export function rootOf(exist: Exist): Uint8Array {
  if (exist.path.length > PATH_MAX) no('DEPTH');
  if (exist.key.length === 0) no('KEY');
  if (exist.value.length === 0) no('VALUE');
  if (!leafFits(exist.leaf)) no('LEAF');
  let hash = sha256(exist.leaf.prefix, varint(exist.key.length), exist.key, Uint8Array.of(CHILD),
    sha256(exist.value));
  for (const step of exist.path) {
    if (!stepFits(step)) no('STEP');
    hash = sha256(step.prefix, hash, step.suffix);
  }
  return hash;
}

function checkRoot(exist: Exist, root: Uint8Array): void {
  if (!equal(rootOf(exist), root)) no('ROOT');
}

// checkPresent refuses unless the tree of that root holds key with value; it gives the steps.
export function checkPresent(root: Uint8Array, proof: Uint8Array, key: Uint8Array, value: Uint8Array): number {
  const { exist } = readProof(proof);
  if (exist === null) no('KIND');
  if (!equal(exist.key, key)) no('KEY');
  if (!equal(exist.value, value)) no('VALUE');
  checkRoot(exist, root);
  return exist.path.length;
}

function allOn(path: Step[], which: number): boolean {
  return path.every((step) => side(step) === which);
}

function sameStep(a: Step, b: Step): boolean {
  return equal(a.prefix, b.prefix) && equal(a.suffix, b.suffix);
}

// Adjacent leaves share their upper steps; where they part, left goes left and right goes right;
// below, left is the right-most of its subtree and right the left-most of its own.
function adjacent(left: Exist, right: Exist): boolean {
  let a = left.path.length;
  let b = right.path.length;
  while (a > 0 && b > 0 && sameStep(left.path[a - 1]!, right.path[b - 1]!)) {
    a--;
    b--;
  }
  if (a === 0 || b === 0) return false;
  return side(left.path[a - 1]!) === 0 && side(right.path[b - 1]!) === 1 &&
    allOn(left.path.slice(0, a - 1), 1) && allOn(right.path.slice(0, b - 1), 0);
}

function atEdge({ left, right }: Absent): boolean {
  if (left !== null && right !== null) return adjacent(left, right);
  if (left !== null) return allOn(left.path, 1);
  return right !== null && allOn(right.path, 0);
}

// checkAbsent refuses unless the tree of that root holds nothing under key.
export function checkAbsent(root: Uint8Array, proof: Uint8Array, key: Uint8Array): void {
  const { absent } = readProof(proof);
  if (absent === null) no('KIND');
  if (!equal(absent.key, key)) no('KEY');
  if (absent.left !== null) {
    checkRoot(absent.left, root);
    if (compare(absent.left.key, key) >= 0) no('KEY');
  }
  if (absent.right !== null) {
    checkRoot(absent.right, root);
    if (compare(key, absent.right.key) >= 0) no('KEY');
  }
  if (!atEdge(absent)) no('NEIGHBOUR');
}
