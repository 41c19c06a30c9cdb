// size: what a browser must fetch stays small; and what is built can be built again, byte for byte.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

const web = process.cwd();
const built = join(web, '..', 'build', 'web');
const files = (folder: string): string[][] =>
  readFileSync(join(folder, 'manifest.txt'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

test('everything together is under 400 kB compressed, the first page far under', () => {
  const sizes = new Map(files(built).map(([route = '', , , , path = '']) => [route, statSync(join(built, `${path}.gz`)).size]));
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const page = readFileSync(join(built, 'index.html'), 'utf8');
  const first = [...sizes].filter(([route]) => route === '/' || page.includes(route)).reduce((sum, [, size]) => sum + size, 0);
  console.log(`bundle: ${all} bytes with gzip in ${sizes.size} files; before the first paint ${first}`);
  assert.ok(all < 400_000, `${all} bytes`);
  assert.ok(first < 40_000, `${first} bytes before the first paint`);
});

test('the page names only its own parts', () => {
  const page = readFileSync(join(built, 'index.html'), 'utf8');
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address ?? '', /^\/(?!\/)/);
  assert.doesNotMatch(page, /<style|<script>|\son\w+=|\sstyle=/);
});

test('building again gives the same bytes', () => {
  const again = mkdtempSync(join(tmpdir(), 'comity-web-build.'));
  try {
    execFileSync(process.execPath, ['build.mjs', again], { cwd: web, stdio: 'pipe' });
    assert.deepEqual(files(again), files(built));
    for (const [, , , , path = ''] of files(built)) assert.deepEqual(readFileSync(join(again, path)), readFileSync(join(built, path)), path);
  } finally {
    rmSync(again, { recursive: true, force: true });
  }
});

test('what is compressed is what is plain', () => {
  for (const [, , , , path = ''] of files(built)) {
    const plain = readFileSync(join(built, path));
    assert.deepEqual(gunzipSync(readFileSync(join(built, `${path}.gz`))), plain, path);
    assert.deepEqual(brotliDecompressSync(readFileSync(join(built, `${path}.br`))), plain, path);
  }
});
