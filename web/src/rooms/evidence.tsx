// evidence: drop a receipt, proof, checkpoint, pair of heads, act or answer, and this browser verifies it, step
// by step, by the same rule as every cell, held to keys that the reader chose. No server is asked, and no
// server is believed: once the page is here it works without a network.
//
//     file, text, link --> worker: verify/ --> steps, verdict
//     two heads of one ledger that were verified --> the same history, or two
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { RoomProps } from '../router';
import { plural } from '../ui/format';
import { Page, Section } from '../ui/page';
import { base64, equal } from '../verify/bytes';
import { linkOf } from '../verify/pasted';
import { nameOf, type TrustStore } from '../verify/trust';
import { Intake, useLink } from './evidence_intake';
import { conflictIn, useItems, useTrust, type Items } from './evidence_items';
import { outcomeOf, Report, type Item } from './evidence_report';
import { Fetch, pathsOf } from './evidence_server';
import { Trust } from './evidence_trust';

const LINK_MAX = 256 << 10;

/** The trusted ledgers by name. */
function trustWords(store: TrustStore): string {
  if (store.length === 0) return 'Nobody yet';
  return store
    .map((l) => `${nameOf(l)}, ${l.policy === '' ? plural(l.witnesses.length, 'witness', 'witnesses') : 'a policy'}`)
    .join('; ');
}

async function copyLink(item: Item, tell: (words: string) => void): Promise<void> {
  const fragment = linkOf(base64(item.bytes));
  try {
    await navigator.clipboard.writeText(location.origin + location.pathname + fragment);
    tell('The link is in the clipboard. What it holds stands behind the # and is sent to no server.');
  } catch {
    history.replaceState(null, '', fragment);
    tell('The address of this page is the link now. What it holds stands behind the # and is sent to no server.');
  }
}

/** Two heads that convict their ledger, once they are found among the files. */
function Conflict({ items, add }: Pick<Items, 'items' | 'add'>): JSX.Element | null {
  const conflict = conflictIn(items);
  if (conflict === null || items.some((item) => equal(item.bytes, conflict))) return null;
  return (
    <div class="failure" role="alert">
      <p class="failure-title">Two of these heads contradict each other.</p>
      <p>One ledger has signed two roots for one size. Together they are evidence against it.</p>
      <button type="button" onClick={() => add(['two heads that contradict each other', conflict])}>
        Put both into one file and verify it
      </button>
    </div>
  );
}

function Verdicts({ held, choose }: { held: Items; choose: () => void }): JSX.Element | null {
  const { items, add, again, drop, tell } = held;
  if (items.length === 0) return null;
  const done = items.filter((item) => outcomeOf(item) !== 'open').length;
  return (
    <Section title={`Verdicts (${done} of ${items.length})`}>
      <div class="evidence-items">
        {items.map((item) => (
          <Report
            key={item.id}
            item={item}
            again={() => again(item)}
            drop={() => drop(item)}
            open={(bytes, name) => add([`${name}, from ${item.name}`, bytes])}
            choose={choose}
            link={item.bytes.length <= LINK_MAX ? () => void copyLink(item, tell) : null}
          />
        ))}
      </div>
    </Section>
  );
}

export default function Evidence({ route }: RoomProps): JSX.Element {
  const [store, setStore] = useTrust();
  const [opened] = useState(store.length === 0);
  const held = useItems(store);
  const frame = useRef<HTMLDetailsElement>(null);
  useLink(held.add);
  const choose = (): void => {
    if (frame.current) frame.current.open = true;
    frame.current?.querySelector('textarea')?.focus();
  };
  return (
    <Page
      title="Evidence"
      lead="This browser verifies what a server gave you, step by step, and asks nobody. What it is held to are the keys that you trust."
    >
      <p class="unseen" role="status" aria-live="polite">
        {held.said}
      </p>
      <div class="evidence-room">
        <div class="evidence-items">
          <Section title="What is to be verified">
            <Fetch paths={pathsOf(route.query)} add={held.add} warn={held.warn} />
            <Intake add={held.add} warn={held.warn} />
            <p class="quiet">
              {held.ready
                ? 'The verifier is here: from now on this room works without a network.'
                : 'The verifier is being fetched from the server that gave you this page.'}
            </p>
            {held.trouble !== '' && (
              <p role="alert" class="evidence-warn">
                {held.trouble}
              </p>
            )}
          </Section>
          <Conflict items={held.items} add={held.add} />
          <Verdicts held={held} choose={choose} />
        </div>
        <Section
          title="Whom you trust"
          note="Your choice, kept in this browser only. A verdict is as good as the keys it is held to."
        >
          <details class="trust-frame" open={opened} ref={frame}>
            <summary>{trustWords(store)}</summary>
            <Trust store={store} set={setStore} />
          </details>
        </Section>
      </div>
    </Page>
  );
}
