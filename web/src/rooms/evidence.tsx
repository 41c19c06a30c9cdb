// evidence: drop a receipt, proof, checkpoint, pair of heads, act or answer, and this browser verifies it, step
// by step, by the same rule as every cell, held to keys that the reader chose. No server is asked, and no
// server is believed: once the page is here it works without a network.
//
//     file, text, link --> worker: verify/ --> steps, verdict
//     two heads of one ledger that were verified --> the same history, or two
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { bytes as size, plural } from '../ui/format';
import { Page, Section } from '../ui/page';
import { base64, equal } from '../verify/bytes';
import { writeHeads } from '../verify/heads';
import { linkedBytes, linkOf, pastedBytes } from '../verify/pasted';
import type { HeadView } from '../verify/report';
import { readStore, type TrustStore } from '../verify/trust';
import { Bench } from './evidence_bench';
import { outcomeOf, Report, verdictOf, type Item } from './evidence_report';
import { Trust } from './evidence_trust';

const KEPT = 'comity-evidence-trust';
const FILE_MAX = 64 << 20;
const LINK_MAX = 256 << 10;
const ENTRIES_MAX = 32;

function keptStore(): TrustStore {
  try {
    return readStore(localStorage.getItem(KEPT));
  } catch {
    return []; // a browser that keeps nothing: the keys last as long as the page
  }
}

function keep(store: TrustStore): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(store));
  } catch {
    // as above
  }
}

/** Heads of one ledger and size with different roots: what convicts it, as a file. */
function conflictIn(items: readonly Item[]): Uint8Array | null {
  const heads = items.flatMap((item): HeadView[] => (item.verdict?.holds && item.verdict.head ? [item.verdict.head] : []));
  for (const [i, a] of heads.entries()) {
    const b = heads.slice(0, i).find((h) => h.origin === a.origin && h.size === a.size && h.root !== a.root);
    if (b) return writeHeads(b.bytes, a.bytes, []);
  }
  return null;
}

/** The trusted ledgers by name. */
function trustWords(store: TrustStore): string {
  if (store.length === 0) return 'Nobody yet';
  return store.map(({ log, witnesses }) => `${log.vkey.slice(0, log.vkey.indexOf('+'))}, ${plural(witnesses.length, 'witness', 'witnesses')}`).join('; ');
}

let ids = 0;

function itemOf(name: string, bytes: Uint8Array): Item {
  return { id: ++ids, name, bytes, kind: '', steps: [], progress: null, verdict: null, ms: 0, broken: '' };
}

export default function Evidence(): JSX.Element {
  const [store, setStore] = useState<TrustStore>(keptStore);
  const [items, setItems] = useState<readonly Item[]>([]);
  const [opened] = useState(store.length === 0);
  const [text, setText] = useState('');
  const [over, setOver] = useState(false);
  const [trouble, setTrouble] = useState('');
  const [said, setSaid] = useState('');
  const [ready, setReady] = useState(false);
  const bench = useMemo(() => new Bench(() => setReady(true), setTrouble), []);
  const chooser = useRef<HTMLInputElement>(null);
  const latest = useRef({ store, items });
  latest.current = { store, items };

  const change = (id: number, how: (item: Item) => Partial<Item>): void =>
    setItems((old) => old.map((item) => (item.id === id ? { ...item, ...how(item) } : item)));

  const run = (item: Item, known: TrustStore, others: readonly Item[]): void => {
    const entries = others.filter((o) => o.id !== item.id && o.bytes.length <= 65535 && o.bytes[0]! >= 0xc0);
    change(item.id, () => ({ kind: '', steps: [], progress: null, verdict: null, broken: '' }));
    bench.verify(item.bytes, entries.slice(-ENTRIES_MAX).map((o) => o.bytes), known, (news) => {
      if (news.news === 'kind') change(item.id, () => ({ kind: news.kind }));
      if (news.news === 'step') change(item.id, (old) => ({ steps: [...old.steps, news.step] }));
      if (news.news === 'progress') change(item.id, () => ({ progress: news }));
      if (news.news === 'broken') change(item.id, () => ({ broken: news.why }));
      if (news.news === 'verdict') {
        change(item.id, () => ({ verdict: news.verdict, kind: news.verdict.kind, steps: news.verdict.steps, ms: news.ms }));
        setSaid(`${item.name} ${verdictOf({ ...item, verdict: news.verdict })}.`);
      }
    });
  };

  const add = (fresh: Item[]): void => {
    const all = [...fresh, ...latest.current.items];
    setItems(all);
    for (const item of fresh) run(item, latest.current.store, all);
    // a proof that waits for its entry may have it now
    for (const item of latest.current.items)
      if (item.verdict?.code === 'operator.file.absent') run(item, latest.current.store, all);
  };

  const addFiles = async (files: readonly File[]): Promise<void> => {
    setTrouble('');
    const fresh: Item[] = [];
    for (const file of files) {
      if (file.size > FILE_MAX) setTrouble(`${file.name} has ${size(file.size)}; more than ${size(FILE_MAX)} are not read`);
      else fresh.push(itemOf(file.name, new Uint8Array(await file.arrayBuffer())));
    }
    add(fresh);
  };

  useEffect(() => {
    const fromLink = (): void => {
      const linked = linkedBytes(location.hash);
      if (linked) add([itemOf('from the link', linked)]);
    };
    fromLink();
    addEventListener('hashchange', fromLink);
    return () => {
      removeEventListener('hashchange', fromLink);
      bench.close();
    };
  }, []);

  const trust = (changed: TrustStore): void => {
    setStore(changed);
    keep(changed);
    for (const item of items) run(item, changed, items);
  };

  const copyLink = async (item: Item): Promise<void> => {
    const link = `${location.origin}${location.pathname}${linkOf(base64(item.bytes))}`;
    try {
      await navigator.clipboard.writeText(link);
      setSaid('The link is in the clipboard. What it holds stands behind the # and is sent to no server.');
    } catch {
      location.hash = linkOf(base64(item.bytes));
    }
  };

  const conflict = conflictIn(items);
  const known = conflict !== null && items.some((item) => equal(item.bytes, conflict));
  return (
    <Page
      title="Evidence"
      lead="This browser verifies what a server gave you, step by step, and asks nobody. What it is held to are the keys that you trust."
    >
      <p class="unseen" role="status" aria-live="polite">{said}</p>
      <Section title="What is to be verified">
        <div
          class={`drop${over ? ' drop-over' : ''}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void addFiles([...(event.dataTransfer?.files ?? [])]);
          }}
        >
          <p>
            Drop files here: a receipt, a tlog-proof, a checkpoint, two heads, a COSE receipt, an act, an answer bundle. A
            proof that does not hold its entry finds it among the other files.
          </p>
          <button type="button" class="primary" onClick={() => chooser.current?.click()}>Choose files</button>
          <input
            ref={chooser}
            type="file"
            multiple
            class="unseen"
            tabIndex={-1}
            aria-label="Files to verify"
            onChange={(event) => {
              const files = [...(event.currentTarget.files ?? [])];
              event.currentTarget.value = '';
              void addFiles(files);
            }}
          />
        </div>
        <form
          class="trust-add"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== '') add([itemOf('pasted text', pastedBytes(text))]);
            setText('');
          }}
        >
          <label class="field">
            Or paste it: as text, base64 or hexadecimal
            <textarea rows={4} value={text} spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <p><button type="submit" disabled={text.trim() === ''}>Verify</button></p>
        </form>
        <p class="quiet">
          {ready
            ? 'The verifier is here: from now on this room works without a network.'
            : 'The verifier is being fetched from the server that gave you this page.'}
        </p>
        {trouble !== '' && <p role="alert" class="evidence-warn">{trouble}</p>}
      </Section>

      <Section
        title="Whom you trust"
        note="Your choice, kept in this browser only. A verdict is as good as the keys it is held to."
      >
        <details class="trust-frame" open={opened}>
          <summary>{trustWords(store)}</summary>
          <Trust store={store} set={trust} />
        </details>
      </Section>

      {conflict && !known && (
        <div class="failure" role="alert">
          <p class="failure-title">Two of these heads contradict each other.</p>
          <p>One ledger has signed two roots for one size. Together they are evidence against it.</p>
          <button type="button" onClick={() => add([itemOf('two heads that contradict each other', conflict)])}>
            Put both into one file and verify it
          </button>
        </div>
      )}

      {items.length > 0 && (
        <Section title={`Verdicts (${items.filter((item) => outcomeOf(item) !== 'open').length} of ${items.length})`}>
          <div class="evidence-items">
            {items.map((item) => (
              <Report
                key={item.id}
                item={item}
                again={() => run(item, store, items)}
                drop={() => setItems(items.filter((one) => one !== item))}
                open={(bytes, name) => add([itemOf(`${name}, from ${item.name}`, bytes)])}
                link={item.bytes.length <= LINK_MAX ? () => void copyLink(item) : null}
              />
            ))}
          </div>
        </Section>
      )}
    </Page>
  );
}

