// verdicts: the rule of signatures in the browser against the C program's, one by one: on every published
// vector that is there, and on some thousands of edge cases.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex, utf8 } from '../../src/verify/bytes';
import { admit, verify, verifyStrict } from '../../src/verify/ed25519';
import { edgeCases, type Signed } from './signatures';

const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

interface Cctv {
  key: string;
  sig: string;
  msg: string;
}

interface Wycheproof {
  testGroups: { publicKey: { pk: string }; tests: { msg: string; sig: string }[] }[];
}

// published: 914 cases of C2SP CCTV and 151 of Wycheproof.
export function published(vectors: string): Signed[] {
  const folder = join(vectors, 'ed25519');
  if (!existsSync(folder)) return [];
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const cctv = (read('cctv_ed25519vectors.json') as Cctv[]).map((v) => ({
    key: unhex(v.key), signature: unhex(v.sig), message: utf8(v.msg),
  }));
  const wycheproof = (read('wycheproof_ed25519_test.json') as Wycheproof).testGroups.flatMap((g) =>
    g.tests.map((t) => ({ key: unhex(g.publicKey.pk), signature: unhex(t.sig), message: unhex(t.msg) })));
  return [...cctv, ...wycheproof];
}

export function verdictOf(c: Signed): string {
  const said = [verify(c.key, c.message, c.signature), verifyStrict(c.key, c.message, c.signature), admit(c.key)];
  return said.map(Number).join('');
}

// theirVerdicts asks tests/interop/verdicts.c.
export function theirVerdicts(bin: string, cases: Signed[]): string[] {
  const input = cases.map((c) => `${hex(c.key)} ${hex(c.signature)} ${hex(c.message)}\n`).join('');
  const run = spawnSync(join(bin, 'verdicts'), [], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`verdicts ended with ${run.status}`);
  return run.stdout.trim().split('\n');
}

export interface Compared {
  published: number;
  cases: number;
  accepted: number;
  strict: number;
}

export function compareVerdicts(bin: string, vectors: string, n: number): Compared {
  const known = published(vectors).filter((c) => c.signature.length === 64);
  const cases = [...known, ...edgeCases(n, 8032)];
  const theirs = theirVerdicts(bin, cases);
  const ours = cases.map(verdictOf);
  const at = ours.findIndex((v, i) => v !== theirs[i]);
  if (at >= 0) {
    const c = cases[at]!;
    throw new Error(`signature ${at}: the C program says ${theirs[at]}, the browser ${ours[at]}: ${hex(c.key)} ${hex(c.signature)} ${hex(c.message)}`);
  }
  const count = (digit: number): number => ours.filter((v) => v[digit] === '1').length;
  return { published: known.length, cases: cases.length, accepted: count(0), strict: count(1) };
}
