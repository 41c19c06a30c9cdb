// evidence_items: the files in the room, the worker that verifies them, and what they say together.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { writeHeads } from '../verify/heads';
import type { HeadView } from '../verify/report';
import { readStore, type TrustStore } from '../verify/trust';
import { Bench } from './evidence_bench';
import { verdictOf, type Item } from './evidence_report';
import type { Add } from './evidence_server';
import type { News } from './evidence_worker';

const KEPT = 'comity-evidence-trust';
const ENTRY_MAX = 65535;
const ENTRIES_MAX = 32;

/** useTrust is the reader's choice of keys, kept in this browser. */
export function useTrust(): [TrustStore, (store: TrustStore) => void] {
  const [store, set] = useState<TrustStore>(() => {
    try {
      return readStore(localStorage.getItem(KEPT));
    } catch {
      return []; // a browser that keeps nothing: the keys last as long as the page
    }
  });
  const keep = (changed: TrustStore): void => {
    set(changed);
    try {
      localStorage.setItem(KEPT, JSON.stringify(changed));
    } catch {
      // as above
    }
  };
  return [store, keep];
}

let ids = 0;

function itemOf(name: string, bytes: Uint8Array): Item {
  return { id: ++ids, name, bytes, kind: '', steps: [], progress: null, verdict: null, ms: 0, broken: '' };
}

/** What news changes in an item. */
function changeOf(item: Item, news: News): Partial<Item> {
  switch (news.news) {
    case 'kind':
      return { kind: news.kind };
    case 'step':
      return { steps: [...item.steps, news.step] };
    case 'progress':
      return { progress: news };
    case 'verdict':
      return { verdict: news.verdict, kind: news.verdict.kind, steps: news.verdict.steps, ms: news.ms };
    case 'broken':
      return { broken: news.why };
    default:
      return {};
  }
}

/** conflictIn finds heads of one ledger and size with different roots: what convicts it, as a file. */
export function conflictIn(items: readonly Item[]): Uint8Array | null {
  const heads = items.flatMap((item): HeadView[] => (item.verdict?.holds && item.verdict.head ? [item.verdict.head] : []));
  for (const [i, a] of heads.entries()) {
    const b = heads.slice(0, i).find((h) => h.origin === a.origin && h.size === a.size && h.root !== a.root);
    if (b) return writeHeads(b.bytes, a.bytes, []);
  }
  return null;
}

export interface Items {
  items: readonly Item[];
  /** The worker is here. */
  ready: boolean;
  trouble: string;
  /** The last verdict in words, for those who hear the page. */
  said: string;
  add: Add;
  again: (item: Item) => void;
  drop: (item: Item) => void;
  tell: (words: string) => void;
  warn: (words: string) => void;
}

/** useItems verifies what is added, and everything again when the reader trusts others. */
export function useItems(store: TrustStore): Items {
  const [items, setItems] = useState<readonly Item[]>([]);
  const [ready, setReady] = useState(false);
  const [trouble, setTrouble] = useState('');
  const [said, setSaid] = useState('');
  const bench = useMemo(() => new Bench(() => setReady(true), setTrouble), []);
  const latest = useRef({ store, items });
  latest.current = { store, items };

  const run = (item: Item, among: readonly Item[]): void => {
    const entries = among.filter((other) => other.id !== item.id && other.bytes.length <= ENTRY_MAX && other.bytes[0]! >= 0xc0);
    const change = (how: (old: Item) => Partial<Item>): void =>
      setItems((old) => old.map((one) => (one.id === item.id ? { ...one, ...how(one) } : one)));
    change(() => ({ kind: '', steps: [], progress: null, verdict: null, broken: '' }));
    bench.verify(item.bytes, entries.slice(0, ENTRIES_MAX).map((other) => other.bytes), latest.current.store, (news) => {
      change((old) => changeOf(old, news));
      if (news.news === 'verdict') setSaid(`${item.name} ${verdictOf({ ...item, verdict: news.verdict })}.`);
    });
  };

  const add = (...files: [string, Uint8Array][]): void => {
    const old = latest.current.items;
    const fresh = files.map(([name, bytes]) => itemOf(name, bytes));
    const all = [...fresh, ...old];
    setItems(all);
    // a proof that waits for its entry may have it now
    for (const item of [...fresh, ...old.filter((one) => one.verdict?.code === 'operator.file.absent')]) run(item, all);
  };

  useEffect(() => () => bench.close(), []);
  useEffect(() => {
    for (const item of latest.current.items) run(item, latest.current.items);
  }, [store]);

  return {
    items,
    ready,
    trouble,
    said,
    add,
    again: (item) => run(item, latest.current.items),
    drop: (item) => setItems((old) => old.filter((one) => one.id !== item.id)),
    tell: setSaid,
    warn: setTrouble,
  };
}
