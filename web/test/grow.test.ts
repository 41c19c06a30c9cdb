// grow: a table is read once, then only what is new; and never more than was wanted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Growing } from '../src/model/grow';

let table: number[] = [];
const asked: string[] = [];
globalThis.fetch = ((path: string) => {
  asked.push(path);
  const query = new URL(path, 'http://localhost').searchParams;
  const after = Number(query.get('after'));
  const items = table.slice(after, after + Number(query.get('limit')));
  const next = after + items.length < table.length ? { next: after + items.length } : {};
  return Promise.resolve(new Response(JSON.stringify({ record: 'r', count: table.length, items, ...next }), { status: 200 }));
}) as typeof fetch;

test('all pages, then only what is new', async () => {
  table = Array.from({ length: 2500 }, (_, i) => i);
  const growing = new Growing<number>('/r', 10_000, Infinity);
  const [first, same] = await Promise.all([growing.read(), growing.read()]);
  assert.deepEqual(first, table);
  assert.equal(first, same);
  assert.equal(asked.length, 3);
  assert.equal(await growing.read(), first, 'nothing new: the very same rows');
  assert.equal(asked.length, 4);
  table.push(2500);
  assert.deepEqual(await growing.read(), table);
  assert.equal(asked[4], '/r?limit=1000&after=2500');
  assert.equal(growing.cut, false);
});

test('never more than wanted, and it says so', async () => {
  const growing = new Growing<number>('/r', 1000, Infinity);
  assert.equal((await growing.read()).length, 1000);
  assert.equal(growing.cut, true);
  assert.equal((await growing.read()).length, 1000);
  assert.equal(growing.cut, true);
});

test('rows that may change are read anew', async () => {
  table = [1];
  const growing = new Growing<number>('/r', 10, -1);
  await growing.read();
  table = [2];
  assert.deepEqual(await growing.read(), [2]);
});
