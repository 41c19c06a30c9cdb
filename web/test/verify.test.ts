// verify: the rules of the browser's verifier against the vectors of SPEC, the published ones where they are,
// and a table of signatures with the C program's verdicts. test/evidence goes further, with real cells.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkSignatures, openAct } from '../src/verify/act';
import { base64, hex, readUint, unbase64, utf8 } from '../src/verify/bytes';
import { decodeRecord } from '../src/verify/codec';
import { dateText, readDate, timeText } from '../src/verify/date';
import { admit, verify, verifyStrict } from '../src/verify/ed25519';
import { checkAbsent, checkPresent } from '../src/verify/ics23';
import { writeHeads } from '../src/verify/heads';
import { judge, type Judgement } from '../src/verify/judge';
import { readJson } from '../src/verify/json';
import { readVkey } from '../src/verify/notekey';
import { checkConsistency } from '../src/verify/merkle';
import { linkedBytes, linkOf, pastedBytes } from '../src/verify/pasted';
import { policyDiversity, policyMet, policyWitnesses, readPolicy } from '../src/verify/policy';
import { fieldText, json, jsonString, say } from '../src/verify/print';
import { errorInfo, Refusal, type Code } from '../src/verify/refusal';
import { cut } from '../src/verify/report';
import { allSchemas, schemaOfRecord } from '../src/verify/schema';
import { stateKey } from '../src/verify/statekey';
import { consistencyPath, tilePath } from '../src/verify/tiles';
import { addTrust, givenByServer, readStore, readTrust, trustOf, type Origin, type TrustStore } from '../src/verify/trust';
import { HOSTILE } from './evidence/cells';
import { act, checkpointText, encode, Key, Log, message, NoteSigner, sha, signedNote, tlogProof } from './evidence/forge';
import table from './evidence/signatures.json';

const here = new URL('.', import.meta.url).pathname;
const root = here.includes('/node_modules/') ? join(here, '..', '..', '..') : join(here, '..', '..');
const vectors = join(root, '..', 'shared', 'vectors');
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

function spec<T>(name: string): T[] {
  return JSON.parse(readFileSync(join(root, 'SPEC', 'vectors', name), 'utf8')) as T[];
}

function refusal(run: () => unknown): Code | null {
  try {
    run();
  } catch (e) {
    if (e instanceof Refusal) return e.code;
    throw e;
  }
  return null;
}

test('signatures: the verdicts of the C program on a table of edge cases', () => {
  const seen = new Set<string>();
  for (const [key, signature, message, verdict] of table as [string, string, string, string][]) {
    const [k, s, m] = [unhex(key), unhex(signature), unhex(message)];
    assert.equal([verify(k, m, s), verifyStrict(k, m, s), admit(k)].map(Number).join(''), verdict, key);
    seen.add(verdict);
  }
  assert.deepEqual([...seen].sort(), ['000', '001', '100', '110', '111', '101'].filter((v) => seen.has(v)).sort());
  assert.ok(seen.size >= 5 && table.length >= 60);
});

test('signatures: 334 of 914 and 88 of 151 published vectors are accepted', (t) => {
  if (!existsSync(join(vectors, 'ed25519'))) return t.skip('../shared/vectors is not here; the table above was tried');
  const read = (name: string): unknown => JSON.parse(readFileSync(join(vectors, 'ed25519', name), 'utf8'));
  const cctv = read('cctv_ed25519vectors.json') as { key: string; sig: string; msg: string }[];
  assert.equal(cctv.length, 914);
  assert.equal(cctv.filter((v) => verify(unhex(v.key), utf8(v.msg), unhex(v.sig))).length, 334);
  const groups = (read('wycheproof_ed25519_test.json') as {
    testGroups: { publicKey: { pk: string }; tests: { msg: string; sig: string; result: string }[] }[];
  }).testGroups;
  let n = 0;
  for (const g of groups)
    for (const v of g.tests) {
      const good = verify(unhex(g.publicKey.pk), unhex(v.msg), unhex(v.sig));
      assert.equal(good, v.result === 'valid');
      assert.equal(verifyStrict(unhex(g.publicKey.pk), unhex(v.msg), unhex(v.sig)), good);
      n += Number(good);
    }
  assert.equal(n, 88);
});

test('acts of SPEC are opened, verified and told', () => {
  interface Vector { act: string; id: string; sentence: string; message: unknown; iss?: string; exp: number }
  for (const v of spec<Vector>('acts.json')) {
    const opened = openAct(unhex(v.act));
    checkSignatures(opened);
    assert.equal(opened.id, v.id);
    assert.equal(say(opened.message), v.sentence);
    assert.deepEqual(JSON.parse(json(opened.message)), v.message);
    assert.equal(opened.envelope.claims.author, v.iss ?? '');
    assert.equal(opened.envelope.claims.expires, BigInt(v.exp));
    const changed = unhex(v.act);
    changed[changed.length - 1]! ^= 1;
    assert.equal(refusal(() => checkSignatures(openAct(changed))), 'BAD_SIGNATURE');
  }
});

test('bytes that SPEC says are refused are refused for the reason it says', () => {
  for (const v of spec<{ name: string; act: string; refusal: string }>('refused.json'))
    assert.equal(refusal(() => openAct(unhex(v.act))), v.refusal, v.name);
});

test('records, keys and proofs of the state tree', () => {
  interface Row { record?: string; key: string; value: string; value_hash?: string; root?: string; proof?: string; ics23: string }
  const rows = spec<Row>('state.json');
  const top = unhex(rows.find((r) => r.root)!.root!);
  for (const r of rows.filter((row) => row.record))
    assert.equal(hex(stateKey(decodeRecord(schemaOfRecord(r.record!)!, unhex(r.value)))), r.key);
  for (const r of rows.filter((row) => row.proof)) {
    const [key, proof] = [unhex(r.key), unhex(r.ics23)];
    const value = r.value ? unhex(r.value) : null;
    const check = (t: Uint8Array, p: Uint8Array, k: Uint8Array): unknown =>
      value ? checkPresent(t, p, k, value) : checkAbsent(t, p, k);
    check(top, proof, key);
    const other = (b: Uint8Array, i: number): Uint8Array => b.map((x, j) => (j === i ? x ^ 1 : x));
    assert.equal(refusal(() => check(other(top, 3), proof, key)), 'BAD_STATE_PROOF');
    assert.equal(refusal(() => check(top, proof, other(key, 31))), 'BAD_STATE_PROOF');
    for (let i = 0; i < proof.length; i += 3)
      assert.equal(refusal(() => check(top, other(proof, i), key)), 'BAD_STATE_PROOF', `byte ${i}`);
    assert.equal(refusal(() => (value ? checkAbsent(top, proof, key) : checkPresent(top, proof, key, key))), 'BAD_STATE_PROOF');
  }
});

test('verifier keys', () => {
  for (const v of spec<{ vkey?: string; key: string }>('ids.json').filter((row) => row.vkey)) {
    const key = readVkey(v.vkey!);
    assert.equal(hex(key.key), v.key);
    for (const bad of [v.vkey!.slice(1), v.vkey!.toUpperCase(), ` ${v.vkey}`, `${v.vkey}\n`, v.vkey!.slice(0, -1), ''])
      assert.equal(refusal(() => readVkey(bad)), 'BAD_VKEY');
  }
});

test('one form: base64, numbers, dates, JSON', () => {
  for (let n = 0; n < 40; n++) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) & 255);
    assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
    assert.deepEqual(unbase64(base64(bytes)), bytes);
  }
  for (const bad of ['A', 'AA', 'AA=', 'AB==', 'AAB=', 'AA==AA==', ' AAA', 'AA-_', 'A===', '====', 'AAA\u0141'])
    assert.equal(refusal(() => unbase64(bad)), 'BAD_BASE64', bad);
  for (const bad of ['', '01', '-1', '1 ', '1e3', '18446744073709551616', '9'.repeat(400)])
    assert.ok(refusal(() => readUint(bad)), bad);
  for (const day of ['0001-01-01', '1600-02-29', '1949-04-04', '2000-02-29', '2026-11-20', '9999-12-31'])
    assert.equal(dateText(readDate(day)), day);
  for (const bad of ['1900-02-29', '0000-01-01', '2026-13-01', '2026-00-01', '2026-04-31', '2026-1-01', '2026-01-01 '])
    assert.equal(refusal(() => readDate(bad)), 'BAD_DATE', bad);
  assert.equal(timeText(1795160000123n), new Date(1795160000123).toISOString());
  const read = (text: string): unknown => readJson(utf8(text), 1 << 20, 8);
  for (const bad of ['', '1', '"a"', '{"a":1,"a":2}', '{"a":1.0}', '{"a":1e2}', '[01]', '[1,]', '{"a":9223372036854775808}',
    '["\\u0000"]', '["\\ud800"]', '["\\udc00\\ud800"]', '["\t"]', '[1] x', '[nul]', '[truex]', '[[[[[[[[[1]]]]]]]]]', '\ufeff[]'])
    assert.equal(refusal(() => read(bad)), 'BAD_JSON', bad);
  assert.deepEqual(read('[-9223372036854775808, "\\ud83d\\ude00\\/", {"a" : []}]'), [-(1n << 63n), '😀/', new Map([['a', []]])]);
});

test('text of others stays text', () => {
  assert.equal(jsonString('<b>&"\\\n\u2028'), '"\\u003cb\\u003e\\u0026\\"\\\\\\n\\u2028"');
  assert.equal(cut('aé', 2), 'a?');
  assert.equal(cut('日本', 4), '日?');
  assert.equal(JSON.parse(jsonString(HOSTILE)), HOSTILE);
  for (const schema of allSchemas())
    for (const field of schema.fields) assert.equal(typeof fieldText(field, undefined), 'string');
  assert.equal(errorInfo('OTHER_LOG').path, 'peer.checkpoint.origin');
});

test('policies', () => {
  const w = ['a', 'b', 'c', 'd', 'e'].map((n) => new NoteSigner(`${n}.example`, 4, new Key(n)).vkey);
  const log = new NoteSigner('log.example', 1, new Key('log')).vkey;
  const lines = w.map((vkey, i) => `witness w${i} ${vkey} https://w${i}.example`);
  const policy = readPolicy(`# who\nlog ${log}\n${lines.join('\n')}\n#operator acme w0\tw1\ngroup cells 2 w0 w1 w2\ngroup chamber any w3 w4\ngroup top all cells chamber\nquorum top\n`);
  const keys = policyWitnesses(policy);
  const met = (...which: number[]): boolean => policyMet(policy, which.map((i) => keys[i]!));
  assert.deepEqual([met(0, 1, 3), met(1, 2, 4), met(0, 3), met(0, 1, 2), met(), met(0, 1, 2, 3, 4)], [true, true, false, false, false, true]);
  assert.equal(policyDiversity(policy, [keys[0]!, keys[1]!, keys[3]!]), 2);
  assert.ok(policyMet(readPolicy('quorum none\n'), []));
  const l0 = lines[0]!;
  for (const bad of ['', `${l0}\n`, `${l0}\n${l0}\nquorum none\n`, `${l0}\nquorum none\nquorum none\n`, `${l0}\ngroup g 2 w0\nquorum g\n`,
    `${l0}\ngroup g 0 w0\nquorum g\n`, `group g any g\nquorum g\n`, `${l0}\ngroup g any w0\ngroup h any w0\nquorum g\n`,
    `witness any ${w[0]}\nquorum none\n`, `witness x ${log}\nquorum none\n`, 'quorum x\n', 'what\nquorum none\n', `${l0} more\nquorum none\n`,
    `log ${log} a b\nquorum none\n`, '#operator x y\nquorum none\n'])
    assert.equal(refusal(() => readPolicy(bad)), 'BAD_POLICY', bad);
});

test('trust: chosen by the reader, marked by where it came from', () => {
  const signer = (name: string, type: 1 | 4): string => new NoteSigner(name, type, new Key(`${name}${type}`)).vkey;
  const [a, b] = [signer('a.example/x', 1), signer('b.example/x', 1)];
  const [aw, bw] = [signer('a.example/x', 4), signer('b.example/x', 4)];
  const card = `origin = "a.example/x";\r\nvkey = "${a}";\r\nwitness_vkey = "${aw}";\r\n`;
  let store = addTrust([], readTrust(card), 'server');
  assert.deepEqual(store, [{ log: { vkey: a, from: 'server' }, witnesses: [], need: null, origin: '', policy: '' }]);
  assert.ok(givenByServer(store[0]!));
  store = addTrust(store, readTrust(bw), 'server');
  store = addTrust(store, readTrust(`${a}\n${bw}`), 'given');
  assert.ok(!givenByServer(store[0]!));
  store = addTrust(store, readTrust(`${a} ${bw}`), 'server'); // the mark does not come back
  assert.ok(!givenByServer(store[0]!));
  store = addTrust(store, readTrust(`${b}\n${aw}`), 'server');
  assert.deepEqual(store.map((l) => l.witnesses.length), [1, 1]);
  assert.equal(trustOf(store[0]!).need, 1);
  assert.equal(trustOf({ ...store[0]!, need: 9 }).need, 1);
  const policy = `log ${a}\nwitness w ${bw}\nquorum w\n`;
  store = addTrust(store, readTrust(policy), 'given');
  assert.deepEqual(store.map((l) => l.policy !== ''), [true, false]);
  assert.deepEqual(readStore(JSON.stringify(store)), store);
  for (const bad of [null, '', '{', '{}', '[null]', '[1]', '[{"log":{"vkey":"x","from":"given"},"witnesses":[],"policy":""}]',
    JSON.stringify([{ ...store[0], log: { vkey: a, from: 'me' } }])]) assert.deepEqual(readStore(bad), []);
  for (const bad of ['', 'nothing', a.slice(1), a.replace('+', '-')]) assert.equal(refusal(() => readTrust(bad)), 'BAD_VKEY', bad);
  assert.equal(refusal(() => addTrust([], readTrust(bw), 'given')), 'NO_VKEY');
});

test('judge: held to the key of the ledger it names, or not judged', () => {
  const log = new NoteSigner('a.example/x', 1, new Key('a'));
  const other = new NoteSigner('a.example/x', 1, new Key('another'));
  const entries = new Log();
  const key = new Key('someone');
  const tick = encode(message('tick', { now: 5n }));
  for (let i = 0; i < 5; i++) entries.add(act(tick, [key], { nonce: i }));
  const head = (by: NoteSigner): Uint8Array => utf8(signedNote(checkpointText('a.example/x', 5, entries.root()), [by]));
  const trust = (by: NoteSigner, from: Origin = 'given'): TrustStore => addTrust([], readTrust(by.vkey), from);
  const of = (j: Judgement): unknown[] => [j.kind, j.judged, j.holds, j.claimed, j.fromServer];
  assert.deepEqual(of(judge(head(log), [], [])), ['checkpoint', false, false, 'a.example/x', false]);
  assert.deepEqual(of(judge(head(log), [], trust(log))), ['checkpoint', true, true, 'a.example/x', false]);
  assert.deepEqual(of(judge(head(log), [], trust(log, 'server'))), ['checkpoint', true, true, 'a.example/x', true]);
  assert.deepEqual(of(judge(head(log), [], trust(other))), ['checkpoint', true, false, 'a.example/x', false]);
  // two keys of one name: the one that signed
  assert.ok(judge(head(log), [], [...trust(other), ...trust(log)]).holds);
  // an act needs no ledger; what is nothing is refused, not left open
  assert.deepEqual(of(judge(entries.entries[0]!, [], [])), ['act', true, true, '', false]);
  for (const nothing of ['', 'hello\n', '{}', '{"proof":1}', '\u0000', 'c2sp.org/tlog-proof@v1\n', 'comity heads@v1\n\n'])
    assert.deepEqual(of(judge(utf8(nothing), [], trust(log))).slice(1, 3), [true, false], nothing);
  // a proof without its entry finds it among the others
  const proof = utf8(tlogProof(2, entries.inclusion(2), signedNote(checkpointText('a.example/x', 5, entries.root()), [log])));
  assert.equal(judge(proof, [], trust(log)).code, 'operator.file.absent');
  assert.equal(judge(proof, [entries.entries[1]!], trust(log)).code, 'operator.file.absent');
  assert.ok(judge(proof, [entries.entries[1]!, entries.entries[2]!], trust(log)).holds);
  // a policy is asked for as well
  const witness = new NoteSigner('w.example/x', 4, new Key('w'));
  const policy = readTrust(`log ${log.vkey}\nwitness w ${witness.vkey}\nquorum w\n`);
  const strict = addTrust([], policy, 'given').map((l) => ({ ...l, need: 0 }));
  assert.equal(judge(head(log), [], strict).code, 'peer.checkpoint.witnesses');
  const cosigned = utf8(signedNote(checkpointText('a.example/x', 5, entries.root()), [log, witness]));
  assert.ok(judge(cosigned, [], strict).holds);
  // a federation: no key, its policy with the name of its ledger
  const federation = addTrust([], readTrust(`#origin a.example/x\nwitness w ${witness.vkey}\nquorum w\n`), 'given');
  assert.deepEqual(federation.map((l) => [l.log, l.origin]), [[null, 'a.example/x']]);
  assert.deepEqual(readStore(JSON.stringify(federation)), federation);
  const alone = utf8(signedNote(checkpointText('a.example/x', 5, entries.root()), [witness]));
  assert.ok(judge(alone, [], federation).holds);
  assert.equal(judge(head(log), [], federation).code, 'peer.checkpoint.witnesses');
  assert.throws(() => addTrust([], readTrust('#origin a.example/x\nquorum none\n'), 'given'));
});

test('pasted text and links', () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => i);
  const coded = Buffer.from(bytes);
  for (const text of [coded.toString('hex'), ` ${coded.toString('hex').replace(/(.{32})/g, '$1\r\n')}\n`, coded.toString('base64'), coded.toString('base64').replace(/(.{64})/g, '$1\n')])
    assert.deepEqual(pastedBytes(text), bytes);
  assert.deepEqual(pastedBytes('\r\n{"a": 1}\r\n'), utf8('{"a": 1}'));
  assert.deepEqual(pastedBytes('a\r\n1\r\nb\r\n\r\n\u2014 x y\r\n\r\n'), utf8('a\n1\nb\n\n\u2014 x y\n'));
  assert.deepEqual(linkedBytes(linkOf(base64(bytes))), bytes);
  for (const no of ['', '#', '#data=*', '#other=AAAA', '#data=A']) assert.equal(linkedBytes(no), null, no);
});

test('a consistency path from tiles', async () => {
  const entries = new Log();
  for (let i = 0; i < 700; i++) entries.add(Uint8Array.of(i & 255, i >> 8));
  const asked = new Set<string>();
  const read = (size: number) => (path: string): Promise<Uint8Array> => {
    const m = /^tile\/(\d)\/(\d{3})(?:\.p\/(\d+))?$/.exec(path)!;
    const [level, index] = [Number(m[1]), Number(m[2])];
    const count = Math.floor(size / 256 ** level);
    const width = Math.min(256, count - 256 * index);
    assert.equal(Number(m[3] ?? 256), width);
    asked.add(path);
    const step = 256 ** level;
    return Promise.resolve(Uint8Array.from(Array.from({ length: width }, (_, i) => [...entries.root(step, (index * 256 + i) * step)]).flat()));
  };
  for (const [older, newer] of [[1, 1], [1, 2], [3, 7], [255, 256], [256, 257], [200, 513], [256, 512], [511, 700], [512, 700], [699, 700]] as const) {
    const path = await consistencyPath(BigInt(older), BigInt(newer), read(newer));
    assert.deepEqual(path, entries.consistency(older, newer));
    checkConsistency(BigInt(older), entries.root(older), BigInt(newer), entries.root(newer), path);
  }
  assert.ok(asked.has('tile/0/002.p/188') && asked.has('tile/0/000'));
  assert.equal(tilePath(0, 1234067, 256), 'tile/0/x001/x234/067');
  assert.equal(tilePath(2, 7, 3), 'tile/2/007.p/3');
  await assert.rejects(consistencyPath(0n, 5n, read(5)), Refusal);
  await assert.rejects(consistencyPath(6n, 5n, read(5)), Refusal);
  await assert.rejects(consistencyPath(2n, 5n, () => Promise.resolve(new Uint8Array(31))), Refusal);
});

test('evidence that stands in an act can be taken out and verified', () => {
  const log = new NoteSigner('bad.example/x', 1, new Key('bad'));
  const head = (word: string): Uint8Array => utf8(signedNote(checkpointText('bad.example/x', 9, sha(utf8(word))), [log]));
  const heads = writeHeads(head('one'), head('two'), []);
  const record = message('evidence_record', { digest: sha(heads), kind: 4n, summary: 'two roots for one size', bundle: heads });
  const verdict = judge(act(encode(record), [new Key('someone')]), [], []);
  assert.ok(verdict.holds);
  assert.deepEqual(verdict.act?.bundle, heads);
  const inside = judge(verdict.act!.bundle!, [], addTrust([], readTrust(log.vkey), 'given'));
  assert.ok(inside.holds && inside.betrayal);
  assert.deepEqual(inside.heads?.map((h) => h.size), [9n, 9n]);
});

test('the verifier knows no page, no network, no clock and no chance', () => {
  const folder = join(root, 'web', 'src', 'verify');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  assert.ok(files.length > 20);
  for (const name of files) {
    const source = readFileSync(join(folder, name), 'utf8').replace(/\/\/.*$/gm, '');
    const found = /\b((?:document|window|location|localStorage|crypto)\.|fetch\(|XMLHttpRequest|WebSocket|Date[.(]|performance\.|setTimeout|Math\.random|eval\(|atob|parseFloat)/.exec(source);
    assert.equal(found, null, `${name}: ${found?.[0]}`);
    for (const m of source.matchAll(/from '([^']+)'/g)) assert.match(m[1]!, /^(\.\/[\w.]+|@noble\/(curves\/ed25519|hashes\/sha2))$/, name);
  }
});

// What a passport left with, of a real cell (tests/fuzz/corpus/exit_file; its key's secret is gone).
const EXIT_VKEY = 'a.example/ledger+15693f58+ASkDSwIWK3cGsaAGN08fK5ZKzVFQ0B7ccnMIG+9bTEnM';
const exitFile = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(root, 'tests', 'fuzz', 'corpus', 'exit_file', name)));
const exitStore = addTrust([], readTrust(EXIT_VKEY), 'given');

test('a bundle that a passport left with is proven here', () => {
  const report = judge(exitFile('bundle.json'), [], exitStore);
  assert.deepEqual([report.holds, report.kind, report.claimed], [true, 'answer bundle', 'a.example/ledger']);
  assert.equal(report.steps.length, 4);
  assert.match(report.answer!, /^\{"exit":"[0-9a-f]{64}","standing":"active","generation":[0-9]+,"keys":[0-9]+,"accounts":[0-9]+,"others":[0-9]+\}$/);
  assert.equal(judge(exitFile('bundle.json'), [], []).code, errorInfo('NO_VKEY').path);
  const wanted: Record<string, Code> = {
    'backwards.json': 'BUNDLE_ORDER', 'no-turns.json': 'BUNDLE_KEYS', 'twice.json': 'BUNDLE_ORDER',
    'empty.json': 'MISSING_FIELD', 'no-entry.json': 'MISSING_FIELD',
  };
  for (const [name, code] of Object.entries(wanted))
    assert.equal(judge(exitFile(name), [], exitStore).code, errorInfo(code).path, name);
});

test('no changed bundle of a passport is believed', () => {
  const whole = exitFile('bundle.json');
  const codes = new Set<string>();
  for (let i = 0; i < whole.length; i += 3) {
    if (whole[i] === 0x0a || whole[i] === 0x20) continue; // between words
    const changed = whole.slice();
    changed[i]! ^= 1;
    const report = judge(changed, [], exitStore);
    // one that does not say what form it has may still be a receipt of its entry, and says nothing of a passport
    assert.ok(!report.holds || (report.kind === 'receipt' && report.answer === undefined), `byte ${i}`);
    codes.add(report.code ?? 'a receipt');
  }
  assert.ok(codes.size >= 8, [...codes].join(' '));
  interface Sheet { passport: string; entry: string; records: [string, string, string][] }
  const text = new TextDecoder().decode(whole);
  const changes: [string, (sheet: Sheet) => void, Code][] = [
    ['the realm left out', (s) => s.records.splice(s.records.findIndex((r) => r[0] === 'realm'), 1), 'MISSING_FIELD'],
    ['a key left out', (s) => s.records.splice(s.records.findIndex((r) => r[0] === 'control'), 1), 'BUNDLE_KEYS'],
    ['another passport', (s) => (s.passport = '11'.repeat(32)), 'UNKNOWN_PASSPORT'],
    ['a record of no kind', (s) => (s.records[0]![0] = 'riches'), 'UNKNOWN_MESSAGE'],
    ['a cell more', (s) => (s.records[0] as string[]).push(''), 'BAD_JSON'],
    ["another record's proof", (s) => (s.records[0]![2] = s.records[1]![2]), 'BAD_STATE_PROOF'],
    ['no act', (s) => (s.entry = s.records[0]![1]), 'HEAD_ENTRY'],
  ];
  for (const [what, change, code] of changes) {
    const sheet = JSON.parse(text) as Sheet;
    change(sheet);
    assert.equal(judge(utf8(JSON.stringify(sheet)), [], exitStore).code, errorInfo(code).path, what);
  }
});
