// bundle: an answer with everything that proves it (SPEC/proofs.md, src/verify/bundle_proof.h).
//
//     question, answer
//        ^ recomputed from
//     records: alliance, its roll, every event, the parties' passports and codes
//        ^ each proven by ICS-23 under
//     the state root in a tick act
//        ^ which stands in the ledger by a tlog-proof under
//     a signed and cosigned checkpoint
//
// The steps are taken in the order of the C program, and the first that fails is named as there.
import type { Act } from './act';
import { openAct } from './act';
import { equal, hex, readUint, U64_MAX, unbase64, unhex } from './bytes';
import type { Head, Trust } from './checkpoint';
import { verifyHead } from './checkpoint';
import type { Message } from './codec';
import { decodeRecord, idOf, numberOf } from './codec';
import { readDate } from './date';
import { leafHash } from './hash';
import { checkPresent } from './ics23';
import type { Json } from './json';
import { items, member, readJson, stringMember } from './json';
import type { Question } from './members';
import { isCountryCode, listMembers, membersJson } from './members';
import { checkInclusion } from './merkle';
import { Refusal, refuse } from './refusal';
import { schemaOfRecord } from './schema';
import { stateKey } from './statekey';
import type { TlogProof } from './tlogproof';
import { readTlogProof } from './tlogproof';

export const BUNDLE = 'bundle@v1';
export const LEDGER_TIME_MAX = 221845392000000n; // 9000-01-01: no ledger time is later
const SIZE_MAX = 256 << 20;
const DEPTH_MAX = 8;

// The steps as the C program names them.
export const BUNDLE_STEPS = {
  json: 'form: JSON',
  form: `form: a ${BUNDLE} document`,
  question: 'question',
  tick: 'signed head and place of the tick in the ledger',
  records: 'records under the state root',
  complete: 'completeness of events and parties',
  answer: 'answer recomputed from the records',
} as const;
export type BundleStep = keyof typeof BUNDLE_STEPS;

// A refusal, and the step that it ended.
export class BundleFailed extends Error {
  constructor(readonly step: BundleStep, readonly refusal: Refusal) {
    super(refusal.message);
  }
}

export interface TickSeen {
  head: Head;
  proof: TlogProof;
  act: Act;
  time: bigint;
  stateRoot: Uint8Array;
}

// Told as it goes; records tells how many of how many are proven.
export interface BundleWatch {
  question?(q: Question, claimed: string): void;
  tick?(seen: TickSeen): void;
  records?(done: number, total: number): void;
  complete?(events: number, parties: number): void;
}

export interface BundleReport {
  question: Question;
  seen: TickSeen;
  records: number;
  events: number;
  parties: number;
  answer: string;
}

interface Proven {
  alliance: Message | null;
  roll: Message | null;
  events: Message[];
  passports: Map<string, Message>;
  codes: Map<string, Message>;
}

function within<T>(step: BundleStep, check: () => T): T {
  try {
    return check();
  } catch (e) {
    if (e instanceof Refusal) throw new BundleFailed(step, e);
    throw e;
  }
}

// A whole number, as JSON integer or decimal text.
function u64Member(v: Json | undefined, name: string, most: bigint): bigint {
  const m = member(v, name);
  if (m === undefined || m === null) refuse('MISSING_FIELD');
  if (typeof m === 'bigint' && m >= 0n && m <= most) return m;
  if (typeof m !== 'string') refuse('BAD_JSON');
  try {
    return readUint(m, most);
  } catch (e) {
    if (e instanceof Refusal) refuse('BAD_JSON');
    throw e;
  }
}

function textMember(v: Json | undefined, name: string): string {
  const m = member(v, name);
  if (m === undefined || m === null) refuse('MISSING_FIELD');
  return typeof m === 'string' ? m : refuse('BAD_JSON');
}

function readQuestion(root: Json): Question {
  const q = member(root, 'question');
  if (stringMember(q, 'what') !== 'members') refuse('BAD_JSON');
  const id = textMember(q, 'alliance');
  if (!/^[0-9a-fA-F]{64}$/.test(id)) refuse('BAD_JSON');
  const day = textMember(q, 'as_of');
  if (new TextEncoder().encode(day).length > 10) refuse('BAD_JSON');
  const out: Question = { alliance: unhex(id, 32), day: readDate(day), knownAt: 0n, level: 0 };
  out.knownAt = u64Member(q, 'known_at', U64_MAX);
  if (out.knownAt !== U64_MAX && out.knownAt >= LEDGER_TIME_MAX) refuse('RANGE');
  out.level = Number(u64Member(q, 'level', 3n));
  return out;
}

function readBase64(v: Json | undefined): Uint8Array {
  return typeof v === 'string' ? unbase64(v) : refuse('BAD_JSON');
}

// The tick stands in the ledger whose head the trusted keys signed.
function checkTick(root: Json, trust: Trust): TickSeen {
  const words = stringMember(root, 'proof');
  if (words === undefined) refuse('BAD_JSON');
  const entry = readBase64(member(root, 'tick'));
  const proof = readTlogProof(new TextEncoder().encode(words));
  const head = verifyHead(proof.checkpoint, trust);
  checkInclusion(leafHash(entry), proof.index, head.size, proof.path, head.root);
  const act = openAct(entry);
  if (act.message.schema.name !== 'tick') refuse('BAD_PROOF_TEXT');
  const time = numberOf(act.message, 'now');
  if (time >= LEDGER_TIME_MAX) refuse('RANGE');
  return { head, proof, act, time, stateRoot: idOf(act.message, 'state_root') };
}

// Keeps a proven record; kinds that no answer uses are refused before they are read.
function placeFor(p: Proven, name: string): (record: Message) => void {
  switch (name) {
    case 'alliance':
      return p.alliance !== null ? refuse('UNKNOWN_MESSAGE') : (r) => void (p.alliance = r);
    case 'alliance_roll':
      return p.roll !== null ? refuse('UNKNOWN_MESSAGE') : (r) => void (p.roll = r);
    case 'member_event':
      return (r) => void p.events.push(r);
    case 'passport':
      return (r) => keepFirst(p.passports, hex(idOf(r, 'id')), r);
    case 'attestation':
      return (r) => {
        if (isCountryCode(r)) keepFirst(p.codes, hex(idOf(r, 'passport')), r);
      };
    default:
      return refuse('UNKNOWN_MESSAGE');
  }
}

function keepFirst(map: Map<string, Message>, key: string, record: Message): void {
  if (!map.has(key)) map.set(key, record);
}

function checkRecord(row: Json, stateRoot: Uint8Array, p: Proven): void {
  const [name, value64, proof64] = items(row);
  if (typeof name !== 'string') refuse('BAD_JSON');
  const schema = schemaOfRecord(name);
  if (schema === undefined) refuse('UNKNOWN_MESSAGE');
  const value = readBase64(value64);
  const proof = readBase64(proof64);
  const keep = placeFor(p, name);
  const record = decodeRecord(schema, value);
  checkPresent(stateRoot, proof, stateKey(record), value);
  keep(record);
}

function checkRecords(root: Json, stateRoot: Uint8Array, watch: BundleWatch): Proven {
  const p: Proven = { alliance: null, roll: null, events: [], passports: new Map(), codes: new Map() };
  const rows = items(member(root, 'records'));
  rows.forEach((row, i) => {
    checkRecord(row, stateRoot, p);
    watch.records?.(i + 1, rows.length);
  });
  return p;
}

// The answer from proven records alone.
function recompute(p: Proven, q: Question): { answer: string; parties: number } {
  const { alliance, roll } = p;
  if (alliance === null || roll === null || !equal(idOf(alliance, 'id'), q.alliance) ||
    !equal(idOf(roll, 'alliance'), q.alliance)) refuse('MISSING_FIELD');
  if (BigInt(p.events.length) !== numberOf(roll, 'n_events')) refuse('EVENT_ORDER', p.events.length);
  const list = listMembers(alliance, p.events, q);
  const names = {
    passport: (id: Uint8Array) => p.passports.get(hex(id)),
    code: (id: Uint8Array) => p.codes.get(hex(id)),
  };
  list.forEach((m, i) => { // nobody is left nameless by leaving its passport out
    if ((q.level === 0 || m.level === q.level) && names.passport(m.party) === undefined)
      refuse('UNKNOWN_PASSPORT', i);
  });
  return { answer: membersJson(alliance, q, list, names), parties: list.length };
}

// verifyBundle checks a bundle offline. Throws BundleFailed.
export function verifyBundle(bytes: Uint8Array, trust: Trust, watch: BundleWatch = {}): BundleReport {
  const root = within('json', () => readJson(bytes, SIZE_MAX, DEPTH_MAX));
  const claimed = within('form', () => {
    const answer = stringMember(root, 'answer');
    return stringMember(root, 'comity') === BUNDLE && answer !== undefined ? answer : refuse('BAD_JSON');
  });
  const question = within('question', () => readQuestion(root));
  watch.question?.(question, claimed);
  const seen = within('tick', () => checkTick(root, trust));
  watch.tick?.(seen);
  const p = within('records', () => checkRecords(root, seen.stateRoot, watch));
  const { answer, parties } = within('complete', () => recompute(p, question));
  watch.complete?.(p.events.length, parties);
  within('answer', () => (answer === claimed ? undefined : refuse('ANSWER_DIFFERS')));
  const records = items(member(root, 'records')).length;
  return { question, seen, records, events: p.events.length, parties, answer };
}
