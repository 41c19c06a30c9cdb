// heads: two signed heads of one ledger held against one another (SPEC/proofs.md, "Two heads").
//
//     comity heads@v1
//     BASE64 ...            the consistency path from the smaller to the larger tree, if any
//                           an empty line
//     one checkpoint, verbatim
//                           an empty line
//     another, verbatim
//
//     same size, same root      one history
//     same size, other roots    two histories: the ledger's key convicts itself
//     other sizes               one history when the path leads from one root to the other
//
// That no path was given proves nothing against anybody: it may exist. Cosignatures are shown and
// not asked for: a betrayal is one without them.
import { base64, equal, text, unbase64, utf8 } from './bytes';
import type { Head, Trust } from './checkpoint';
import { heldTo, ledgerName, verifyHead } from './checkpoint';
import { checkConsistency } from './merkle';
import { Refusal, refuse } from './refusal';
import type { Fact, HeadView, Steps } from './report';

export const HEADS = 'comity heads@v1';
const PATH_MAX = 64;

export interface TwoHeads {
  path: Uint8Array[];
  heads: [Uint8Array, Uint8Array];
}

export function looksLikeHeads(bytes: Uint8Array): boolean {
  return [...'comity heads@'].every((c, i) => c.charCodeAt(0) === bytes[i]);
}

// Where the empty line behind pos begins: the second of two newlines.
function emptyLine(bytes: Uint8Array, pos: number): number {
  for (let i = pos; i + 1 < bytes.length; i++)
    if (bytes[i] === 0x0a && bytes[i + 1] === 0x0a) return i + 1;
  return refuse('BAD_PROOF_TEXT');
}

function readHash(line: string, number: number): Uint8Array {
  try {
    const hash = unbase64(line);
    if (hash.length === 32) return hash;
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
  }
  return refuse('BAD_PROOF_TEXT', number);
}

// readHeads splits the file; a checkpoint has one empty line of its own. Refuses with
// BAD_PROOF_TEXT.
export function readHeads(bytes: Uint8Array): TwoHeads {
  const first = emptyLine(bytes, 0);
  const head = bytes.subarray(0, first);
  if (head.some((b) => b > 0x7f)) refuse('BAD_PROOF_TEXT', 1);
  const [name, ...lines] = text(head).split('\n').slice(0, -1);
  if (name !== HEADS) refuse('BAD_PROOF_TEXT', 1);
  if (lines.length > PATH_MAX) refuse('BAD_PROOF_TEXT', 2 + PATH_MAX);
  const path = lines.map((line, i) => readHash(line, i + 2));
  const inner = emptyLine(bytes, first + 1);
  const split = emptyLine(bytes, inner + 1);
  return { path, heads: [bytes.subarray(first + 1, split), bytes.subarray(split + 1)] };
}

// writeHeads puts two checkpoints and a path into one file.
export function writeHeads(a: Uint8Array, b: Uint8Array, path: Uint8Array[]): Uint8Array {
  return utf8(`${HEADS}\n${path.map((h) => `${base64(h)}\n`).join('')}\n${text(a)}\n${text(b)}`);
}

function facts(head: Head, trust: Trust): Fact[] {
  return [
    { what: 'size', value: String(head.size) },
    { what: 'root', value: base64(head.root) },
    heldTo(trust),
    ...head.cosigned.map((c) => ({ what: 'cosigned by', value: c.witness.name })),
  ];
}

function view(head: Head, bytes: Uint8Array): HeadView {
  const cosigned = head.cosigned.map((c) => ({ name: c.witness.name, time: c.time }));
  return { origin: head.origin, size: head.size, root: base64(head.root), cosigned, bytes };
}

function stepSigned(steps: Steps, which: string, bytes: Uint8Array, trust: Trust): Head {
  const failed = `the ${which} head is signed by ${ledgerName(trust)}`;
  const head = steps.check(failed, () => verifyHead(bytes, trust, true));
  steps.pass(
    `the ${which} head, of ${head.size} entries, is signed by ${head.origin} and cosigned by ${head.count}`,
    facts(head, trust),
  );
  return head;
}

// Witnesses that cosigned both of two conflicting heads betrayed as well.
function convict(steps: Steps, a: Head, b: Head): void {
  const both = a.cosigned.filter((c) => b.cosigned.some((d) => equal(d.witness.key, c.witness.key)));
  steps.report.betrayal = true;
  steps.pass(`two roots are signed for one size, ${a.size}: the ledger has shown two histories`, [
    { what: 'one root', value: base64(a.root) },
    { what: 'the other', value: base64(b.root) },
    ...both.map((c) => ({ what: 'a witness that cosigned both', value: c.witness.name })),
  ]);
}

function join(steps: Steps, a: Head, b: Head, path: Uint8Array[]): void {
  const [older, newer] = a.size < b.size ? [a, b] : [b, a];
  const sentence = `the head of ${newer.size} entries extends that of ${older.size} (${path.length} hashes)`;
  const roots = [{ what: 'older root', value: base64(older.root) }, { what: 'newer root', value: base64(newer.root) }];
  steps.check(sentence, () => checkConsistency(older.size, older.root, newer.size, newer.root, path), roots);
  steps.pass(sentence, roots);
}

// checkHeads takes the steps.
export function checkHeads(steps: Steps, bytes: Uint8Array, trust: Trust): void {
  const form = `the file is in the form ${HEADS}`;
  const two = steps.check(form, () => readHeads(bytes));
  steps.pass(form);
  const a = stepSigned(steps, 'first', two.heads[0], trust);
  const b = stepSigned(steps, 'second', two.heads[1], trust);
  steps.report.heads = [view(a, two.heads[0]), view(b, two.heads[1])];
  if (a.size !== b.size) return join(steps, a, b, two.path);
  if (!equal(a.root, b.root)) return convict(steps, a, b);
  steps.pass(`both heads are of ${a.size} entries under one root: the same history`);
}
