// exitfile: the sealed bundle of a passport that leaves (exit@v1; SPEC/exit.md, src/verify/exit_file.h).
//
//     records: the realm, the passport, every key and turn of keys it had, its accounts, whatever else names it
//        ^ each proven by ICS-23 under
//     the state root in a tick, or a height of a federation
//        ^ which stands in the ledger by a tlog-proof under
//     a signed and cosigned checkpoint
//
// Complete as to identity: every turn of keys is there, and keys of the present set that meet the thresholds.
// Balances and duties that are there are true; that none was left out, no bundle can show.
//
// The steps are those of the C program, in its order.
import { compare, equal, hex, unbase64, unhex } from './bytes';
import { LEDGER_TIME_MAX } from './bundle';
import type { Kind, Token } from './cbor';
import { Reader } from './cbor';
import type { Head } from './checkpoint';
import type { Message } from './codec';
import { decodeRecord, idOf, numberOf } from './codec';
import { readEnvelope } from './envelope';
import { leafHash } from './hash';
import { checkPresent } from './ics23';
import type { Json } from './json';
import { member } from './json';
import { checkInclusion } from './merkle';
import { Refusal, refuse } from './refusal';
import type { Schema } from './schema';
import { allSchemas, schemaOfRecord } from './schema';
import { stateKey } from './statekey';
import type { TlogProof } from './tlogproof';
import { readTlogProof } from './tlogproof';

export const EXIT_FILE = 'exit@v1';

interface Row {
  schema: Schema;
  value: Uint8Array;
  proof: Uint8Array;
}

// What an entry says that carries a state root.
export interface Mark {
  stateRoot: Uint8Array;
  at: bigint; // ledger time from there on
}

export interface ExitFile {
  passport: Uint8Array;
  entry: Uint8Array;
  mark: Mark;
  proof: TlogProof;
  rows: Row[];
}

// --- form ---

function stringOf(root: Json, name: string): string {
  const m = member(root, name);
  return typeof m === 'string' ? m : refuse('MISSING_FIELD');
}

function base64Of(v: Json | undefined): Uint8Array {
  return typeof v === 'string' ? unbase64(v) : refuse('BAD_JSON');
}

function pair(reader: Reader, key: bigint, kind: Kind): Token {
  if (reader.want('uint').n !== key) refuse('HEAD_ENTRY');
  return reader.want(kind);
}

const numberOfAct = (name: string): bigint => BigInt(allSchemas().find((s) => s.kind === 'act' && s.name === name)!.number);

// readMark reads state root and time out of an entry, a tick or a height. Refuses with HEAD_ENTRY.
export function readMark(entry: Uint8Array): Mark {
  try {
    const reader = new Reader(readEnvelope(entry).payload);
    let at = 1n; // key of the time; the state root follows
    reader.want('map');
    const { n } = pair(reader, 0n, 'uint');
    if (n === numberOfAct('height')) {
      pair(reader, 1n, 'uint');
      at = 2n;
    } else if (n !== numberOfAct('tick')) refuse('HEAD_ENTRY');
    const time = pair(reader, at, 'uint').n;
    const { bytes } = pair(reader, at + 1n, 'bytes');
    if (bytes.length !== 32 || bytes.every((b) => b === 0)) refuse('HEAD_ENTRY');
    return { stateRoot: bytes, at: time };
  } catch (e) {
    if (e instanceof Refusal) refuse('HEAD_ENTRY');
    throw e;
  }
}

function readRow(row: Json): Row {
  if (!Array.isArray(row) || row.length !== 3 || typeof row[0] !== 'string') refuse('BAD_JSON');
  const schema = schemaOfRecord(row[0]) ?? refuse('UNKNOWN_MESSAGE');
  const value = base64Of(row[1]);
  return { schema, value, proof: base64Of(row[2]) };
}

export function readExitFile(root: Json): ExitFile {
  const [passport, entry64, words] = ['passport', 'entry', 'proof'].map((name) => stringOf(root, name));
  if (!/^[0-9a-fA-F]{64}$/.test(passport!)) refuse('BAD_JSON');
  const entry = unbase64(entry64!);
  const mark = readMark(entry);
  const proof = readTlogProof(new TextEncoder().encode(words));
  const records = member(root, 'records');
  if (!Array.isArray(records)) refuse('MISSING_FIELD');
  return { passport: unhex(passport!, 32), entry, mark, proof, rows: records.map(readRow) };
}

// --- the ledger ---

// checkEntry holds the entry to a head that was verified.
export function checkEntry(file: ExitFile, head: Head): void {
  checkInclusion(leafHash(file.entry), file.proof.index, head.size, file.proof.path, head.root);
  if (file.mark.at >= LEDGER_TIME_MAX) refuse('RANGE');
}

// --- what its records say ---

export interface Tally {
  passport: Message | null;
  realm: boolean;
  sum: [bigint, bigint, bigint]; // weight of present keys
  keys: number;
  turns: number;
  accounts: number;
  others: number;
}

function own(file: ExitFile, record: Message, name: string): boolean {
  return equal(idOf(record, name), file.passport);
}

// The passport comes before what rests on it, and each record once: turns are counted.
function count(file: ExitFile, record: Message, t: Tally): void {
  switch (record.schema.name) {
    case 'realm':
      t.realm = true;
      break;
    case 'passport':
      if (t.passport !== null || !own(file, record, 'id')) refuse('UNKNOWN_PASSPORT');
      t.passport = record;
      break;
    case 'control':
      if (t.passport === null || !own(file, record, 'passport')) refuse('WRONG_KEY');
      t.keys++;
      if (numberOf(record, 'generation') === numberOf(t.passport, 'generation'))
        t.sum[Number(numberOf(record, 'clause'))]! += numberOf(record, 'weight');
      break;
    case 'rotation':
      if (!own(file, record, 'passport')) refuse('WRONG_KEY');
      t.turns++;
      break;
    case 'account':
      t.accounts++;
      break;
    default:
      t.others++;
  }
}

// checkRows proves each record under the state root; none twice: they ascend by table and state key.
export function checkRows(file: ExitFile, told: (done: number, total: number) => void): Tally {
  const t: Tally = { passport: null, realm: false, sum: [0n, 0n, 0n], keys: 0, turns: 0, accounts: 0, others: 0 };
  let last: { number: number; key: Uint8Array } | null = null;
  file.rows.forEach((row, i) => {
    const record = decodeRecord(row.schema, row.value);
    const key = stateKey(record);
    const { number } = row.schema;
    if (last !== null && (number < last.number || (number === last.number && compare(key, last.key) <= 0)))
      refuse('BUNDLE_ORDER', number);
    last = { number, key };
    checkPresent(file.mark.stateRoot, row.proof, key, row.value);
    count(file, record, t);
    told(i + 1, file.rows.length);
  });
  return t;
}

// checkComplete refuses a bundle in which a turn of keys, or the present keys, are not all there.
export function checkComplete(t: Tally): void {
  if (!t.realm || t.passport === null) refuse('MISSING_FIELD');
  if (BigInt(t.turns) !== numberOf(t.passport, 'generation')) refuse('BUNDLE_KEYS', t.turns);
  t.sum.forEach((sum, i) => {
    if (sum < numberOf(t.passport!, `need_${i}`)) refuse('BUNDLE_KEYS', t.keys);
  });
}

const STANDINGS = ['', 'active', 'retired', 'moved'];

// summaryOf is what the bundle proves, as the C program writes it.
export function summaryOf(file: ExitFile, t: Tally): string {
  const of = (name: string): number => Number(numberOf(t.passport!, name));
  return `{"exit":"${hex(file.passport)}","standing":"${STANDINGS[of('standing')] ?? ''}","generation":${of('generation')},` +
    `"keys":${t.keys},"accounts":${t.accounts},"others":${t.others}}`;
}
