// verify: whatever a daemon answered, proven without it: the steps of `comity verify`
// (src/verify/verify.h), in the browser.
//
//     receipt (JSON), tlog-proof, checkpoint, two heads, COSE receipt, act, answer bundle, exit bundle, evidence
//
// Proven of a receipt are the act, its place and its bytes; what the daemon says about it (sentence,
// time, effects) is not: the sentence shown here is made from the act.
//
// What it is held to is given, never taken from the file. Never: the network.
import type { Act } from './act';
import { checkSignatures, openAct } from './act';
import { base64, equal, hex, unbase64, unhex, utf8 } from './bytes';
import type { TickSeen } from './bundle';
import { BUNDLE, BUNDLE_STEPS, BundleFailed, verifyBundle } from './bundle';
import type { Head, Trust } from './checkpoint';
import { cosignersOf, heldTo, ledgerName, verifyHead } from './checkpoint';
import { bytesOf } from './codec';
import { timeText } from './date';
import { verifyStrict } from './ed25519';
import { checkEvidence, looksLikeEvidence } from './equivocation';
import { checkComplete, checkEntry, checkRows, EXIT_FILE, readExitFile, summaryOf } from './exitfile';
import { leafHash } from './hash';
import { checkHeads, looksLikeHeads } from './heads';
import type { Json } from './json';
import { member, readJson, stringMember } from './json';
import { checkInclusion, inclusionRoot } from './merkle';
import { json, say } from './print';
import type { Receipt } from './receipt';
import { readReceipt, signedBytes } from './receipt';
import { Refusal, refuse } from './refusal';
import type { ActView, Fact, HeadView, Report, Watch } from './report';
import { cut, Steps } from './report';
import type { TlogProof } from './tlogproof';
import { looksLikeTlogProof, readTlogProof } from './tlogproof';

export const FILE_MAX = 64 << 20;
const JSON_DEPTH_MAX = 32;
const SAY_MAX = 479; // bytes of a sentence shown
const NO_ENTRY = new Uint8Array(0);

// --- facts ---

export function headView(head: Head, bytes: Uint8Array): HeadView {
  return {
    origin: head.origin,
    size: head.size,
    root: base64(head.root),
    cosigned: head.cosigned.map((c) => ({ name: c.witness.name, time: c.time })),
    bytes,
  };
}

export function headFacts(head: Head, trust: Trust): Fact[] {
  return [
    { what: 'ledger', value: head.origin },
    { what: 'size', value: String(head.size) },
    { what: 'root', value: base64(head.root) },
    heldTo(trust),
    ...head.cosigned.map((c) => ({
      what: `cosigned by ${c.witness.name}`,
      value: `${timeOf(c.time)}, by the key ${c.witness.vkey}`,
    })),
  ];
}

// A witness's time, in Unix seconds, as a date when it has one.
function timeOf(seconds: bigint): string {
  const ms = seconds * 1000n;
  return ms <= 253402300799999n ? timeText(ms) : `${seconds} s`;
}

function pathFacts(leaf: Uint8Array, proof: TlogProof, root: Uint8Array): Fact[] {
  return [
    { what: 'leaf hash', value: hex(leaf) },
    ...proof.path.map((h, i) => ({ what: `path hash ${i + 1}`, value: hex(h) })),
    { what: 'leads to the root', value: hex(root) },
  ];
}

function actView(act: Act): ActView {
  const { claims } = act.envelope;
  const bundle = act.message.schema.name === 'evidence_record' ? bytesOf(act.message, 'bundle') : NO_ENTRY;
  return {
    id: act.id,
    name: act.message.schema.name,
    sentence: say(act.message),
    json: json(act.message),
    author: claims.author,
    subject: claims.subject,
    realm: claims.realm,
    expires: claims.expires,
    signers: act.envelope.signers.map((s) => hex(s.key)),
    bundle: bundle.length > 0 ? bundle : null,
  };
}

// --- the parts ---

// Whatever leads to a signed head needs a key to hold it to.
function known(steps: Steps, trust: Trust | null): Trust {
  return trust ?? steps.fail('a verifier key of the ledger is known here', 'NO_VKEY');
}

// What is asked of a head, before it is known whether it holds.
function headAsked(trust: Trust): string {
  const name = ledgerName(trust);
  if (!trust.policy)
    return `the checkpoint is signed by ${name} and cosigned by ${trust.need} of ${trust.witnesses.length} witnesses`;
  return trust.log === null
    ? `the checkpoint is of ${name} and its cosignatures meet the policy`
    : `the checkpoint is signed by ${name} and its cosignatures meet the policy`;
}

function headHolds(head: Head, trust: Trust): string {
  const n = cosignersOf(trust).length;
  const signed = trust.log === null ? '' : "signed by the ledger's key, ";
  const cosigned = trust.policy
    ? `cosigned by ${head.count} of the ${n} whom the policy names, which meets it`
    : `cosigned by ${head.count} of ${n} witnesses`;
  return `checkpoint of ${head.origin}, ${head.size} entries: ${signed}${cosigned}`;
}

function stepHead(steps: Steps, bytes: Uint8Array, trust: Trust): Head {
  const head = steps.check(headAsked(trust), () => verifyHead(bytes, trust), [heldTo(trust)]);
  steps.pass(headHolds(head, trust), headFacts(head, trust));
  steps.report.head = headView(head, bytes);
  return head;
}

// The act in the bytes: its signatures, who and what.
function stepAct(steps: Steps, bytes: Uint8Array): Act {
  const size = `the entry is an act of ${bytes.length} bytes`;
  const act = steps.check(size, () => openAct(bytes));
  const n = act.envelope.signers.length;
  const sentence = cut(say(act.message), SAY_MAX);
  const verified = `its ${n} signature${n === 1 ? ' verifies' : 's verify'}: "${sentence}"`;

  steps.pass(size, [
    { what: 'act', value: act.message.schema.name },
    { what: 'act id', value: act.id },
  ]);
  const keys = act.envelope.signers.map((s) => ({ what: 'signed by the key', value: hex(s.key) }));
  steps.check(verified, () => checkSignatures(act), keys);
  steps.pass(verified, keys);
  steps.report.act = actView(act);
  return act;
}

function stepInclusion(steps: Steps, entry: Uint8Array, proof: TlogProof, head: Head): void {
  const sentence = `entry ${proof.index} is in the tree under that checkpoint (${proof.path.length} hashes)`;
  const leaf = leafHash(entry);
  const facts = pathFacts(leaf, proof, head.root);
  steps.check(sentence, () => checkInclusion(leaf, proof.index, head.size, proof.path, head.root), facts);
  steps.pass(sentence, facts);
}

// A proof file; entry is empty when the proof must hold it.
function checkProof(steps: Steps, bytes: Uint8Array, entry: Uint8Array, trust: Trust): [TlogProof, Act] {
  const form = 'the proof is in the form c2sp.org/tlog-proof@v1';
  const proof = steps.check(form, () => readTlogProof(bytes));
  steps.pass(form);
  if (entry.length === 0 && proof.extra !== null) {
    entry = proof.extra;
    steps.pass(`the proof holds the entry, ${entry.length} bytes`);
  }
  if (entry.length === 0) steps.fail('the proof does not hold the entry; give --entry FILE', 'NO_FILE');
  const head = stepHead(steps, proof.checkpoint, trust);
  stepInclusion(steps, entry, proof, head);
  return [proof, stepAct(steps, entry)];
}

// --- receipts ---

// A receipt: what it says about the act must be what the entry is.
function checkReceipt(steps: Steps, receipt: Json, entry: Uint8Array, trust: Trust): void {
  const inside = stringMember(receipt, 'entry');
  if (entry.length === 0 && inside !== undefined) {
    entry = steps.check('the receipt holds the entry', () => unbase64(inside));
    steps.pass('the receipt holds the entry', [{ what: 'bytes', value: String(entry.length) }]);
  }
  const [proof, act] = checkProof(steps, utf8(stringMember(receipt, 'proof')!), entry, trust);
  const id = stringMember(receipt, 'act');
  const names = 'the receipt names this act';
  const idFacts = [{ what: 'act id computed', value: act.id }, { what: 'act id named', value: id ?? 'none' }];
  steps.check(names, () => {
    if (id !== undefined && hex(unhex(id, 32)) !== act.id) refuse('BAD_MERKLE');
  }, idFacts);
  steps.pass(names, idFacts);
  checkPlace(steps, receipt, proof);
}

function checkPlace(steps: Steps, receipt: Json, proof: TlogProof): void {
  const said = member(receipt, 'index');
  const index = typeof said === 'bigint' ? BigInt.asUintN(64, said) : 0n;
  const sentence = 'the receipt names this place in the ledger';
  const facts = [{ what: 'place proven', value: String(proof.index) }];
  if (said !== undefined && index !== proof.index) steps.fail(sentence, 'BAD_MERKLE', facts);
  steps.pass(sentence, facts);
}

// --- COSE receipts ---

function checkCoseReceipt(steps: Steps, r: Receipt, entry: Uint8Array, trust: Trust): void {
  if (r.kind !== 'inclusion')
    steps.fail('a receipt of consistency proves no entry; compare two checkpoints instead', 'BAD_PROOF_TEXT');
  if (entry.length === 0)
    steps.fail('a COSE receipt does not hold the entry; give --entry FILE', 'NO_FILE');
  const own = trust.log?.key;
  const keys = [{ what: 'key named', value: hex(r.key) }, { what: 'key trusted', value: own ? hex(own) : 'none' }];
  const names = "the receipt names the ledger's key";
  if (own === undefined || !equal(r.key, own)) steps.fail(names, 'OTHER_LOG', keys);
  steps.pass(names, keys);
  if (trust.need > 0 || trust.policy) steps.fail('no witness can sign a COSE receipt; ask for none, or for the tlog-proof', 'FEW_WITNESSES');
  const leads = `its path leads from entry ${r.index} to a root of ${r.size} entries`;
  const root = steps.check(leads, () => inclusionRoot(leafHash(entry), r.index, r.size, r.path));
  steps.pass(leads, [{ what: 'leaf hash', value: hex(leafHash(entry)) }, { what: 'root', value: hex(root) }]);
  const signed = "the ledger's key signed that root";
  if (!verifyStrict(r.key, signedBytes(r, root), r.signature)) steps.fail(signed, 'BAD_SIGNATURE');
  steps.pass(signed, [{ what: 'key', value: hex(r.key) }]);
  stepAct(steps, entry);
}

// --- bundles ---

function tickFacts(seen: TickSeen, trust: Trust): [Fact[], Fact[]] {
  const path = pathFacts(leafHash(seen.act.bytes), seen.proof, seen.head.root);
  return [headFacts(seen.head, trust), [...path, { what: 'state root', value: hex(seen.stateRoot) }]];
}

function checkBundle(steps: Steps, bytes: Uint8Array, trust: Trust): void {
  try {
    takeBundle(steps, bytes, trust);
  } catch (e) {
    if (!(e instanceof BundleFailed)) throw e;
    steps.fail(BUNDLE_STEPS[e.step], e.refusal.code);
  }
}

function takeBundle(steps: Steps, bytes: Uint8Array, trust: Trust): void {
  const report = verifyBundle(bytes, trust, {
    tick: (seen) => {
      const [headIs, tickIs] = tickFacts(seen, trust);
      steps.report.head = headView(seen.head, seen.proof.checkpoint);
      steps.pass(bundleHead(seen.head, trust), headIs);
      steps.pass(
        `entry ${seen.proof.index} is a tick of ${timeText(seen.time)} that names a state root`, tickIs);
    },
    records: (done, total) => steps.progress('records proven', done, total),
  });
  steps.pass(`${report.records} records are in the state under that root; none is missing`, [
    { what: 'events of memberships', value: String(report.events) },
    { what: 'members on that day', value: String(report.parties) },
  ]);
  steps.pass('the answer follows from these records');
  steps.report.answer = report.answer;
}

// --- exit bundles ---

function bundleHead(head: Head, trust: Trust): string {
  return trust.policy
    ? headHolds(head, trust)
    : `checkpoint of ${head.size} entries: signed by the ledger's key, cosigned by ${head.count}`;
}

// What a passport leaves with: the answer is what the bundle proves of it.
function checkExitFile(steps: Steps, root: Json, trust: Trust): void {
  const file = steps.check(BUNDLE_STEPS.form, () => readExitFile(root));
  const { proof, mark } = file;
  const head = steps.check(BUNDLE_STEPS.tick, () => verifyHead(proof.checkpoint, trust), [heldTo(trust)]);
  const leaf = leafHash(file.entry);
  steps.report.head = headView(head, proof.checkpoint);
  steps.pass(bundleHead(head, trust), headFacts(head, trust));
  steps.check(BUNDLE_STEPS.tick, () => checkEntry(file, head));
  steps.pass(`entry ${proof.index} is a tick of ${timeText(mark.at)} that names a state root`, [
    ...pathFacts(leaf, proof, head.root),
    { what: 'state root', value: hex(mark.stateRoot) },
  ]);
  const tally = steps.check(BUNDLE_STEPS.records, () =>
    checkRows(file, (done, total) => steps.progress('records proven', done, total)));
  steps.pass(`${file.rows.length} records are in the state under that root; none is missing`, [
    { what: 'keys', value: String(tally.keys) },
    { what: 'turns of keys', value: String(tally.turns) },
    { what: 'accounts', value: String(tally.accounts) },
  ]);
  steps.check(BUNDLE_STEPS.complete, () => checkComplete(tally));
  steps.pass(BUNDLE_STEPS.complete, [{ what: 'passport', value: hex(file.passport) }]);
  steps.report.answer = summaryOf(file, tally);
}

// --- what kind of file it is ---

function checkJson(steps: Steps, bytes: Uint8Array, entry: Uint8Array, trust: Trust | null): void {
  const value = steps.check('the file is JSON', () => readJson(bytes, FILE_MAX, JSON_DEPTH_MAX));
  if (stringMember(value, 'comity') === BUNDLE) {
    steps.setKind('answer bundle');
    checkBundle(steps, bytes, known(steps, trust));
  } else if (stringMember(value, 'comity') === EXIT_FILE) {
    steps.setKind('answer bundle');
    checkExitFile(steps, value, known(steps, trust));
  } else if (stringMember(value, 'proof') !== undefined) {
    steps.setKind('receipt');
    checkReceipt(steps, value, entry, known(steps, trust));
  } else {
    steps.fail('the JSON is neither a receipt nor an answer bundle', 'BAD_JSON');
  }
}

function tryReceipt(bytes: Uint8Array): Receipt | null {
  try {
    return readReceipt(bytes);
  } catch (e) {
    if (e instanceof Refusal) return null;
    throw e;
  }
}

function checkCbor(steps: Steps, bytes: Uint8Array, entry: Uint8Array, trust: Trust | null): void {
  const receipt = tryReceipt(bytes);
  if (receipt !== null) {
    steps.setKind('COSE receipt');
    checkCoseReceipt(steps, receipt, entry, known(steps, trust));
    return;
  }
  steps.setKind('act');
  stepAct(steps, bytes);
  steps.pass('that it stands in a ledger is not shown by the act alone');
}

// verifyFile recognises what the bytes are and takes the steps of its kind. entry: the bytes of the
// entry, where a proof does not hold them. trust: null when no key of the ledger is known; an act alone needs
// none.
export function verifyFile(
  bytes: Uint8Array, trust: Trust | null, entry: Uint8Array = NO_ENTRY, watch: Watch = {},
): Report {
  return new Steps('file', watch).run((steps) => {
    if (bytes.length > FILE_MAX) steps.fail('the file is small enough to read', 'TOO_LARGE');
    if (bytes[0] === 0x7b) return checkJson(steps, bytes, entry, trust);
    if (looksLikeTlogProof(bytes)) {
      steps.setKind('tlog-proof');
      checkProof(steps, bytes, entry, known(steps, trust));
    } else if (looksLikeHeads(bytes)) {
      steps.setKind('two heads');
      checkHeads(steps, bytes, known(steps, trust));
    } else if (looksLikeEvidence(bytes)) {
      steps.setKind('evidence');
      checkEvidence(steps, bytes, trust);
    } else if (bytes.length > 0 && bytes[0]! >= 0xc0) {
      checkCbor(steps, bytes, entry, trust);
    } else {
      steps.setKind('checkpoint');
      stepHead(steps, bytes, known(steps, trust));
    }
  });
}
