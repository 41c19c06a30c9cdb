// alliance_charter: the clauses in force, in groups, and what changed between two versions.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { all, at, useAsk, useGet } from '../api/client';
import type { AllianceAnswer } from '../api/types';
import { useTurn } from '../api/live';
import { clauseValue, grouped } from '../model/clause';
import { useParties } from '../model/parties';
import { moment, short } from '../ui/format';
import { Section } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';

interface Version {
  version: number;
  since: string;
  by: string;
  motion?: string;
  text?: string;
  changes?: number;
}

interface Change {
  clause: string;
  from?: number;
  to?: number;
  before?: number;
  after?: number;
  reserved?: boolean;
}

function Diff({ data, last }: { data: AllianceAnswer; last: number }): JSX.Element {
  const [from, setFrom] = useState(last - 1);
  const [until, setUntil] = useState(last);
  const answer = useGet<{ changes: Change[] }>(at`/v1/alliances/${data.alliance.id}/charter/diff?from=${from}&to=${until}`, last);
  const known = new Map(data.charter.map((clause) => [clause.clause, clause]));
  const say = (name: string, value: number | undefined): string => {
    const clause = known.get(name);
    return clause ? clauseValue({ ...clause, value: value ?? 0 }) : String(value ?? 0);
  };
  const versions = Array.from({ length: last }, (_, i) => i + 1);
  const pick = (label: string, value: number, set: (value: number) => void): JSX.Element => (
    <label class="field">
      {label}
      <select value={value} onChange={(event) => set(Number(event.currentTarget.value))}>
        {versions.map((version) => (
          <option key={version} value={version}>
            version {version}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <>
      <div class="tools">
        {pick('From', from, setFrom)}
        {pick('To', until, setUntil)}
      </div>
      <Await answer={answer} what="differences">
        {({ changes }) =>
          changes.length === 0 ? (
            <Empty>These two versions say the same.</Empty>
          ) : (
            <Table
              caption={`Clauses that differ between version ${from} and version ${until}: ${changes.length}`}
              rows={changes}
              keyOf={(row) => row.clause}
              columns={[
                { head: 'Clause', name: true, cell: (row) => row.clause },
                { head: 'Before', cell: (row) => <del>{say(row.clause, row.from ?? row.before)}</del> },
                { head: 'After', cell: (row) => <ins>{say(row.clause, row.to ?? row.after)}</ins> },
                { head: 'Meaning', cell: (row) => known.get(row.clause)?.meaning ?? '' },
              ]}
            />
          )
        }
      </Await>
    </>
  );
}

export function Charter({ data }: { data: AllianceAnswer }): JSX.Element {
  const turn = useTurn();
  const parties = useParties();
  const { alliance } = data;
  const last = alliance.version ?? 1;
  const versions = useAsk<Version[]>(`charters ${alliance.id}`, (signal) => all(at`/v1/records/charter?alliance=${alliance.id}`, signal), turn);
  return (
    <>
      <Section title="Versions" note="An amendment makes the next version; old ones stay.">
        <Await answer={versions} what="versions">
          {(rows) => (
            <Table
              caption={`Versions: ${rows.length}`}
              hideCaption
              rows={[...rows].reverse()}
              keyOf={(row) => String(row.version)}
              columns={[
                { head: 'Version', name: true, cell: (row) => row.version },
                { head: 'Since', cell: (row) => moment(row.since) },
                { head: 'By', cell: (row) => parties.data?.get(row.by)?.name ?? short(row.by) },
                { head: 'How', cell: (row) => (row.motion ? 'carried by vote' : 'an officer’s act') },
                { head: 'Clauses changed', number: true, cell: (row) => row.changes ?? 0 },
                { head: 'Text', cell: (row) => (row.text ? <code title={row.text}>{short(row.text)}</code> : 'none') },
              ]}
            />
          )}
        </Await>
        {last > 1 && <Diff key={last} data={data} last={last} />}
      </Section>
      <Section title="In force" note={`Version ${last}. Each clause is a number that the rules read; there is no other law.`}>
        {grouped(data.charter).map(({ title, clauses }) => (
          <Table
            key={title}
            caption={title}
            rows={clauses}
            keyOf={(row) => row.clause}
            columns={[
              { head: 'Clause', name: true, cell: (row) => <code>{row.clause}</code> },
              { head: 'Value', cell: (row) => <strong>{clauseValue(row)}</strong> },
              { head: 'Meaning', cell: (row) => row.meaning },
            ]}
          />
        ))}
      </Section>
    </>
  );
}
