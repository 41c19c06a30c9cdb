// equivocation: two signed statements of one key that nobody honest signs both (SPEC/proofs.md, "Evidence"; the
// rule of src/verify/two_statements.h).
//
//     comity evidence@v1
//     vote | head | cosignature
//     key BASE64
//     prefix BASE64 ...         heads of two sizes: the larger tree's root at the smaller size, and the path
//                               an empty line
//     one signed note, an empty line, another
//
// The key is part of the evidence, and nobody is trusted: what the reader trusts only says whose it is.
import { base64, equal, hex, readUint, text, unbase64, unbig, utf8 } from './bytes';
import type { Trust } from './checkpoint';
import { ledgerName } from './checkpoint';
import { verifyStrict } from './ed25519';
import { sha256 } from './hash';
import { checkConsistency } from './merkle';
import type { Checkpoint, Note } from './note';
import { COSIGNATURE_BYTES, cosignedText, readCheckpoint, readNote } from './note';
import { LOG_KEY, WITNESS_KEY } from './notekey';
import { policyWitnesses } from './policy';
import { Refusal, refuse } from './refusal';
import type { Steps } from './report';

const EVIDENCE = 'comity evidence@v1';
const KINDS = ['vote', 'head', 'cosignature'] as const;
const PATH_MAX = 64;
const NOTE_MAX = 8192;
const ROUND_END = 0xffffffffn; // no round

type Kind = (typeof KINDS)[number];

export interface Equivocation {
  kind: Kind;
  key: Uint8Array;
  prefix: Uint8Array | null;
  path: Uint8Array[];
  notes: [Uint8Array, Uint8Array];
}

interface Vote {
  origin: string;
  place: string; // height, round and step: what must be the same
  height: bigint;
  round: bigint;
  said: string; // value, and the round that a proposal follows: what must not differ
}

export function looksLikeEvidence(bytes: Uint8Array): boolean {
  return [...'comity evidence@'].every((c, i) => c.charCodeAt(0) === bytes[i]);
}

// Any refusal inside becomes this one.
function orRefuse<T>(read: () => T, code: 'BAD_PROOF_TEXT' | 'BAD_VOTE', detail: number): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof Refusal) refuse(code, detail);
    throw e;
  }
}

function readHash(words: string, line: number): Uint8Array {
  const hash = orRefuse(() => unbase64(words), 'BAD_PROOF_TEXT', line);
  return hash.length === 32 ? hash : refuse('BAD_PROOF_TEXT', line);
}

function after(line: string | undefined, word: string, number: number): string {
  return line?.startsWith(word) ? line.slice(word.length) : refuse('BAD_PROOF_TEXT', number);
}

// Where the empty line behind pos begins: the second of two newlines; -1 when there is none.
function emptyLine(bytes: Uint8Array, pos: number): number {
  for (let i = pos; i + 1 < bytes.length; i++)
    if (bytes[i] === 0x0a && bytes[i + 1] === 0x0a) return i + 1;
  return -1;
}

function readJoin(lines: string[], kind: Kind): [Uint8Array | null, Uint8Array[]] {
  if (lines.length === 0) return [null, []];
  if (kind === 'vote') refuse('BAD_PROOF_TEXT', 4);
  const prefix = readHash(after(lines[0], 'prefix ', 4), 4);
  if (prefix.every((b) => b === 0)) refuse('BAD_PROOF_TEXT', 4);
  if (lines.length - 1 > PATH_MAX) refuse('BAD_PROOF_TEXT', 5 + PATH_MAX);
  return [prefix, lines.slice(1).map((line, i) => readHash(line, i + 5))];
}

// readEquivocation takes the file apart. Refuses with BAD_PROOF_TEXT.
export function readEquivocation(bytes: Uint8Array): Equivocation {
  const first = emptyLine(bytes, 0);
  const head = first < 0 ? bytes : bytes.subarray(0, first);
  const words = String.fromCharCode(...head.subarray(0, NOTE_MAX));
  const [name, kind, key, ...join] = words.split('\n').slice(0, -1);
  if (name !== EVIDENCE) refuse('BAD_PROOF_TEXT', 1);
  const known = KINDS.find((k) => k === kind) ?? refuse('BAD_PROOF_TEXT', 2);
  const by = readHash(after(key, 'key ', 3), 3);
  const [prefix, path] = readJoin(join, known);
  const inner = first < 0 ? -1 : emptyLine(bytes, first + 1);
  const split = inner < 0 ? -1 : emptyLine(bytes, inner);
  if (split < 0) refuse('BAD_PROOF_TEXT');
  const notes: [Uint8Array, Uint8Array] = [bytes.subarray(first + 1, split), bytes.subarray(split + 1)];
  if (notes[1].length === 0 || notes.some((n) => n.length > NOTE_MAX)) refuse('BAD_PROOF_TEXT');
  return { kind: known, key: by, prefix, path, notes };
}

function number(line: string | undefined, word: string, at: number): bigint {
  return orRefuse(() => readUint(after(line, word, at)), 'BAD_VOTE', at);
}

function readStep(line: string, round: bigint): void {
  if (['prevote', 'precommit', 'propose'].includes(line)) return;
  if (number(line, 'propose after ', 5) >= round) refuse('BAD_VOTE', 5);
}

function readValue(line: string, proposal: boolean): void {
  const value = orRefuse(() => after(line, 'value ', 6), 'BAD_VOTE', 6);
  if (value === 'nil' && !proposal) return;
  const digest = orRefuse(() => unbase64(value), 'BAD_VOTE', 6);
  if (digest.length !== 32 || digest.every((b) => b === 0)) refuse('BAD_VOTE', 6);
}

// The seven lines of SPEC/vote.md. Refuses with BAD_VOTE.
function readVote(signed: Uint8Array): Vote {
  const lines = text(signed).split('\n');
  if (lines[0] !== 'comity-vote/v1') refuse('BAD_VOTE', 1);
  const origin = lines[1] ?? '';
  if (origin === '' || utf8(origin).length > 255) refuse('BAD_VOTE', 2);
  const height = number(lines[2], 'height ', 3);
  const round = number(lines[3], 'round ', 4);
  if (round >= ROUND_END) refuse('BAD_VOTE', 4);
  const step = lines[4] ?? refuse('BAD_VOTE', 5);
  readStep(step, round);
  const proposal = step.startsWith('propose');
  readValue(lines[5] ?? '', proposal);
  number(lines[6], 'time ', 7);
  if (lines.length !== 8 || lines[7] !== '') refuse('BAD_VOTE', 8);
  const place = [height, round, proposal ? 'propose' : step].join(' ');
  return { origin, place, height, round, said: `${step} ${lines[5]}` };
}

// The key has signed, under whatever name its line bears. Refuses with NOT_SIGNED, BAD_SIGNATURE.
function signedBy(note: Note, kind: Kind, key: Uint8Array): void {
  const cosigned = kind === 'cosignature';
  let bad = -1;
  for (const [at, line] of note.signatures.entries()) {
    const type = Uint8Array.of(cosigned ? WITNESS_KEY : LOG_KEY);
    const id = hex(sha256(utf8(line.name), Uint8Array.of(0x0a), type, key).subarray(0, 4));
    if (id !== line.keyId) continue;
    bad = at;
    if (line.blob.length !== (cosigned ? COSIGNATURE_BYTES : 64)) continue;
    const message = cosigned ? cosignedText(unbig(line.blob.subarray(0, 8)), note.signed) : note.signed;
    if (verifyStrict(key, message, line.blob.subarray(cosigned ? 8 : 0))) return;
  }
  if (bad < 0) refuse('NOT_SIGNED');
  refuse('BAD_SIGNATURE', bad);
}

function readStatement(bytes: Uint8Array, what: Equivocation): Vote | Checkpoint {
  const note = readNote(bytes);
  const said = what.kind === 'vote' ? readVote(note.signed) : readCheckpoint(note.signed);
  signedBy(note, what.kind, what.key);
  return said;
}

function votesContradict(one: Vote, another: Vote): void {
  if (one.origin !== another.origin || one.place !== another.place || one.said === another.said) refuse('NO_CONFLICT');
}

function headsContradict(what: Equivocation, small: Checkpoint, large: Checkpoint): void {
  if (small.origin !== large.origin) refuse('NO_CONFLICT');
  if (small.size === large.size) {
    if (what.prefix !== null || equal(small.root, large.root)) refuse('NO_CONFLICT', 1);
    return;
  }
  if (what.prefix === null || small.size === 0n) refuse('NO_CONFLICT', 2);
  checkConsistency(small.size, what.prefix, large.size, large.root, what.path);
  if (equal(small.root, what.prefix)) refuse('NO_CONFLICT', 3);
}

// originOf is the ledger that the first statement is about, as it says itself; empty where it says none.
export function evidenceOrigin(bytes: Uint8Array): string {
  const { kind, notes } = readEquivocation(bytes);
  const { signed } = readNote(notes[0]);
  return kind === 'vote' ? readVote(signed).origin : readCheckpoint(signed).origin;
}

function signedWords(kind: Kind, key: Uint8Array): [string, string] {
  const what = kind === 'vote' ? 'vote' : 'head';
  const by = kind === 'cosignature' ? 'cosigned' : 'signed';
  return [`the first ${what} is ${by} by the key ${hex(key)}`, `the second ${what} is ${by} by the same key`];
}

const NOBODY_HONEST = 'nobody honest signs both';

function contradict(steps: Steps, what: Equivocation, one: Vote | Checkpoint, another: Vote | Checkpoint): string {
  if ('said' in one && 'said' in another) {
    steps.check(NOBODY_HONEST, () => votesContradict(one, another));
    return `two votes at height ${one.height}, round ${one.round} of ${one.origin} differ: the key has voted twice`;
  }
  const heads = [one, another] as [Checkpoint, Checkpoint];
  const [small, large] = heads[0].size <= heads[1].size ? heads : [heads[1], heads[0]];
  steps.check(NOBODY_HONEST, () => headsContradict(what, small, large));
  return small.size === large.size
    ? `two roots of ${small.origin} are signed for one size, ${small.size}: the key has stood for two histories`
    : `the head of ${large.size} entries of ${small.origin} began, up to ${small.size}, with another history than was signed`;
}

function knownAs(trust: Trust, key: Uint8Array): string {
  if (trust.log !== null && equal(trust.log.key, key)) return "the key is the ledger's own";
  const cosigners = [...trust.witnesses, ...(trust.policy ? policyWitnesses(trust.policy) : [])];
  return cosigners.some((w) => equal(w.key, key))
    ? 'the key is that of a cosigner you trust'
    : 'whose key it is, the keys given here do not say';
}

// checkEvidence takes the steps. trust may be null.
export function checkEvidence(steps: Steps, bytes: Uint8Array, trust: Trust | null): void {
  const form = `the file is in the form ${EVIDENCE}`;
  const what = steps.check(form, () => readEquivocation(bytes));
  steps.pass(form);
  const words = signedWords(what.kind, what.key);
  const said = what.notes.map((bytes, i) => {
    const statement = steps.check(words[i]!, () => readStatement(bytes, what));
    steps.pass(words[i]!, [{ what: 'what was signed', value: text(readNote(bytes).signed) }]);
    return statement;
  });
  steps.pass(contradict(steps, what, said[0]!, said[1]!), [
    { what: 'the key, base64', value: base64(what.key) },
    { what: 'the key', value: hex(what.key) },
  ]);
  steps.report.betrayal = true;
  if (trust !== null && ledgerName(trust) !== '') steps.pass(knownAs(trust, what.key));
}
