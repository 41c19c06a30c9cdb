// evidence_worker: verifies beside the page, so that a large answer does not hold the page up. One file after
// another; it asks nobody for anything.
import { judge } from '../verify/judge';
import type { Judgement } from '../verify/judge';
import type { Step } from '../verify/report';
import type { TrustStore } from '../verify/trust';

export interface Job {
  job: number;
  bytes: Uint8Array;
  entries: Uint8Array[];
  store: TrustStore;
}

export type News =
  | { job: 0; news: 'ready' }
  | { job: number; news: 'kind'; kind: string }
  | { job: number; news: 'step'; step: Step }
  | { job: number; news: 'progress'; what: string; done: number; total: number }
  | { job: number; news: 'verdict'; verdict: Judgement; ms: number }
  | { job: number; news: 'broken'; why: string };

// The part of a worker's global scope that is used here; the library of the page's types does not have it.
const scope = self as unknown as {
  postMessage(news: News): void;
  onmessage: ((event: MessageEvent<Job>) => void) | null;
};

const PROGRESS_MS = 50;

scope.onmessage = ({ data: { job, bytes, entries, store } }) => {
  const began = performance.now();
  let told = began;
  try {
    const verdict = judge(bytes, entries, store, {
      kind: (kind) => scope.postMessage({ job, news: 'kind', kind }),
      step: (step) => scope.postMessage({ job, news: 'step', step }),
      progress: (what, done, total) => {
        const now = performance.now();
        if (now - told < PROGRESS_MS && done < total) return;
        told = now;
        scope.postMessage({ job, news: 'progress', what, done, total });
      },
    });
    scope.postMessage({ job, news: 'verdict', verdict, ms: Math.round(performance.now() - began) });
  } catch (e) {
    scope.postMessage({ job, news: 'broken', why: String(e) });
  }
};

scope.postMessage({ job: 0, news: 'ready' });
