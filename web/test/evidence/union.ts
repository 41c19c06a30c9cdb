// union: what a federation gives out, forged by the test: heads that carry cosignatures alone and are held to a
// policy, everything else under such heads, and evidence of keys that contradict themselves.
import { base64, utf8 } from '../../src/verify/bytes';
import { writeHeads } from '../../src/verify/heads';
import { act, checkpointText, coseReceipt, encode, Key, Log, message, NoteSigner, signedNote, tlogProof } from './forge';
import type { Case } from './judge';

type Bytes = Uint8Array;

const ORIGIN = 'union.example/federation';
const someone = new Key('someone');
const cells = ['norway', 'chile', 'kenya', 'nauru'].map((n) => new NoteSigner(`${n}.example/cell`, 4, new Key(`cell ${n}`)));
const chambers = ['capital', 'labor', 'commons'].map((n) => new NoteSigner(`${n}.example`, 4, new Key(`chamber ${n}`)));
const own = new NoteSigner(ORIGIN, 1, new Key('the key that a cell would have'));
const everybody = [...cells, ...chambers];
const enough = [...cells.slice(1), ...chambers];

const POLICY = [
  ...everybody.map((w) => `witness ${w.name.replace('.example', '')} ${w.vkey}`),
  `group cells 3 ${cells.map((w) => w.name.replace('.example', '')).join(' ')}`,
  'group chambers all capital labor commons',
  'group federation all cells chambers',
  'quorum federation',
  '',
].join('\n');

function ledger(n: number, from = 0): Log {
  const out = new Log();
  const id = (k: number): Bytes => new Uint8Array(32).fill(k);
  for (let i = 0; i < n; i++)
    out.add(act(encode(message('transfer', { from: id(1), to: id(2), amount: BigInt(i + from + 1) })), [someone], { author: '11'.repeat(32), realm: '22'.repeat(32), nonce: i }));
  return out;
}

const note = (l: Log, size: number, signers: NoteSigner[]): string => signedNote(checkpointText(ORIGIN, size, l.root(size)), signers);

// --- evidence ---

interface Voted { origin?: string; height?: number; round?: number; step?: string; value?: number; time?: number }

function vote(v: Voted, signers: NoteSigner[]): string {
  const value = v.value === 0 ? 'nil' : base64(new Uint8Array(32).fill(v.value ?? 1));
  const lines = ['comity-vote/v1', v.origin ?? ORIGIN, `height ${v.height ?? 7}`, `round ${v.round ?? 1}`, v.step ?? 'precommit', `value ${value}`, `time ${v.time ?? 1767225600000}`];
  return signedNote(`${lines.join('\n')}\n`, signers);
}

function file(kind: string, key: Key, one: string, another: string, join: Bytes[] = []): Bytes {
  const path = join.map((h, i) => `${i === 0 ? 'prefix ' : ''}${base64(h)}\n`).join('');
  return utf8(`comity evidence@v1\n${kind}\nkey ${base64(key.public)}\n${path}\n${one}\n${another}`);
}

function evidence(add: (name: string, bytes: Bytes, good: boolean) => void): void {
  const voter = new NoteSigner('norway.example/cell', 1, new Key('voter'));
  const other = new NoteSigner('chile.example/cell', 1, new Key('another voter'));
  const renamed = new NoteSigner('norge.example', 1, new Key('voter'));
  const pairs: [string, Voted, Voted, boolean][] = [
    ['two values', {}, { value: 2 }, true],
    ['nil and a value', { value: 0 }, {}, true],
    ['the same again, later', {}, { time: 1767225600001 }, false],
    ['two heights', {}, { height: 8, value: 2 }, false],
    ['two rounds', {}, { round: 2, value: 2 }, false],
    ['two steps', {}, { step: 'prevote', value: 2 }, false],
    ['two ledgers', {}, { origin: 'other.example/x', value: 2 }, false],
    ['two proposals', { step: 'propose' }, { step: 'propose', value: 2 }, true],
    ['a proposal that follows', { step: 'propose' }, { step: 'propose after 0' }, true],
    ['after itself', { step: 'propose' }, { step: 'propose after 1' }, false],
    ['nil proposed', { step: 'propose' }, { step: 'propose', value: 0 }, false],
    ['no such step', {}, { step: 'postvote', value: 2 }, false],
    ['an old round', { round: 4294967294 }, { round: 4294967294, value: 2 }, true],
    ['no round', { round: 4294967295 }, { round: 4294967295, value: 2 }, false],
  ];
  for (const [name, a, b, good] of pairs) add(`votes: ${name}`, file('vote', voter.key, vote(a, [voter]), vote(b, [voter])), good);
  const two = (signers: NoteSigner[]): Bytes => file('vote', voter.key, vote({}, [voter]), vote({ value: 2 }, signers));
  add('votes: of two members', two([other]), false);
  add('votes: a second name', two([renamed]), true);
  add('votes: beside others', two([other, voter, renamed]), true);
  add('votes: with a prefix', file('vote', voter.key, vote({}, [voter]), vote({ value: 2 }, [voter]), [new Uint8Array(32).fill(1)]), false);
  add('votes: as heads', file('head', voter.key, vote({}, [voter]), vote({ value: 2 }, [voter])), false);
  const l = ledger(21);
  const fork = ledger(21, 50);
  for (const [kind, who] of [['head', own], ['cosignature', cells[2]!]] as const) {
    const head = (log: Log, size: number): string => note(log, size, [who]);
    const join = (size: number, to: number): Bytes[] => [fork.root(size), ...fork.consistency(size, to)];
    add(`${kind}s of one size`, file(kind, who.key, head(l, 9), head(fork, 9)), true);
    add(`${kind}s, the same`, file(kind, who.key, head(l, 9), head(l, 9)), false);
    add(`${kind}s of one size with a prefix`, file(kind, who.key, head(l, 9), head(fork, 9), join(9, 9)), false);
    for (const [small, large] of [[1, 2], [3, 21], [8, 21], [20, 21]] as const) {
      add(`${kind}s of ${small} and ${large}`, file(kind, who.key, head(l, small), head(fork, large), join(small, large)), true);
      add(`${kind}s of ${large} and ${small}`, file(kind, who.key, head(fork, large), head(l, small), join(small, large)), true);
      add(`${kind}s of ${small} and ${large}, one history`, file(kind, who.key, head(fork, small), head(fork, large), join(small, large)), false);
      add(`${kind}s of ${small} and ${large}, no path`, file(kind, who.key, head(l, small), head(fork, large)), false);
      add(`${kind}s of ${small} and ${large}, another path`, file(kind, who.key, head(l, small), head(fork, large), [l.root(small), ...l.consistency(small, large)]), false);
    }
    add(`${kind}s as votes`, file('vote', who.key, head(l, 9), head(fork, 9)), false);
    add(`${kind}s of nothing`, file(kind, who.key, head(l, 9), head(fork, 9), [new Uint8Array(32)]), false);
  }
}

export function union(): Case[] {
  const out: Case[] = [];
  const policy = { origin: ORIGIN, text: POLICY };
  const base = { vkey: own.vkey, witnesses: [], need: 0 };
  const add = (name: string, bytes: Bytes, good: boolean, more: Partial<Case> = {}): number =>
    out.push({ name: `union: ${name}`, bytes, good, ...base, policy, ...more });
  const l = ledger(21);
  for (let who = 1; who < 128; who += 3) {
    const signers = everybody.filter((_, i) => (who >> i) & 1);
    const met = signers.filter((s) => cells.includes(s)).length >= 3 && who >> 4 === 7;
    add(`head by ${who}`, utf8(note(l, 5, signers)), met);
    add(`head by ${who} and the key`, utf8(note(l, 5, [own, ...signers])), met, { policy: { ...policy, key: true } });
  }
  add('head, the key alone', utf8(note(l, 5, enough)), false, { policy: { ...policy, key: true } });
  add('head of another', utf8(note(l, 5, enough)), false, { policy: { ...policy, origin: 'other.example/federation' } });
  add('head, twice', utf8(note(l, 5, [...enough, ...enough])), true);
  for (const [index, size] of [[0, 1], [3, 8], [20, 21]] as const) {
    const entry = l.entries[index]!;
    const proof = tlogProof(index, l.inclusion(index, size), note(l, size, enough));
    add(`proof ${index}/${size}`, utf8(proof), true, { entry });
    add(`receipt ${index}/${size}`, utf8(JSON.stringify({ index, proof, entry: base64(entry) })), true);
    add(`COSE receipt ${index}/${size}`, coseReceipt(someone, 'inclusion', size, index, l.inclusion(index, size), l.root(size)), false, { entry });
    add(`COSE receipt and the key ${index}/${size}`, coseReceipt(own.key, 'inclusion', size, index, l.inclusion(index, size), l.root(size)), false, { entry, policy: { ...policy, key: true } });
  }
  const fork = ledger(21, 50);
  const heads = (a: string, b: string, path: Bytes[] = []): Bytes => writeHeads(utf8(a), utf8(b), path);
  add('one history', heads(note(l, 8, enough), note(l, 21, enough), l.consistency(8, 21)), true);
  add('two histories', heads(note(l, 9, enough), note(fork, 9, everybody)), true);
  add('two histories, of few', heads(note(l, 9, enough), note(fork, 9, cells)), false);
  add('two histories of a key', heads(note(l, 9, [own]), note(fork, 9, [own, cells[0]!])), true, { policy: { ...policy, key: true } });
  evidence((name, bytes, good) => {
    add(name, bytes, good);
    out.push({ name: `no policy: ${name}`, bytes, good, ...base, witnesses: [cells[2]!.vkey] });
  });
  return out;
}
