// mutate.mjs CELL: files of a real cell through examples/node/comity.mjs: they hold, and with one byte
// changed they do not, or (a receipt has words in it that prove nothing) say exactly what they said.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComityError, Trust, verify, version } from './comity.mjs';

const TRIES = 1500; // of each file
const read = (name) => readFileSync(join(process.argv[2], name));
const text = (name) => read(name).toString().trim();

function trustOf(ledger, witness) {
  const trust = new Trust(text(ledger));
  if (witness) trust.witness(text(witness));
  return trust;
}

// Numbers from a fixed seed (xorshift32).
let state = 4711;
function below(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}

function said(report) {
  const { steps, ...rest } = report;
  return rest;
}

const ours = trustOf('ledger.vkey', 'witness.vkey');
let tried = 0;
let same = 0;
for (const [name, entry, trust] of [
  ['receipt.json', '', ours],
  ['act.tlog-proof', 'act.entry', ours],
  ['bundle.json', '', ours],
  ['checkpoint', '', ours],
  ['act.cose', 'act.entry', trustOf('ledger.vkey')],
  ['two-histories.heads', '', trustOf('forked.vkey')],
]) {
  const file = read(name);
  const beside = entry ? read(entry) : undefined;
  const whole = verify(file, trust, beside);
  assert(whole.holds, name);
  assert(!verify(file, null, beside).holds, name);
  if (name === 'bundle.json') assert.equal(whole.answer, read('bundle.answer').toString());
  for (let i = 0; i < TRIES; i++) {
    const changed = Buffer.from(file);
    changed[below(changed.length)] ^= 1 << below(8);
    const report = verify(changed, trust, beside);
    tried++;
    if (!report.holds) continue;
    same++;
    assert(name.endsWith('.json'), name);
    assert.deepEqual(said(report), said(whole));
  }
}
for (const wrong of ['', 'x', text('ledger.vkey').slice(0, -1), text('witness.vkey')])
  assert.throws(() => new Trust(wrong), ComityError);
console.log(`libcomity ${version()} in Node ${process.version}: ${tried} changed files, ${tried - same} refused, ` +
  `${same} still prove what they proved`);
assert(same < tried / 10);
