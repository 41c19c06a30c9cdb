// artefacts: what there is to verify: of two real cells, and of a ledger that the test forges.
import { readFileSync } from 'node:fs';
import { base64, utf8 } from '../../src/verify/bytes';
import { writeHeads } from '../../src/verify/heads';
import { type Cells, populate } from './cells';
import type { Dice } from './dice';
import { act, checkpointText, coseReceipt, encode, Key, Log, message, signedNote, tlogProof } from './forge';
import { answerOf, log, questionFor, witnesses, worldOf, type Fraud } from './histories';
import type { Case } from './judge';

type Bytes = Uint8Array;

const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);

// --- of real cells ---

const QUESTIONS = ['as_of=1960-01-01', 'as_of=1995-07-01&level=full', 'as_of=2020-02-29&level=observer', 'as_of=2026-01-01&level=associate', 'as_of=1949-04-03', 'as_of=1991-12-31'];

export async function real(cells: Cells, source: string): Promise<Case[]> {
  const { a, b, room } = cells;
  const receipts = await populate(a, room, source);
  const trust = { vkey: a.vkey, witnesses: [b.witnessVkey], need: 0 };
  const out: Case[] = [];
  const add = (name: string, bytes: Bytes, more: Partial<Case> = {}): number => out.push({ name, bytes, ...trust, good: true, ...more });
  const alliances = (JSON.parse(text(await a.get('/v1/alliances?limit=1000'))) as { alliances: { alliance: { code: string } }[] }).alliances.map((row) => row.alliance);
  for (const [i, { code }] of alliances.entries()) {
    const path = `/v1/alliances/${encodeURIComponent(code)}/members`;
    for (const q of [QUESTIONS[i % 6]!, QUESTIONS[(i + 1) % 6]!])
      add(`${code} ${q}`, await a.get(`${path}?${q}&proof=1`));
  }
  const known = new Date(Date.now() - 2000).toISOString();
  add('known at', await a.get(`/v1/alliances/NATO/members?as_of=1990-01-01&known_at=${known}&proof=1`));
  const { size } = (JSON.parse(text(await a.get('/v1/realm'))) as { head: { size: number } }).head;
  for (let i = 0; i < size; i += Math.max(1, Math.floor(size / 90))) {
    const entry = await a.get(`/v1/acts/${i}/raw`);
    add(`act ${i}`, entry);
    add(`proof ${i}`, await a.get(`/v1/proofs/${i}`), { entry });
    if (i % 3 === 0) add(`COSE receipt ${i}`, await a.get(`/v1/receipts/${i}`), { entry });
  }
  for (const file of receipts) add(file.slice(room.length + 1), new Uint8Array(readFileSync(file)));
  add('checkpoint a', await a.get('/checkpoint'), { need: 1 });
  add('checkpoint b', await b.get('/checkpoint'), { vkey: b.vkey, witnesses: [a.witnessVkey], need: 1 });
  add('checkpoint of another', await b.get('/checkpoint'), { good: false });
  add('checkpoint, witness unknown', await a.get('/checkpoint'), { witnesses: [a.witnessVkey], need: 1, good: false });
  return out;
}

// --- forged ---

const someone = new Key('someone');
const others = [new Key('other 1'), new Key('other 2')];
const WITNESSES = witnesses.map((w) => w.vkey);
const forgedTrust = { vkey: log.vkey, witnesses: WITNESSES, need: 0 };

function transfer(i: number, keys: Key[], algorithm = -8): Bytes {
  const id = (n: number): Bytes => new Uint8Array(32).fill(n);
  const m = message('transfer', { from: id(1), to: id(2), amount: 1n << BigInt(i % 128) });
  return act(encode(m), keys, { author: '11'.repeat(32), realm: '22'.repeat(32), algorithm, nonce: i });
}

function ledger(n: number): Log {
  const out = new Log();
  for (let i = 0; i < n; i++) out.add(transfer(i, i % 3 === 2 ? [someone, ...others] : [someone], i % 5 === 4 ? -19 : -8));
  return out;
}

const note = (l: Log, size: number, signers = [log, ...witnesses]): string =>
  signedNote(checkpointText(log.name, size, l.root(size)), signers);

export function forged(): Case[] {
  const l = ledger(21);
  const out: Case[] = [];
  const add = (name: string, bytes: Bytes, more: Partial<Case> = {}): number =>
    out.push({ name, bytes, ...forgedTrust, good: true, ...more });
  for (const size of [1, 2, 3, 7, 8, 21])
    for (const index of new Set([0, size >> 1, size - 1])) {
      const entry = l.entries[index]!;
      const path = l.inclusion(index, size);
      add(`forged proof ${index}/${size}`, utf8(tlogProof(index, path, note(l, size))), { entry });
      add(`forged proof with extra ${index}/${size}`, utf8(tlogProof(index, path, note(l, size), entry)));
      const proof = tlogProof(index, path, note(l, size));
      add(`forged receipt ${index}/${size}`, utf8(JSON.stringify({ index, proof, entry: base64(entry) })));
      for (const alg of [-8, -19])
        add(`COSE receipt ${index}/${size} ${alg}`, coseReceipt(log.key, 'inclusion', size, index, path, l.root(size), alg), { entry });
    }
  add('COSE receipt, other key', coseReceipt(someone, 'inclusion', 21, 3, l.inclusion(3), l.root()), { entry: l.entries[3]!, good: false });
  add('COSE receipt, witness asked for', coseReceipt(log.key, 'inclusion', 21, 3, l.inclusion(3), l.root()), { entry: l.entries[3]!, need: 1, good: false });
  add('COSE receipt, no entry', coseReceipt(log.key, 'inclusion', 21, 3, l.inclusion(3), l.root()), { good: false });
  add('COSE receipt of consistency', coseReceipt(log.key, 'consistency', 8, 21, l.consistency(8), l.root()), { good: false });
  add('no entry', utf8(tlogProof(3, l.inclusion(3), note(l, 21))), { good: false });
  for (const need of [0, 1, 2, 3]) {
    add(`head, 3 of ${need}`, utf8(note(l, 5)), { need });
    add(`head, 1 of ${need}`, utf8(note(l, 5, [log, witnesses[1]!])), { need, good: need <= 1 });
    add(`head, log last, ${need}`, utf8(note(l, 5, [...witnesses, log])), { need });
  }
  add('unsigned', utf8(note(l, 5, witnesses)), { good: false });
  add('extension', utf8(signedNote(`${checkpointText(log.name, 5, l.root(5))}more <b>\n`, [log])));
  add('twice', utf8(note(l, 5, [log, log, ...witnesses, ...witnesses])), { need: 3 });
  add('witness named twice', utf8(note(l, 5)), { witnesses: [WITNESSES[0]!, WITNESSES[0]!], need: 2, good: false });
  add('huge size', utf8(signedNote(checkpointText(log.name, (1n << 64n) - 1n, l.root(5)), [log])));
  add('size over u64', utf8(signedNote(checkpointText(log.name, 1n << 64n, l.root(5)), [log])), { good: false });
  return [...out, ...twoHeads(l)];
}

// What a passport left with, of a real cell (tests/fuzz/corpus/exit_file), and what is wrong with others.
export function exits(source: string): Case[] {
  const vkey = 'a.example/ledger+15693f58+ASkDSwIWK3cGsaAGN08fK5ZKzVFQ0B7ccnMIG+9bTEnM';
  const read = (name: string): Bytes => new Uint8Array(readFileSync(`${source}/tests/fuzz/corpus/exit_file/${name}.json`));
  const of = (name: string, good: boolean, more: Partial<Case> = {}): Case =>
    ({ name: `exit ${name}`, bytes: read(name), vkey, witnesses: [], need: 0, good, ...more });
  return [
    ...Array.from({ length: 12 }, () => of('bundle', true)), // so that it is changed often
    of('bundle', false, { vkey: log.vkey }),
    of('bundle', false, { witnesses: WITNESSES, need: 1 }),
    ...['backwards', 'empty', 'no-entry', 'no-turns', 'twice'].map((name) => of(name, false)),
  ];
}

function twoHeads(l: Log): Case[] {
  const out: Case[] = [];
  const add = (name: string, a: string, b: string, path: Bytes[], good: boolean): number =>
    out.push({ name, bytes: writeHeads(utf8(a), utf8(b), path), ...forgedTrust, need: 3, good });
  for (const [older, newer] of [[1, 2], [3, 7], [4, 8], [8, 21], [13, 21], [21, 21]] as const) {
    const path = l.consistency(older, newer);
    add(`heads ${older} ${newer}`, note(l, older), note(l, newer, [log]), path, true);
    add(`heads ${newer} ${older}`, note(l, newer), note(l, older), path, true);
  }
  const fork = ledger(21);
  fork.entries[6] = transfer(99, [someone]);
  add('fork of one size', note(l, 21), note(fork, 21), [], true);
  add('fork, one witness in both', note(l, 9, [log, witnesses[0]!]), note(fork, 9, [log, witnesses[0]!, witnesses[1]!]), [], true);
  add('fork of two sizes', note(l, 8), note(fork, 21), fork.consistency(8), false);
  add('no path', note(l, 8), note(l, 21), [], false);
  add('path where none belongs', note(l, 21), note(l, 21), l.consistency(8), true);
  add('other ledger', note(l, 8), signedNote(checkpointText('other.example/x', 21, l.root()), [log]), l.consistency(8), false);
  return out;
}

const FRAUDS: [string, Fraud, boolean][] = [
  ['honest', {}, true],
  ['an event left out', { leaveOut: (r) => r.schema.name === 'member_event' && r.values.get('seq') === 1n }, false],
  ['the first event twice', { twice: (r) => r.schema.name === 'member_event' && !r.values.has('seq') }, false],
  ['no roll', { leaveOut: (r) => r.schema.name === 'alliance_roll' }, false],
  ['no alliance', { leaveOut: (r) => r.schema.name === 'alliance' }, false],
  ['roll twice', { twice: (r) => r.schema.name === 'alliance_roll' }, false],
  ['passports twice', { twice: (r) => r.schema.name === 'passport' }, true],
  ['no codes', { leaveOut: (r) => r.schema.name === 'attestation' }, true],
  ['another count', { claim: (a) => a.replace(/"count":\d+/, '"count":99') }, false],
  ['no tick', { notATick: true }, false],
  ['a tick in the year 10000', { tickTime: 253402300800000n }, false],
  ['a tick at the end of time', { tickTime: (1n << 64n) - 1n }, false],
];

// answers asks questions about histories that nobody has; and what a fraudulent operator could sign.
export function answers(n: number, dice: Dice): Case[] {
  const out: Case[] = [];
  for (let i = 0; out.length < n; i++) {
    const w = worldOf(dice);
    for (let k = 0; k < 5; k++) {
      const [name, fraud, good] = i % 3 === 0 ? FRAUDS[(i * 5 + k) % FRAUDS.length]! : FRAUDS[0]!;
      const need = dice.below(4);
      out.push({ name: `answer ${i}.${k}, ${name}`, bytes: answerOf(w, questionFor(w, dice), fraud), ...forgedTrust, need, good });
    }
  }
  return out;
}
