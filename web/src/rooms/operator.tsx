// operator: what the one who runs this cell looks at: health, the head and who cosigns it, peers, keys,
// storage. It changes by itself.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { getText, useAsk, useGet } from '../api/client';
import { useTurn } from '../api/live';
import { histogram, readMetrics, type Metrics } from '../model/metrics';
import type { RoomProps } from '../router';
import { Facts } from '../ui/facts';
import { bytes, duration, moment, number, plural, short } from '../ui/format';
import { Page, Section } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';
import { Tag } from '../ui/tag';

interface Trouble {
  name?: string;
  title?: string;
  detail?: string;
  remedy?: string;
}

interface OperatorAnswer {
  origin: string;
  now: string;
  started: string;
  ready: boolean;
  trouble: Trouble | string | null;
  acts_waiting: number;
  versions: { program: string; rules: number };
  ledger_time: string;
  ledger_time_age_ms: number;
  fullest_tables: { record: string; count: number; limit: number }[];
  head: { size: number; root: string; time?: string; age_ms?: number; cosigned?: number };
  witnessed: { need: number; of: number; size: number; age_ms: number | null; lag: number };
  peers: {
    name: string;
    url: string;
    size: number | null;
    lag: number | null;
    checkpoint_age_ms: number | null;
    key_age_ms: number | null;
    asked: number;
    failed: number;
    last_error: Trouble | string | null;
  }[];
  cosigns: { origin: string; size: number; checkpoint_age_ms: number | null }[];
  signer: { answers: boolean; keys: number; last_error: Trouble | string | null };
  keys: { label: string; purpose: string; key: string; standby: boolean; made: string; age_ms: number }[];
  storage: { free: number; total: number; journal_bytes: number; snapshot_bytes: number };
  snapshot: { size: number; lag: number; every: number; time: string | null; age_ms: number | null };
}

const ago = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? 'never' : ms < 1000 ? 'just now' : `${duration(ms)} ago`;

const words = (trouble: Trouble | string | null): string =>
  trouble === null ? '' : typeof trouble === 'string' ? trouble : [trouble.title ?? trouble.name, trouble.detail, trouble.remedy].filter(Boolean).join('. ');

/** A part of a whole, as a bar and in words. */
function Bar({ label, part, whole, text, warn = 0.8, bad = 0.95 }: {
  label: string;
  part: number;
  whole: number;
  text: string;
  warn?: number;
  bad?: number;
}): JSX.Element {
  const share = whole === 0 ? 0 : Math.min(1, part / whole);
  const kind = share >= bad ? 'bad' : share >= warn ? 'warn' : 'good';
  return (
    <div class="bar-row">
      <div class="bar-head">
        <span>{label}</span>
        <span class="quiet">{text}</span>
      </div>
      <svg class={`share share-${kind}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="share-whole" width="100" height="6" />
        <rect class="share-part" width={Math.max(share > 0 ? 0.6 : 0, share * 100)} height="6" />
      </svg>
    </div>
  );
}

function Health({ data }: { data: OperatorAnswer }): JSX.Element {
  return (
    <div class="card">
      <p class="health">
        <Tag kind={data.ready ? 'good' : 'bad'}>{data.ready ? 'takes acts' : 'takes no acts'}</Tag>
        <Tag kind={data.signer.answers ? 'good' : 'bad'}>{data.signer.answers ? 'signer answers' : 'signer is silent'}</Tag>
        <Tag kind={data.witnessed.lag === 0 ? 'good' : 'warn'}>
          {data.witnessed.of === 0 ? 'no witnesses' : data.witnessed.lag === 0 ? 'witnessed' : `${number(data.witnessed.lag)} acts not yet witnessed`}
        </Tag>
      </p>
      {data.trouble !== null && (
        <p class="failure" role="alert">
          {words(data.trouble)}
        </p>
      )}
      <Facts
        facts={[
          ['Acts', number(data.head.size)],
          ['Waiting', number(data.acts_waiting)],
          ['Newest head', ago(data.head.age_ms)],
          ['Witnessed', `${number(data.witnessed.size)} (${data.witnessed.need} of ${data.witnessed.of} needed)`],
          ['Ledger time', ago(data.ledger_time_age_ms)],
          ['Runs since', moment(data.started)],
          ['Version', `${data.versions.program}, rules ${data.versions.rules}`],
        ]}
      />
      <p class="quiet">
        Root of the head <code>{data.head.root}</code>
      </p>
    </div>
  );
}

function Peers({ data }: { data: OperatorAnswer }): JSX.Element {
  return (
    <>
      {data.peers.length === 0 ? (
        <Empty>
          Nobody cosigns this ledger’s heads. <code>comity peer add</code> makes a witness.
        </Empty>
      ) : (
        <Table
          caption={`Witnesses of this ledger: ${data.peers.length}`}
          rows={data.peers}
          keyOf={(row) => row.name}
          columns={[
            { head: 'Name', name: true, cell: (row) => row.name },
            { head: 'State', cell: (row) => <Tag kind={row.lag === 0 ? 'good' : row.last_error ? 'bad' : 'warn'}>{row.lag === 0 ? 'level' : row.last_error ? 'fails' : 'behind'}</Tag> },
            { head: 'Lag', number: true, cell: (row) => (row.lag === null ? '' : plural(row.lag, 'act')) },
            { head: 'Last cosigned', cell: (row) => ago(row.checkpoint_age_ms) },
            { head: 'Asked', number: true, cell: (row) => number(row.asked) },
            { head: 'Failed', number: true, cell: (row) => number(row.failed) },
            { head: 'Address', cell: (row) => <code>{row.url}</code> },
            { head: 'Last error', cell: (row) => words(row.last_error) },
          ]}
        />
      )}
      {data.cosigns.length > 0 && (
        <Table
          caption={`Ledgers whose heads this cell cosigns: ${data.cosigns.length}`}
          rows={data.cosigns}
          keyOf={(row) => row.origin}
          columns={[
            { head: 'Ledger', name: true, cell: (row) => row.origin },
            { head: 'Acts', number: true, cell: (row) => number(row.size) },
            { head: 'Last cosigned', cell: (row) => ago(row.checkpoint_age_ms) },
          ]}
        />
      )}
    </>
  );
}

function Keys({ data }: { data: OperatorAnswer }): JSX.Element {
  return (
    <Table
      caption={`The operator’s keys; the signer holds ${plural(data.signer.keys, 'key')} in all`}
      rows={data.keys}
      keyOf={(row) => row.key}
      columns={[
        { head: 'Label', name: true, cell: (row) => row.label },
        { head: 'Purpose', cell: (row) => row.purpose },
        { head: 'State', cell: (row) => <Tag kind={row.standby ? 'plain' : 'good'}>{row.standby ? 'standby' : 'in use'}</Tag> },
        { head: 'Made', cell: (row) => `${moment(row.made)}` },
        { head: 'Key', cell: (row) => <code title={row.key}>{short(row.key)}</code> },
      ]}
    />
  );
}

function Storage({ data }: { data: OperatorAnswer }): JSX.Element {
  const { storage, snapshot } = data;
  return (
    <div class="card">
      <Bar
        label="Disk"
        part={storage.total - storage.free}
        whole={storage.total}
        text={`${bytes(storage.free)} free of ${bytes(storage.total)}`}
      />
      {data.fullest_tables.map((table) => (
        <Bar
          key={table.record}
          label={`Table ${table.record}`}
          part={table.limit === 1 ? 0 : table.count}
          whole={table.limit}
          text={`${number(table.count)} of ${plural(table.limit, 'record')}`}
        />
      ))}
      <Facts
        facts={[
          ['Journal', bytes(storage.journal_bytes)],
          ['Snapshots', bytes(storage.snapshot_bytes)],
          ['Since the last snapshot', plural(snapshot.lag, 'act')],
          ['A snapshot every', plural(snapshot.every, 'act')],
        ]}
      />
    </div>
  );
}

function Speed({ metrics }: { metrics: Metrics }): JSX.Element {
  const acts = histogram(metrics, 'comity_act_seconds');
  const http = histogram(metrics, 'comity_http_seconds');
  const ms = (seconds: number): string => (seconds === Infinity ? 'over 60 s' : `${number(seconds * 1000)} ms`);
  const rows = [
    { name: 'From an act to its receipt', of: acts },
    { name: 'From a request to its answer', of: http },
  ].filter((row) => row.of.count > 0);
  if (rows.length === 0) return <Empty>Nothing was measured yet.</Empty>;
  return (
    <Table
      caption="Times since the daemon started; at most, by the histogram’s steps"
      rows={rows}
      keyOf={(row) => row.name}
      columns={[
        { head: 'What', name: true, cell: (row) => row.name },
        { head: 'Half within', number: true, cell: (row) => ms(row.of.within(0.5)) },
        { head: '99 % within', number: true, cell: (row) => ms(row.of.within(0.99)) },
        { head: 'Measured', number: true, cell: (row) => number(row.of.count) },
      ]}
    />
  );
}

/** A number that grows every few seconds while the page is in sight. */
function useBeat(ms: number): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setBeat((n) => n + 1);
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
  return beat;
}

export default function Operator(_: RoomProps): JSX.Element {
  const turn = useTurn();
  const beat = useBeat(5000);
  const when = `${turn} ${beat}`;
  const answer = useGet<OperatorAnswer>('/v1/operator', when);
  const metrics = useAsk<Metrics>('metrics', async (signal) => readMetrics(await getText('/metrics', signal)), when);
  return (
    <Page title="Operator" lead="How this cell is: health, witnesses, keys and storage.">
      <Await answer={answer} what="the cell’s state">
        {(data) => (
          <>
            <Section title="Health">
              <Health data={data} />
            </Section>
            <Section title="Peers">
              <Peers data={data} />
            </Section>
            <Section title="Storage">
              <Storage data={data} />
            </Section>
            <Section title="Speed">
              <Await answer={metrics} what="figures">
                {(of) => <Speed metrics={of} />}
              </Await>
            </Section>
            <Section title="Keys">
              <Keys data={data} />
            </Section>
          </>
        )}
      </Await>
    </Page>
  );
}
