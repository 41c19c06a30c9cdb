// passport: who somebody is: names and codes, keys and their history, memberships over time, offices.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Act } from '../acting/act';
import { all, at, useAsk, useGet } from '../api/client';
import { useTurn } from '../api/live';
import type { Alliance, Attestation, MemberEvent, Passport } from '../api/types';
import { today } from '../model/days';
import { useParties, type Parties } from '../model/parties';
import { inOrder, tenures, type Tenure } from '../model/tenure';
import { Link, to } from '../router';
import { Facts } from '../ui/facts';
import { moment, number, short } from '../ui/format';
import { Page, Section } from '../ui/page';
import { Spans, type SpanRow } from '../ui/spans';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';
import { LevelTag, Tag } from '../ui/tag';

interface PassportAnswer {
  passport: Passport;
  codes: Attestation[];
  memberships: { code: string; event: MemberEvent }[];
}

interface Key {
  key: string;
  generation: number;
  weight?: number;
  weight_0?: number;
  since: string;
  until?: string;
  ended?: string;
}

interface Rotation {
  generation: number;
  since: string;
  act: string;
}

interface Office {
  body: string;
  role: string;
  since: string;
  until?: string;
}

interface More {
  alliances: Map<string, Alliance>;
  keys: Key[];
  rotations: Rotation[];
  offices: Office[];
}

function useMore(id: string | undefined, turn: number): ReturnType<typeof useAsk<More>> {
  return useAsk<More>(
    id === undefined ? null : `passport ${id}`,
    async (signal) => {
      const of = id ?? '';
      const [alliances, keys, rotations, offices] = await Promise.all([
        all<Alliance>('/v1/records/alliance', signal),
        all<Key>(at`/v1/records/control?passport=${of}`, signal),
        all<Rotation>(at`/v1/records/rotation?passport=${of}`, signal),
        all<Office>(at`/v1/records/holder?passport=${of}`, signal),
      ]);
      return { alliances: new Map(alliances.map((one) => [one.id, one])), keys, rotations, offices };
    },
    turn,
  );
}

interface Membership extends Tenure {
  alliance: string;
  code: string;
}

function membershipsOf(data: PassportAnswer, alliances: ReadonlyMap<string, Alliance>): Membership[] {
  const by = new Map<string, { code: string; events: MemberEvent[] }>();
  for (const { code, event } of data.memberships) {
    const one = by.get(event.alliance) ?? { code, events: [] };
    one.events.push(event);
    by.set(event.alliance, one);
  }
  return [...by].flatMap(([alliance, { code, events }]) =>
    tenures(alliances.get(alliance) ?? {}, inOrder(events)).map((tenure) => ({ ...tenure, alliance, code })),
  );
}

function Memberships({ data, more }: { data: PassportAnswer; more: More }): JSX.Element {
  const rows = useMemo(() => membershipsOf(data, more.alliances), [data, more]);
  if (rows.length === 0) return <Empty>It belongs to no alliance, and never did.</Empty>;
  const now = today();
  const from = rows.reduce((least, row) => (row.from < least ? row.from : least), now);
  const bars = new Map<string, SpanRow & { spans: SpanRow['spans'][number][] }>();
  for (const row of [...rows].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const bar = bars.get(row.alliance) ?? { key: row.alliance, label: row.code, spans: [] };
    bar.spans.push({ from: row.from, to: row.to ?? now, level: row.level, suspended: row.suspended });
    bars.set(row.alliance, bar);
  }
  return (
    <>
      <Spans label="Memberships over time" rows={[...bars.values()]} from={`${from.slice(0, 4)}-01-01`} to={now} />
      <Table
        caption={`Memberships: ${rows.length}`}
        rows={[...rows].sort((a, b) => (a.from < b.from ? 1 : -1))}
        keyOf={(row) => row.alliance + row.from}
        columns={[
          { head: 'Alliance', name: true, cell: (row) => <Link href={to('alliances', [row.alliance])}>{row.code}</Link> },
          { head: 'Level', cell: (row) => <LevelTag level={row.level} suspended={row.suspended} /> },
          { head: 'From', cell: (row) => row.from },
          { head: 'To', cell: (row) => row.to ?? 'today' },
          { head: 'Name', cell: (row) => more.alliances.get(row.alliance)?.name ?? '' },
        ]}
      />
    </>
  );
}

function Keys({ passport, more }: { passport: Passport; more: More }): JSX.Element {
  const generation = passport.generation ?? 1;
  return (
    <Table
      caption={`Keys, of all generations: ${more.keys.length}`}
      rows={[...more.keys].sort((a, b) => b.generation - a.generation)}
      keyOf={(row) => row.key}
      columns={[
        { head: 'Key', name: true, cell: (row) => <code>{row.key}</code> },
        { head: 'Generation', number: true, cell: (row) => row.generation },
        { head: 'Weight', number: true, cell: (row) => row.weight ?? row.weight_0 ?? 0 },
        { head: 'Since', cell: (row) => moment(row.since) },
        {
          head: 'State',
          cell: (row) =>
            row.generation === generation && passport.standing === 'active' ? <Tag kind="good">in force</Tag> : <Tag kind="plain">replaced</Tag>,
        },
      ]}
    />
  );
}

const nameOf = (parties: Parties | undefined, id: string): string => parties?.get(id)?.name ?? short(id);

function Inside({ data, more, parties }: { data: PassportAnswer; more: More; parties: Parties | undefined }): JSX.Element {
  const { passport } = data;
  return (
    <>
      <Section title="Memberships">
        <Memberships data={data} more={more} />
      </Section>
      <Section title="Codes" note="Who says that this is the holder of a code.">
        {data.codes.length === 0 ? (
          <Empty>Nobody attested a code.</Empty>
        ) : (
          <Table
            caption={`Codes: ${data.codes.length}`}
            rows={data.codes}
            keyOf={(row) => row.scheme + row.value}
            columns={[
              { head: 'Code', name: true, cell: (row) => <strong>{row.value}</strong> },
              { head: 'Scheme', cell: (row) => row.scheme },
              { head: 'Attested by', cell: (row) => nameOf(parties, row.by) },
              { head: 'Since', cell: (row) => moment(row.since) },
            ]}
          />
        )}
      </Section>
      <Section
        title="Keys"
        note="Only these keys can act in its name. The next ones are announced by their digest, so that whoever steals today’s keys cannot name tomorrow’s."
      >
        <Keys passport={passport} more={more} />
        {passport.standing === 'active' && (
          <Act quiet label="Replace the key by its standby key …" title="Replace the key" by={passport.id} proposal={{ act: 'passport_rotate', fields: {} }} />
        )}
        {more.rotations.length > 1 && (
          <Table
            caption={`Changes of keys: ${more.rotations.length}`}
            rows={[...more.rotations].sort((a, b) => b.generation - a.generation)}
            keyOf={(row) => String(row.generation)}
            columns={[
              { head: 'Generation', name: true, number: true, cell: (row) => row.generation },
              { head: 'Since', cell: (row) => moment(row.since) },
              { head: 'Act', cell: (row) => <code title={row.act}>{short(row.act)}</code> },
            ]}
          />
        )}
      </Section>
      {more.offices.length > 0 && (
        <Section title="Offices">
          <Table
            caption={`Offices held: ${more.offices.length}`}
            rows={more.offices}
            keyOf={(row) => row.body + row.role}
            columns={[
              {
                head: 'Body',
                name: true,
                cell: (row) => {
                  const alliance = more.alliances.get(row.body);
                  return alliance ? <Link href={to('alliances', [alliance.id])}>{alliance.code}</Link> : nameOf(parties, row.body);
                },
              },
              { head: 'Office', cell: (row) => row.role },
              { head: 'Since', cell: (row) => moment(row.since) },
              { head: 'Until', cell: (row) => (row.until ? moment(row.until) : 'without end') },
            ]}
          />
        </Section>
      )}
    </>
  );
}

export function PassportRoom({ name }: { name: string }): JSX.Element {
  const turn = useTurn();
  const parties = useParties();
  const answer = useGet<PassportAnswer>(at`/v1/passports/${name}`, turn);
  const more = useMore(answer.data?.passport.id, turn);
  return (
    <Page title={answer.data?.passport.name ?? 'Passport'} kicker={<Link href={to('passports')}>Passports</Link>}>
      <Await answer={answer} what="the passport">
        {(data) => (
          <>
            <div class="card">
              <Facts
                facts={[
                  ['Kind', data.passport.kind],
                  ['Standing', data.passport.standing],
                  ['Codes', data.codes.map((code) => code.value).join(', ') || 'none'],
                  ['Since', moment(data.passport.since)],
                  ['Generation of keys', number(data.passport.generation ?? 1)],
                ]}
              />
              <p class="quiet">
                Id <code>{data.passport.id}</code>
              </p>
            </div>
            <Await answer={more} what="keys and memberships">
              {(rest) => <Inside data={data} more={rest} parties={parties.data} />}
            </Await>
          </>
        )}
      </Await>
    </Page>
  );
}
