// judge: what `comity verify` says of a file, and what the browser's verifier says, held against each other.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVkey } from '../../src/verify/notekey';
import type { Report } from '../../src/verify/report';
import { verifyFile } from '../../src/verify/verify';

type Bytes = Uint8Array;

// A file to be judged, and whom the verifier trusts.
export interface Case {
  name: string;
  bytes: Bytes;
  vkey: string;
  witnesses: string[];
  need: number;
  entry?: Bytes;
  good?: boolean; // what it must be, where the test knows
}

export interface Verdict {
  kind: string;
  holds: boolean;
  code?: string;
  steps: { step: string; holds: boolean; code?: string }[];
  answer?: unknown;
}

function comity(bin: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
    execFile(join(bin, 'comity'), args, { env, cwd: '/', maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error && (error.code !== 1 || stdout === '')) reject(new Error(`comity ended with ${error.code}: ${stderr}`));
      else resolve(stdout);
    });
  });
}

export async function theirs(bin: string, room: string, c: Case): Promise<Verdict> {
  const file = join(room, 'file');
  writeFileSync(file, c.bytes);
  const args = ['verify', file, '--json', '--vkey', c.vkey, '--need', String(c.need)];
  for (const w of c.witnesses) args.push('--witness', w);
  if (c.entry) {
    writeFileSync(join(room, 'entry'), c.entry);
    args.push('--entry', join(room, 'entry'));
  }
  return JSON.parse(await comity(bin, args)) as Verdict;
}

export function ours(c: Case): Report {
  const trust = { log: readVkey(c.vkey), witnesses: c.witnesses.map(readVkey), need: c.need };
  return verifyFile(c.bytes, trust, c.entry);
}

// The C program tells of a bundle that fails only the step that failed; of JSON that it cannot read it says
// where, in the words of its library.
function comparable(v: Verdict | Report): unknown {
  const steps = v.steps.map((s) => [s.step, s.holds, s.code]);
  const told = v.kind === 'answer bundle' && !v.holds ? steps.slice(-1) : steps;
  return {
    kind: v.kind,
    holds: v.holds,
    code: v.code,
    steps: v.kind === 'file' && !v.holds ? told.map((s) => s.slice(1)) : told,
    answer: typeof v.answer === 'string' ? JSON.parse(v.answer) : v.answer,
  };
}

// differs is null when both say the same, word for word.
export function differs(theirs: Verdict, ours: Report): string | null {
  const a = JSON.stringify(comparable(theirs));
  const b = JSON.stringify(comparable(ours));
  return a === b ? null : `comity verify: ${a}\n      browser: ${b}`;
}
