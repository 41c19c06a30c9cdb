// evidence_report: one file, its steps as they are made, and the verdict in words. Everything that stands in a
// file is somebody else's text: it is shown as text, and nothing in it turns the direction of reading.
import type { ComponentChildren, JSX } from 'preact';
import { Facts } from '../ui/facts';
import { bytes, number } from '../ui/format';
import { Tag } from '../ui/tag';
import { Table } from '../ui/table';
import type { Judgement } from '../verify/judge';
import type { ActView, Fact, HeadView, Step } from '../verify/report';
import { timeText } from '../verify/date';
import { Against } from './evidence_server';

export interface Item {
  id: number;
  name: string;
  bytes: Uint8Array;
  kind: string;
  steps: Step[];
  progress: { what: string; done: number; total: number } | null;
  verdict: Judgement | null;
  ms: number;
  broken: string;
}

/** Characters that turn the direction of reading, by which a text can look like another one. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Words by others: set apart, and what would reorder them is shown and not done. */
export function Foreign({ children }: { children: string }): JSX.Element {
  const shown = children.replace(TURNING, (c) => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
  return <bdi>{shown}</bdi>;
}

export type Outcome = 'open' | 'good' | 'bad' | 'unknown' | 'betrayal';

export function outcomeOf(item: Item): Outcome {
  if (item.broken !== '') return 'bad';
  if (item.verdict === null) return 'open';
  if (!item.verdict.judged) return 'unknown';
  if (item.verdict.betrayal) return 'betrayal';
  return item.verdict.holds ? 'good' : 'bad';
}

/** The verdict in one sentence. */
export function verdictOf(item: Item): string {
  const v = item.verdict;
  switch (outcomeOf(item)) {
    case 'open':
      return 'is being verified';
    case 'unknown':
      return `cannot be judged: no key of ${v!.claimed === '' ? 'its ledger' : v!.claimed} is trusted here`;
    case 'betrayal':
      return `proves a betrayal: ${v!.claimed} has signed two histories`;
    case 'good':
      return `holds: this ${v!.kind} is what it says`;
    default:
      return item.broken !== '' ? `could not be verified: ${item.broken}` : `does NOT hold: this ${v!.kind} is refused`;
  }
}

const marks: Record<Outcome, { kind: 'good' | 'warn' | 'bad' | 'plain'; word: string }> = {
  open: { kind: 'plain', word: 'verifying' },
  good: { kind: 'good', word: 'holds' },
  bad: { kind: 'bad', word: 'does not hold' },
  unknown: { kind: 'warn', word: 'not judged' },
  betrayal: { kind: 'bad', word: 'two histories' },
};

function FactList({ facts }: { facts: readonly Fact[] }): JSX.Element | null {
  if (facts.length === 0) return null;
  return (
    <details class="evidence-facts">
      <summary>What was checked against what</summary>
      <dl class="pairs">
        {facts.map((fact, i) => (
          <div key={i} class="evidence-fact">
            <dt><Foreign>{fact.what}</Foreign></dt>
            <dd><code class="code-break"><Foreign>{fact.value}</Foreign></code></dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function StepRow({ step, unknown }: { step: Step; unknown: boolean }): JSX.Element {
  const kind = step.holds ? 'good' : unknown ? 'warn' : 'bad';
  return (
    <li class={`step step-${kind}`}>
      <div class="step-head">
        <Tag kind={kind}>{step.holds ? 'ok' : unknown ? 'open' : 'refused'}</Tag>
        <span class="evidence-sentence"><Foreign>{step.step}</Foreign></span>
      </div>
      {!step.holds && step.why !== undefined && <p>{step.why}. <code>{step.code}</code></p>}
      <FactList facts={step.facts} />
    </li>
  );
}

const seconds = (time: bigint): string => (time < 253402300800n ? timeText(time * 1000n) : `${time} s`);

function Head({ head, children }: { head: HeadView; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="evidence-head">
      <Facts
        facts={[
          ['ledger', <Foreign key="o">{head.origin}</Foreign>],
          ['entries', String(head.size)],
          ['cosigned by', head.cosigned.length === 0 ? 'nobody known here' : head.cosigned.map((c) => `${c.name}, ${seconds(c.time)}`).join('; ')],
        ]}
      />
      {children}
    </div>
  );
}

function Act({ act, open }: { act: ActView; open: (bytes: Uint8Array, name: string) => void }): JSX.Element {
  const bundle = act.bundle;
  return (
    <section class="evidence-part" aria-label="The act">
      <p class="evidence-say"><Foreign>{act.sentence}</Foreign></p>
      <dl class="pairs">
        <dt>act</dt><dd>{act.name}</dd>
        <dt>id</dt><dd><code class="code-break">{act.id}</code></dd>
        {act.author !== '' && <><dt>author</dt><dd><code class="code-break">{act.author}</code></dd></>}
        {act.subject !== '' && <><dt>for</dt><dd><code class="code-break">{act.subject}</code></dd></>}
        {act.realm !== '' && <><dt>realm</dt><dd><code class="code-break">{act.realm}</code></dd></>}
        <dt>signed by</dt>
        <dd>{act.signers.map((key) => <code key={key} class="code-break">{key}</code>)}</dd>
      </dl>
      <details>
        <summary>The act as JSON</summary>
        <pre class="command code-break"><Foreign>{pretty(act.json)}</Foreign></pre>
      </details>
      {bundle && (
        <button type="button" onClick={() => open(bundle, 'evidence in the act')}>
          Verify the evidence that stands in this act
        </button>
      )}
    </section>
  );
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}

interface Member {
  party: string;
  code?: string;
  name?: string;
  level: string;
  since?: string;
  suspended?: boolean;
  unsure?: boolean;
}

interface Answer {
  code: string;
  name: string;
  as_of: string;
  known_at?: string;
  level?: string;
  ended?: boolean;
  count: number;
  members: Member[];
}

function Members({ json }: { json: string }): JSX.Element {
  const answer = JSON.parse(json) as Answer;
  const known = answer.known_at === undefined ? '' : `, as it was known on ${answer.known_at}`;
  return (
    <section class="evidence-part" aria-label="The proven answer">
      <p class="evidence-say">
        <Foreign>{answer.name}</Foreign> (<Foreign>{answer.code}</Foreign>) had {answer.count}
        {answer.level === undefined ? '' : ` ${answer.level}`} member{answer.count === 1 ? '' : 's'} on {answer.as_of}{known}
        {answer.ended ? '; it had ended by then' : ''}.
      </p>
      {answer.count > 0 && (
        <Table
          caption="Members on that day, recomputed here from the proven events"
          rows={answer.members}
          keyOf={(m) => m.party}
          columns={[
            { head: 'code', cell: (m) => <Foreign>{m.code ?? ''}</Foreign> },
            { head: 'name', name: true, cell: (m) => <Foreign>{m.name ?? m.party}</Foreign> },
            { head: 'level', cell: (m) => `${m.level}${m.suspended ? ', suspended' : ''}${m.unsure ? ', date unsure' : ''}` },
            { head: 'since', cell: (m) => m.since ?? '' },
          ]}
        />
      )}
    </section>
  );
}

/** What a verdict of this kind does not show. */
function limitsOf(v: Judgement): string[] {
  const out: string[] = [];
  if (v.kind === 'act') out.push('Whether a realm accepted the act: only a proof of its place in a ledger shows that.');
  if (v.act && v.kind !== 'act') out.push('Whether the key that signed was its author’s then: the realm judged that when it accepted the act.');
  if (v.kind === 'receipt') out.push('The sentence, time and effects that the server wrote into the receipt: what stands here is made from the act.');
  if (v.head) out.push('Whether a newer head exists, or another one for others: compare heads with a witness, or with somebody else’s.');
  if (v.kind === 'COSE receipt') out.push('Cosignatures of witnesses: a COSE receipt holds none.');
  if (v.kind === 'answer bundle') out.push('Country codes that were left out: codes that stand here are proven, one that is missing is not disproven.');
  return out;
}

function Notes({ verdict, choose }: { verdict: Judgement; choose: () => void }): JSX.Element {
  const limits = verdict.holds ? limitsOf(verdict) : [];
  return (
    <>
      {verdict.fromServer && (
        <p class="evidence-warn">
          <Tag kind="warn">the server says</Tag> A key that this was held to was given by a server and never compared with
          what is published elsewhere. If that server lies, this verdict lies with it.
        </p>
      )}
      {!verdict.holds && verdict.remedy !== undefined && verdict.judged && (
        <p><strong>What to do:</strong> {verdict.remedy}.</p>
      )}
      {!verdict.judged && (
        <p>
          <strong>What to do:</strong> paste the verifier key of{' '}
          {verdict.claimed === '' ? 'the ledger' : <Foreign>{verdict.claimed}</Foreign>}, as its operator publishes it.{' '}
          <button type="button" onClick={choose}>Choose whom to trust</button>
        </p>
      )}
      {limits.length > 0 && (
        <details>
          <summary>What this does not show</summary>
          <ul class="evidence-limits">{limits.map((words) => <li key={words}>{words}</li>)}</ul>
        </details>
      )}
    </>
  );
}

export function Report({ item, again, drop, open, choose, link }: {
  item: Item;
  choose: () => void;
  again: () => void;
  drop: () => void;
  open: (bytes: Uint8Array, name: string) => void;
  link: (() => void) | null;
}): JSX.Element {
  const outcome = outcomeOf(item);
  const mark = marks[outcome];
  const v = item.verdict;
  const title = `evidence-${item.id}`;
  return (
    <article class={`card evidence evidence-${outcome}`} aria-labelledby={title}>
      <div class="trust-head">
        <h3 id={title}>
          <Foreign>{item.name}</Foreign>
        </h3>
        <Tag kind={mark.kind}>{mark.word}</Tag>
      </div>
      <p class="evidence-verdict">
        {item.kind !== '' && item.kind !== 'file' ? `This ${item.kind} ` : 'This file '}
        <Foreign>{verdictOf(item).replace(/: this .* (is what it says|is refused)$/, '')}</Foreign>.{' '}
        <span class="quiet">
          {bytes(item.bytes.length)}{v ? `, verified in ${item.ms} ms in this browser` : ''}
        </span>
      </p>
      {item.progress && !v && (
        <label class="field">
          {item.progress.what}: {number(item.progress.done)} of {number(item.progress.total)}
          <progress value={item.progress.done} max={item.progress.total} />
        </label>
      )}
      {v && <Notes verdict={v} choose={choose} />}
      <ol class="steps">
        {item.steps.map((step, i) => (
          <StepRow key={i} step={step} unknown={outcome === 'unknown'} />
        ))}
      </ol>
      {v?.heads && v.heads.map((head, i) => <Head key={i} head={head} />)}
      {v?.holds && v.head && (
        <Head head={v.head}>
          <Against head={v.head} open={open} />
        </Head>
      )}
      {v?.holds && v.act && <Act act={v.act} open={open} />}
      {v?.answer !== undefined && <Members json={v.answer} />}
      <p class="trust-actions">
        <button type="button" onClick={again}>Verify again</button>
        {link && <button type="button" onClick={link}>Copy a link that holds it</button>}
        <button type="button" onClick={drop}>Put it away</button>
      </p>
    </article>
  );
}
