// evidence_trust: whom the reader trusts. Keys are pasted or read from a file; what the server says of itself
// is shown as that, and enters only by a deliberate click, with a mark that stays.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { get, Problem } from '../api/client';
import type { RealmAnswer } from '../api/types';
import { Tag } from '../ui/tag';
import { errorInfo, Refusal } from '../verify/refusal';
import type { Origin, TrustedKey, TrustedLedger, TrustRead, TrustStore } from '../verify/trust';
import { addTrust, nameOf as ledgerName, readTrust } from '../verify/trust';

const words = (error: unknown): string => {
  if (!(error instanceof Refusal)) throw error;
  const { text, remedy } = errorInfo(error.code);
  const line = error.detail > 0 && error.code === 'BAD_POLICY' ? ` (line ${error.detail})` : '';
  return `${text}${line}; ${remedy}`;
};

const nameOf = (vkey: string): string => vkey.slice(0, vkey.indexOf('+'));

function Key({ trusted, remove }: { trusted: TrustedKey; remove?: () => void }): JSX.Element {
  const name = nameOf(trusted.vkey);
  return (
    <div class="trust-key">
      <code class="code-break">{trusted.vkey}</code>
      {trusted.from === 'server' ? <Tag kind="warn">the server says</Tag> : <Tag kind="good">given by you</Tag>}
      {remove && (
        <button type="button" onClick={remove} aria-label={`Remove the witness ${name}`}>
          Remove
        </button>
      )}
    </div>
  );
}

function Ledger({ ledger, change, remove }: {
  ledger: TrustedLedger;
  change: (ledger: TrustedLedger) => void;
  remove: () => void;
}): JSX.Element {
  const name = ledgerName(ledger);
  const n = ledger.witnesses.length;
  return (
    <li class="card">
      <div class="trust-head">
        <h3>{name}</h3>
        <button type="button" onClick={remove} aria-label={`Trust ${name} no more`}>
          Trust no more
        </button>
      </div>
      {ledger.log === null
        ? <p><Tag kind="good">given by you</Tag> A federation: it has no key, its policy says whom to trust.</p>
        : <Key trusted={ledger.log} />}
      {n > 0 && ledger.policy === '' && (
        <>
          <label class="field trust-need">
            Witnesses that must have cosigned, of {n}
            <input
              type="number"
              min={0}
              max={n}
              value={ledger.need ?? n}
              onInput={(event) => {
                const need = Math.max(0, Math.min(n, Math.floor(Number(event.currentTarget.value))));
                change({ ...ledger, need: need === n ? null : need });
              }}
            />
          </label>
          <ul class="sentences">
            {ledger.witnesses.map((w) => (
              <li key={w.vkey}>
                <Key
                  trusted={w}
                  remove={() => change({ ...ledger, witnesses: ledger.witnesses.filter((k) => k !== w) })}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      {ledger.policy !== '' && (
        <details>
          <summary>The policy that must be met</summary>
          <pre class="command">{ledger.policy}</pre>
          {ledger.log !== null && (
            <button type="button" onClick={() => change({ ...ledger, policy: '' })}>
              Drop the policy
            </button>
          )}
        </details>
      )}
    </li>
  );
}

/** What the server says its keys are; nothing of it is trusted until it is taken over. */
function ServerKeys({ take }: { take: (read: TrustRead) => void }): JSX.Element {
  const [said, setSaid] = useState<TrustRead | null>(null);
  const [problem, setProblem] = useState('');
  const ask = async (): Promise<void> => {
    setProblem('');
    try {
      const { realm, vkey, policy, witnesses } = await get<RealmAnswer>('/v1/realm');
      const keys = [vkey, ...witnesses.map((w) => w.vkey)].join('\n');
      setSaid(readTrust(vkey === undefined ? `#origin ${realm.name}\n${policy ?? ''}` : keys));
    } catch (error) {
      setProblem(error instanceof Problem ? `${error.message}; ${error.remedy}` : words(error));
    }
  };
  if (said === null)
    return (
      <p>
        <button type="button" onClick={() => void ask()}>
          Show what this server says its keys are
        </button>{' '}
        {problem !== '' && <span role="alert">{problem}</span>}
      </p>
    );
  return (
    <div class="card trust-said">
      <p>
        <Tag kind="warn">the server says</Tag> These keys come from the server that also gave you this page. Compare
        them with what the operator and the witnesses publish elsewhere before you rely on them.
      </p>
      <ul class="sentences">
        {[...said.logs, ...said.witnesses].map((key) => (
          <li key={key.vkey}>
            <code class="code-break">{key.vkey}</code>
          </li>
        ))}
      </ul>
      <p class="trust-actions">
        <button type="button" onClick={() => { take(said); setSaid(null); }}>
          Use them, marked as the server’s word
        </button>
        <button type="button" onClick={() => setSaid(null)}>
          Leave them
        </button>
      </p>
    </div>
  );
}

export function Trust({ store, set }: { store: TrustStore; set: (store: TrustStore) => void }): JSX.Element {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const [done, setDone] = useState('');
  const file = useRef<HTMLInputElement>(null);

  const take = (read: TrustRead, from: Origin): void => {
    set(addTrust(store, read, from));
    const n = read.logs.length + read.witnesses.length;
    setDone(`${n} key${n === 1 ? '' : 's'} taken${read.policy ? ', with a policy' : ''}.`);
    setText('');
  };
  const add = (from: string): void => {
    setProblem('');
    setDone('');
    try {
      take(readTrust(from), 'given');
    } catch (error) {
      setProblem(words(error));
    }
  };
  return (
    <div class="trust">
      {store.length === 0 && (
        <p>
          No key is trusted yet, so nothing but the signatures of single acts can be judged. Paste the verifier key that
          the operator of a ledger publishes, and those of its witnesses; or their <code>peer.conf</code>, or a policy. Of a
          federation paste the policy, with a line <code>#origin NAME</code> that names its ledger.
        </p>
      )}
      {store.length > 0 && (
        <ul class="trust-list">
          {store.map((ledger, i) => (
            <Ledger
              key={ledger.log?.vkey ?? ledger.origin}
              ledger={ledger}
              change={(changed) => set(store.map((l, k) => (k === i ? changed : l)))}
              remove={() => set(store.filter((_, k) => k !== i))}
            />
          ))}
        </ul>
      )}
      <form
        class="trust-add"
        onSubmit={(event) => {
          event.preventDefault();
          add(text);
        }}
      >
        <label class="field">
          Verifier keys, a peer.conf, or a policy file
          <textarea
            rows={3}
            value={text}
            spellcheck={false}
            placeholder="example.org/ledger+1a2b3c4d+AbCd..."
            aria-invalid={problem !== ''}
            aria-describedby="trust-problem"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p class="trust-actions">
          <button type="submit" class="primary">Trust these keys</button>
          <button type="button" onClick={() => file.current?.click()}>
            From a file
          </button>
          <input
            ref={file}
            type="file"
            class="unseen"
            tabIndex={-1}
            aria-label="File of verifier keys"
            onChange={(event) => {
              const chosen = event.currentTarget.files?.[0];
              if (chosen && chosen.size <= 65536) void chosen.text().then(add);
              else if (chosen) setProblem('the file is larger than any list of keys');
              event.currentTarget.value = '';
            }}
          />
        </p>
        <p id="trust-problem" role="alert">{problem}</p>
        <p role="status">{done}</p>
      </form>
      <ServerKeys take={(read) => take(read, 'server')} />
    </div>
  );
}
