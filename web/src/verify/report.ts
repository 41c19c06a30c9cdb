// report: what a verification tells, step by step.
//
// A step is one sentence that held or did not, with the facts it was judged by: what was compared
// with what. The sentences and codes of steps that `comity verify` takes too are the same, word for
// word (a test compares them on thousands of files). Everything here is plain data, so that it can
// come from a worker.
import { text, utf8 } from './bytes';
import type { Code } from './refusal';
import { errorInfo, Refusal } from './refusal';

export interface Fact {
  what: string;
  value: string;
}

export interface Step {
  step: string;
  holds: boolean;
  code?: string; // party.component.reason
  why?: string;
  facts: Fact[];
}

// An act as people read it.
export interface ActView {
  id: string;
  name: string;
  sentence: string;
  json: string;
  author: string;
  subject: string;
  realm: string;
  expires: bigint;
  signers: string[]; // public keys, hexadecimal
  bundle: Uint8Array | null; // evidence that stands in the act itself
}

export interface HeadView {
  origin: string;
  size: bigint;
  root: string; // base64, as in the checkpoint
  cosigned: { name: string; time: bigint }[];
  bytes: Uint8Array;
}

export interface Report {
  kind: string;
  holds: boolean;
  steps: Step[];
  code?: string; // of the first step that did not hold
  why?: string;
  remedy?: string;
  answer?: string; // JSON that a bundle proves
  act?: ActView;
  head?: HeadView;
  heads?: [HeadView, HeadView];
  betrayal?: boolean; // two heads of one size with different roots: proven
}

export interface Watch {
  kind?(kind: string): void;
  step?(step: Step): void;
  progress?(what: string, done: number, total: number): void;
}

// Steps under way: the first that does not hold ends the verification.
export class Stopped extends Error {}

export class Steps {
  readonly report: Report;

  constructor(kind: string, private readonly watch: Watch) {
    this.report = { kind, holds: false, steps: [] };
    watch.kind?.(kind);
  }

  setKind(kind: string): void {
    this.report.kind = kind;
    this.watch.kind?.(kind);
  }

  progress(what: string, done: number, total: number): void {
    this.watch.progress?.(what, done, total);
  }

  private add(step: Step): void {
    this.report.steps.push(step);
    this.watch.step?.(step);
  }

  pass(step: string, facts: Fact[] = []): void {
    this.add({ step, holds: true, facts });
  }

  fail(step: string, code: Code, facts: Fact[] = []): never {
    const { path, text: why, remedy } = errorInfo(code);
    this.add({ step, holds: false, code: path, why, facts });
    Object.assign(this.report, { code: path, why, remedy });
    throw new Stopped();
  }

  // check makes what the step is about; a refusal ends the verification under the sentence
  // `otherwise`. Nothing is noted when it holds: pass() says that with what was found.
  check<T>(otherwise: string, make: () => T, facts: Fact[] = []): T {
    try {
      return make();
    } catch (e) {
      if (e instanceof Refusal) this.fail(otherwise, e.code, facts);
      throw e;
    }
  }

  // run takes the steps and gives the report.
  run(take: (steps: Steps) => void): Report {
    try {
      take(this);
      this.report.holds = true;
    } catch (e) {
      if (!(e instanceof Stopped)) throw e;
    }
    return this.report;
  }
}

// cut keeps the first n bytes of a text; a character that is cut becomes question marks, as in the
// C program.
export function cut(words: string, n: number): string {
  const bytes = utf8(words);
  if (bytes.length <= n) return words;
  let end = n;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return text(bytes.subarray(0, end)) + '?'.repeat(n - end);
}
