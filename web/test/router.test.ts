// router and client: addresses can never be left by what stands in a name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../src/api/client';
import { bytes, duration, moment, short } from '../src/ui/format';

// The router listens to the window as soon as it is loaded.
const globals = globalThis as { addEventListener?: unknown };
globals.addEventListener ??= () => undefined;
const { routeOf, to } = await import('../src/router');

test('an address is taken apart and put together again', () => {
  for (const name of ['NATO', 'a/b', 'x?y=1', '#', '%2e', '"><script>', 'é', ' ']) {
    const address = to('alliances', [name], { date: '1960-01-01', empty: '' });
    const url = new URL(address, 'http://localhost');
    assert.ok(url.pathname.startsWith('/console/alliances'), address);
    assert.equal(url.search, '?date=1960-01-01');
    assert.deepEqual(routeOf(url.pathname, url.search).rest, [name]);
  }
  assert.deepEqual(routeOf('/', '').rest, []);
  assert.equal(routeOf('/', '').room, '');
  assert.equal(routeOf('/console/world', '?date=2000-01-01').query.get('date'), '2000-01-01');
  assert.deepEqual(routeOf('/console/alliances/%zz', '').rest, ['%zz']);
});

test('paths of requests encode every value', () => {
  assert.equal(at`/v1/alliances/${'a/../b?c#d'}/members`, '/v1/alliances/a%2F..%2Fb%3Fc%23d/members');
  assert.equal(at`/v1/acts/${12}`, '/v1/acts/12');
});

test('figures for people', () => {
  assert.equal(bytes(999), '999 B');
  assert.equal(bytes(1_234_567), '1.2 MB');
  assert.equal(duration(31_536_000_000), '1 year');
  assert.equal(duration(604_800_000), '7 days');
  assert.equal(duration(0), 'none');
  assert.equal(moment('2026-11-20T10:46:56.785Z'), '2026-11-20 10:46:56 UTC');
  assert.equal(short('a'.repeat(64)), 'aaaaaaaa…aaaa');
});
