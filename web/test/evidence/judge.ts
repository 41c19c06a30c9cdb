// judge: what `comity verify` says of a file, and what the browser's verifier says, held against each other.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVkey } from '../../src/verify/notekey';
import { readPolicy } from '../../src/verify/policy';
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
  policy?: { origin: string; text: string; key?: boolean }; // instead of witnesses; key: and the ledger's own key
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

// The program `comity` itself, once for each file.
function comity(bin: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(join(bin, 'comity'), args, { env, cwd: '/', maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error && (error.code !== 1 || stdout === '')) reject(new Error(`comity ended with ${error.code}: ${stderr}`));
      else resolve(stdout);
    });
  });
}

const env = { PATH: process.env.PATH, HOME: '/nonexistent' };

// Many commands in one process (tests/interop/judge.c): the same code without a start for each file.
class Many {
  private readonly child;
  private text = '';
  private answer: ((text: string) => void) | null = null;
  private failed: ((why: Error) => void) | null = null;

  constructor(bin: string) {
    this.child = spawn(join(bin, 'judge'), [], { env, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (more: string) => {
      this.text += more;
      if (!this.text.endsWith('\x1e\n')) return;
      const whole = this.text;
      this.text = '';
      this.answer?.(whole);
    });
    this.child.on('exit', (code) => this.failed?.(new Error(`judge ended with ${code}`)));
  }

  // run gives what the command printed; its exit code stands on the line before the separator.
  run(args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.failed = reject;
      this.answer = (whole) => {
        const m = /^([\s\S]*?)([0-9]+)\n\x1e\n$/.exec(whole);
        if (m === null || (m[2] !== '0' && m[2] !== '1')) reject(new Error(`judge answered ${whole}`));
        else resolve(m[1]!);
      };
      this.child.stdin.write(`${args.join('\t')}\n`);
    });
  }

  end(): void {
    this.failed = null;
    this.child.stdin.end();
  }
}

// The C program's verdicts: by `comity` itself, or by the same code in one process.
export class Theirs {
  private readonly many: Many | null;
  private readonly room = mkdtempSync(join(tmpdir(), 'comity-judge-'));

  constructor(private readonly bin: string, oneProcess: boolean) {
    this.many = oneProcess ? new Many(bin) : null;
  }

  async judge(c: Case): Promise<Verdict> {
    const file = join(this.room, 'file');
    const entry = join(this.room, 'entry');
    writeFileSync(file, c.bytes);
    const policy = join(this.room, 'policy');
    const args = ['verify', file, '--json'];
    if (c.policy) {
      writeFileSync(policy, c.policy.text);
      args.push('--policy', policy, '--origin', c.policy.origin);
    } else {
      args.push('--need', String(c.need));
      for (const w of c.witnesses) args.push('--witness', w);
    }
    if (!c.policy || c.policy.key) args.push('--vkey', c.vkey);
    if (c.entry) {
      writeFileSync(entry, c.entry);
      args.push('--entry', entry);
    }
    const said = this.many ? await this.many.run(args) : await comity(this.bin, args);
    return JSON.parse(said) as Verdict;
  }

  end(): void {
    this.many?.end();
    rmSync(this.room, { recursive: true, force: true });
  }
}

export function ours(c: Case): Report {
  if (c.policy) {
    const { origin, text, key } = c.policy;
    const log = key ? readVkey(c.vkey) : null;
    return verifyFile(c.bytes, { log, origin, witnesses: [], need: 0, policy: readPolicy(text) }, c.entry);
  }
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
