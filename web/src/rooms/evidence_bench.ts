// evidence_bench: the worker's other end: files go in, steps and a verdict come out.
import type { Job, News } from './evidence_worker';
import type { TrustStore } from '../verify/trust';

// Where the worker's program is: known when the console is built (build.mjs).
declare const WORKER_URL: string;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

// The content security policy lets one policy make addresses of programs, and this one makes one address.
let address: string | null = null;
function workerAddress(): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  address ??= types ? types.createPolicy('comity-worker', { createScriptURL: () => WORKER_URL }).createScriptURL('') : WORKER_URL;
  return address;
}

export class Bench {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, (news: News) => void>();
  private jobs = 0;

  constructor(ready: () => void, broken: (why: string) => void) {
    this.worker = new Worker(workerAddress());
    this.worker.onmessage = ({ data }: MessageEvent<News>) => {
      if (data.news === 'ready') ready();
      this.waiting.get(data.job)?.(data);
      if (data.news === 'verdict' || data.news === 'broken') this.waiting.delete(data.job);
    };
    this.worker.onerror = () => broken('the verifier could not be loaded: reload the page');
  }

  verify(bytes: Uint8Array, entries: Uint8Array[], store: TrustStore, told: (news: News) => void): void {
    const job: Job = { job: ++this.jobs, bytes, entries, store };
    this.waiting.set(job.job, told);
    this.worker.postMessage(job);
  }

  close(): void {
    this.worker.terminate();
  }
}
