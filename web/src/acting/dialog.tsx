// dialog: one act, from the question to the receipt. It shows the signer's sentence, who signs, what would
// change or why it would be refused; asks; and shows the receipt, ready to be verified.
//
//     choose who -> described -> (terminal) -> recorded
//                        \-> refused, with what to do
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { go, to } from '../router';
import { moment, number, short } from '../ui/format';
import { Failure, Loading } from '../ui/state';
import { Tag } from '../ui/tag';
import { describe, sign, type Described, type Effect, type Identity, type Proposal, type Receipt } from './agent';

type State =
  | { at: 'describing' }
  | { at: 'described'; described: Described; differs: string }
  | { at: 'signing'; described: Described }
  | { at: 'recorded'; receipt: Receipt; text: string }
  | { at: 'failed'; problem: Problem };

const asProblem = (error: unknown): Problem => (error instanceof Problem ? error : new Problem(String(error)));

/** A sentence whose ids stand beside the names that this machine's directory gives them. */
function Sentence({ described }: { described: Described }): JSX.Element {
  const parts = described.sentence.split(/([0-9a-f]{64})/);
  return (
    <blockquote class="act-sentence">
      {parts.map((part, i) =>
        i % 2 === 0 ? (
          part
        ) : (
          <span key={i} title={part}>
            {described.names[part] ? (
              <>
                <strong>{described.names[part]}</strong> <code>{short(part)}</code>
              </>
            ) : (
              <code>{part}</code>
            )}
          </span>
        ),
      )}
    </blockquote>
  );
}

const hidden = new Set(['seen', 'realm']);

function Effects({ effects }: { effects: Effect[] }): JSX.Element {
  const shown = effects.filter((one) => one.more || !hidden.has(one.record ?? ''));
  return (
    <details>
      <summary>What would change: {number(shown.length)} {shown.length === 1 ? 'record' : 'records'}</summary>
      <ul class="act-effects">
        {shown.map((one, i) => (
          <li key={i}>
            {one.more ? (
              'and more'
            ) : (
              <>
                {one.change} <strong>{one.record}</strong> <code>{JSON.stringify(one.value)}</code>
              </>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Trial({ described }: { described: Described }): JSX.Element | null {
  const { trial } = described;
  if (!trial) return null;
  if (trial.accepted)
    return (
      <>
        <p>
          <Tag kind="good">would be accepted</Tag> The daemon judged it as it is now; nothing was recorded.
        </p>
        {trial.effects && <Effects effects={trial.effects} />}
      </>
    );
  const problem = trial.problem;
  return (
    <Failure
      problem={
        new Problem(problem?.title ?? 'the daemon would refuse it', {
          code: problem?.name ?? '',
          detail: problem?.detail ?? '',
          remedy: problem?.remedy ?? '',
        })
      }
    />
  );
}

function Asked({ described, signing, yes, no }: { described: Described; signing: boolean; yes: () => void; no: () => void }): JSX.Element {
  const refused = described.trial?.accepted === false;
  return (
    <>
      <Sentence described={described} />
      <p>
        Signed by <strong>{described.signs.name || short(described.signs.passport)}</strong>, valid until {moment(new Date(described.expires_s * 1000).toISOString())}.
      </p>
      <Trial described={described} />
      {signing && described.confirm === 'terminal' && (
        <p role="status" class="act-wait">
          Answer in the terminal in which <code>comity console</code> runs. It shows the same sentence and begins with{' '}
          <code>{described.digest.slice(0, 8)}</code>.
        </p>
      )}
      <details>
        <summary>What is signed, byte for byte</summary>
        <p class="quiet">
          Digest <code>{described.digest}</code>
        </p>
        <p class="quiet">
          Id of the act <code>{described.id}</code>
        </p>
      </details>
      <div class="act-buttons">
        <button type="button" onClick={no} disabled={signing}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={yes} disabled={signing || refused}>
          {signing ? 'Signing …' : 'Sign and send'}
        </button>
      </div>
    </>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function Recorded({ receipt, text, close }: { receipt: Receipt; text: string; close: () => void }): JSX.Element {
  const verify = (): void => {
    void import('./check').then(({ receiptLink }) => {
      close();
      go(to('evidence') + receiptLink(text));
    });
  };
  return (
    <>
      <p role="status">
        <Tag kind="good">{receipt.level}</Tag> {receipt.say} It stands in the ledger as entry {number(receipt.index)}
        {receipt.time ? `, ${moment(receipt.time)}` : ''}.
      </p>
      <p class="quiet">
        Act <code>{receipt.act}</code>. The receipt proves it to anyone, without this server.
      </p>
      <div class="act-buttons">
        <button type="button" onClick={verify}>
          Verify the receipt
        </button>
        <button type="button" onClick={() => save(text, `receipt-${receipt.index}.json`)}>
          Save the receipt
        </button>
        <button type="button" class="primary" onClick={close}>
          Done
        </button>
      </div>
    </>
  );
}

/** ActDialog goes through one act. `among`: who may sign it; the first is taken until another is chosen. */
export function ActDialog({ title, proposal, among, close }: {
  title: string;
  proposal: Proposal;
  among: readonly Identity[];
  close: () => void;
}): JSX.Element {
  const frame = useRef<HTMLDialogElement>(null);
  const [as, setAs] = useState(among[0]?.passport ?? '');
  const [state, setState] = useState<State>({ at: 'describing' });
  const [again, setAgain] = useState(0);
  useEffect(() => {
    if (frame.current && !frame.current.open) frame.current.showModal();
  }, []);
  useEffect(() => {
    let on = true;
    setState({ at: 'describing' });
    Promise.all([describe({ act: { act: proposal.act, ...proposal.fields }, as }), import('./check')]).then(
      ([described, { checkDescribed }]) => on && setState({ at: 'described', described, differs: checkDescribed(described) }),
      (error: unknown) => on && setState({ at: 'failed', problem: asProblem(error) }),
    );
    return () => void (on = false);
  }, [as, again]);
  const yes = (described: Described): void => {
    setState({ at: 'signing', described });
    sign(described.digest).then(
      ({ receipt, text }) => setState({ at: 'recorded', receipt, text }),
      (error: unknown) => setState({ at: 'failed', problem: asProblem(error) }),
    );
  };
  const busy = state.at === 'signing';
  return (
    <dialog
      ref={frame}
      class="act"
      aria-labelledby="act-title"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) close();
      }}
    >
      <h2 id="act-title">{title}</h2>
      {among.length > 1 && state.at !== 'recorded' && (
        <label class="field">
          Who acts
          <select value={as} disabled={busy} onChange={(event) => setAs(event.currentTarget.value)}>
            {among.map((one) => (
              <option key={one.passport} value={one.passport}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {state.at === 'describing' && <Loading what="what would be signed" />}
      {state.at === 'described' && state.differs === '' && (
        <Asked described={state.described} signing={false} yes={() => yes(state.described)} no={close} />
      )}
      {state.at === 'described' && state.differs !== '' && (
        <Failure
          problem={
            new Problem('what was described is not what would be signed', {
              detail: state.differs,
              remedy: 'do not sign; stop `comity console` and look at which program answers on its port',
            })
          }
        />
      )}
      {state.at === 'signing' && <Asked described={state.described} signing yes={() => undefined} no={close} />}
      {state.at === 'recorded' && <Recorded receipt={state.receipt} text={state.text} close={close} />}
      {state.at === 'failed' && <Failure problem={state.problem} retry={() => setAgain((n) => n + 1)} />}
      {(state.at === 'failed' || state.at === 'describing' || (state.at === 'described' && state.differs !== '')) && (
        <div class="act-buttons">
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
      )}
    </dialog>
  );
}
