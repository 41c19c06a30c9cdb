// alliance: one alliance: its members on a day, its charter, its history, its figures, and the way in
// and out.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Act } from '../acting/act';
import { acts } from '../acting/agent';
import { all, at, get, useAsk, useGet, type Answer } from '../api/client';
import { useTurn } from '../api/live';
import type { Alliance, AllianceAnswer, Level, MemberEvent } from '../api/types';
import { dayNumber, dayText, isDay, today } from '../model/days';
import { useParties, type Parties } from '../model/parties';
import { countsOver, inOrder } from '../model/tenure';
import { Link, setQuery, to, type Route } from '../router';
import { Facts } from '../ui/facts';
import { duration, moment, number, plural, short } from '../ui/format';
import { Page, Section } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';
import { Tabs } from '../ui/tabs';
import { LevelTag, Tag } from '../ui/tag';
import { DayInput, TimeLine } from '../ui/time';
import { percent } from '../model/clause';
import { Charter } from './alliance_charter';
import { Door } from './alliance_door';

interface Member {
  party: string;
  code?: string;
  name?: string;
  level: Level;
  since: string;
  suspended?: boolean;
  unsure?: boolean;
  bloc?: boolean;
  via?: string;
}

interface HistoryRow {
  name?: string;
  event: MemberEvent;
}

const parts = [
  { key: 'members', text: 'Members' },
  { key: 'charter', text: 'Charter' },
  { key: 'history', text: 'History' },
  { key: 'votes', text: 'Votes and officers' },
  { key: 'figures', text: 'Figures' },
  { key: 'door', text: 'Join or leave' },
] as const;

/** The whole history, in pages. */
function useHistory(id: string, turn: number): Answer<MemberEvent[]> {
  return useAsk<MemberEvent[]>(
    `history ${id}`,
    async (signal) => inOrder(await all<MemberEvent>(at`/v1/records/member_event?alliance=${id}`, signal)),
    turn,
  );
}

// ---- members ----

interface Question {
  day: string;
  level: string;
  /** ISO time; "": all that is known now. */
  known: string;
  expand: boolean;
}

const pathOf = (id: string, q: Question): string =>
  at`/v1/alliances/${id}/members?as_of=${q.day}` +
  (q.level === '' ? '' : at`&level=${q.level}`) +
  (q.known === '' ? '' : at`&known_at=${q.known}`);

function MembersOn({ id, question }: { id: string; question: Question }): JSX.Element {
  const turn = useTurn();
  const { day, expand } = question;
  const path = pathOf(id, question) + (expand ? '&expand=1' : '');
  const answer = useGet<{ members: Member[] }>(path, turn);
  return (
    <Await answer={answer} what="members">
      {({ members }) =>
        members.length === 0 ? (
          <Empty>It had no such members on this day.</Empty>
        ) : (
          <Table
            caption={`Members on ${day}: ${members.length}`}
            rows={members}
            columns={[
              { head: 'Party', name: true, cell: (row) => <Link href={to('passports', [row.party])}>{row.name ?? short(row.party)}</Link> },
              { head: 'Code', cell: (row) => row.code ?? '' },
              { head: 'Level', cell: (row) => <LevelTag level={row.level} suspended={row.suspended ?? false} /> },
              { head: 'Since', cell: (row) => row.since },
              {
                head: 'Note',
                cell: (row) =>
                  [row.bloc ? 'a bloc' : '', row.via ? `through ${row.via}` : '', row.unsure ? 'the exact day is not known' : '']
                    .filter((words) => words !== '')
                    .join(', '),
              },
            ]}
          />
        )
      }
    </Await>
  );
}

function Members({ alliance, children, route }: { alliance: Alliance; children: number; route: Route }): JSX.Element {
  const turn = useTurn(5000);
  const history = useHistory(alliance.id, turn);
  const asked = route.query.get('date') ?? '';
  const [day, setDay] = useState(isDay(asked) ? asked : today());
  const [rested, rest] = useState(day);
  const [level, setLevel] = useState('');
  const [known, setKnown] = useState('');
  const [expand, setExpand] = useState(false);
  const points = useMemo(
    () =>
      countsOver(alliance, history.data ?? []).map((count) => ({
        day: count.day,
        value: count.full + count.associate + count.observer,
      })),
    [history.data, alliance],
  );
  const from = points[0]?.day ?? alliance.founded ?? today();
  const end = from >= today() ? dayText(dayNumber(today()) + 1) : today();
  const time = known === '' ? '' : `${known.length === 16 ? `${known}:00` : known.slice(0, 19)}Z`;
  const question: Question = { day: rested, level, known: time, expand };
  // The list is asked for when the slider has come to rest.
  const timer = useMemo(() => ({ id: 0 }), []);
  const move = (next: string): void => {
    setDay(next);
    clearTimeout(timer.id);
    timer.id = window.setTimeout(() => {
      rest(next);
      setQuery({ date: next });
    }, 200);
  };
  return (
    <Section title="Members">
      <TimeLine label={`Members of ${alliance.code} over time`} day={day} from={dayText(dayNumber(from) - 1)} to={end} points={points} set={move} />
      <div class="tools">
        <label class="field">
          Level
          <select value={level} onChange={(event) => setLevel(event.currentTarget.value)}>
            <option value="">All levels</option>
            <option value="full">full</option>
            <option value="associate">associate</option>
            <option value="observer">observer</option>
          </select>
        </label>
        <label class="field">
          As it was known at (UTC)
          <input type="datetime-local" step="1" value={known} onChange={(event) => setKnown(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={expand} onChange={(event) => setExpand(event.currentTarget.checked)} />
          Show who stands behind blocs
        </label>
      </div>
      <MembersOn id={alliance.id} question={question} />
      <p class="quiet">
        <a href={`${pathOf(alliance.id, question)}&proof=1`} download={`${alliance.code.replace(/[^\w-]/g, '_')}-${rested}.json`}>
          Save this list with its proof
        </a>
        : anyone can check it without trusting this server, with <code>comity verify</code>, or{' '}
        <Link href={to('evidence', [], { from: at`/v1/alliances/${alliance.id}/members?as_of=${rested}&proof=1` })}>
          in this browser
        </Link>
        .
      </p>
      {children > 0 && <SubLists of={alliance} />}
    </Section>
  );
}

/** Alliances whose parent this is. */
function SubLists({ of }: { of: Alliance }): JSX.Element {
  const answer = useAsk<Alliance[]>(`children ${of.id}`, (signal) => all(at`/v1/records/alliance?parent=${of.id}`, signal), useTurn(5000));
  return (
    <Await answer={answer} what="sub-lists">
      {(rows) => (
        <Table
          caption={`Sub-lists of ${of.code}: ${rows.length}`}
          rows={rows}
          keyOf={(row) => row.id}
          columns={[
            { head: 'Code', name: true, cell: (row) => <Link href={to('alliances', [row.id])}>{row.code}</Link> },
            { head: 'Name', cell: (row) => row.name },
            { head: 'Topic', cell: (row) => row.topic },
            { head: 'State', cell: (row) => row.state },
          ]}
        />
      )}
    </Await>
  );
}

// ---- history ----

const happened: Record<string, string> = {
  found: 'founding member',
  join: 'joined',
  exit: 'left',
  level: 'changed level',
  suspend: 'was suspended',
  resume: 'resumed',
  expel: 'was expelled',
};

function History({ alliance }: { alliance: Alliance }): JSX.Element {
  const turn = useTurn();
  const answer = useAsk<HistoryRow[]>(
    `rows ${alliance.id}`,
    async (signal) => {
      const rows: HistoryRow[] = [];
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page: { events: HistoryRow[]; next?: number } = await fetchPage(alliance.id, after, signal);
        rows.push(...page.events);
        after = page.events.length > 0 && rows.length < 10_000 ? page.next : undefined;
      }
      return rows;
    },
    turn,
  );
  return (
    <Section title="History" note="Every event of a membership, by the day on which it took effect. Nothing is ever removed.">
      <Await answer={answer} what="the history">
        {(rows) =>
          rows.length === 0 ? (
            <Empty>Nothing has happened here yet.</Empty>
          ) : (
            <Table
              caption={`Events: ${rows.length}`}
              rows={[...rows].sort((a, b) => (a.event.effective < b.event.effective ? 1 : -1))}
              keyOf={(row) => String(row.event.seq ?? 0)}
              columns={[
                { head: 'Day', cell: ({ event }) => event.effective + (event.precision ? ` (${event.precision})` : '') },
                { head: 'Party', name: true, cell: ({ name, event }) => <Link href={to('passports', [event.party])}>{name ?? short(event.party)}</Link> },
                { head: 'What', cell: ({ event }) => happened[event.event] ?? event.event },
                { head: 'Level', cell: ({ event }) => <LevelTag level={event.level} /> },
                { head: 'Written down', cell: ({ event }) => moment(event.recorded) },
                { head: 'Source or reason', cell: ({ event }) => event.source ?? '' },
              ]}
            />
          )
        }
      </Await>
    </Section>
  );
}

const fetchPage = (id: string, after: number, signal: AbortSignal): Promise<{ events: HistoryRow[]; next?: number }> =>
  get(at`/v1/alliances/${id}/history?after=${after}&limit=1000`, signal);

// ---- votes ----

interface Motion {
  id: string;
  kind: string;
  state: string;
  by: string;
  subject?: string;
  opened: string;
  deadline: string;
  decided?: string;
  weight: number;
  yes?: number;
  no?: number;
  abstain?: number;
  ballots?: number;
  reason?: string;
}

const nameOf = (parties: Parties | undefined, id: string | undefined): string =>
  id === undefined ? '' : parties?.get(id)?.name ?? short(id);

const choices = [
  ['yes', 'Yes'],
  ['no', 'No'],
  ['abstain', 'Abstain'],
] as const;

/** One act for each choice; a motion whose time is over, or whose outcome is certain, may be closed by anyone. */
function Ballot({ motion }: { motion: Motion }): JSX.Element {
  return (
    <div class="act-row">
      {choices.map(([choice, label]) => (
        <Act key={choice} quiet label={label} title={`Vote: ${label}`} by={null} proposal={{ act: 'alliance_vote', fields: { motion: motion.id, choice } }} />
      ))}
      <Act quiet label="Close" title="Close the vote" by={null} proposal={{ act: 'alliance_close', fields: { motion: motion.id } }} />
    </div>
  );
}

function Votes({ alliance }: { alliance: Alliance }): JSX.Element {
  const turn = useTurn();
  const parties = useParties();
  const answer = useAsk<Motion[]>(`motions ${alliance.id}`, (signal) => all(at`/v1/records/motion?alliance=${alliance.id}`, signal), turn);
  return (
    <Section title="Votes" note="Motions put to the members, open and decided.">
      <Await answer={answer} what="motions">
        {(motions) =>
          motions.length === 0 ? (
            <Empty>Nothing was ever put to the vote.</Empty>
          ) : (
            <Table
              caption={`Motions: ${motions.length}`}
              rows={[...motions].reverse()}
              keyOf={(row) => row.id}
              columns={[
                {
                  head: 'What',
                  name: true,
                  cell: (row) => (row.subject ? `${row.kind}: ${nameOf(parties.data, row.subject)}` : row.kind),
                },
                {
                  head: 'State',
                  cell: (row) => <Tag kind={row.state === 'carried' ? 'good' : row.state === 'open' ? 'warn' : 'plain'}>{row.state}</Tag>,
                },
                { head: 'Moved by', cell: (row) => nameOf(parties.data, row.by) },
                { head: 'Yes', number: true, cell: (row) => number(row.yes ?? 0) },
                { head: 'No', number: true, cell: (row) => number(row.no ?? 0) },
                { head: 'Of', number: true, cell: (row) => number(row.weight) },
                { head: 'Until', cell: (row) => moment(row.decided ?? row.deadline) },
                { head: 'Why', cell: (row) => row.reason ?? '' },
                ...(acts ? [{ head: 'Vote', cell: (row: Motion) => (row.state === 'open' ? <Ballot motion={row} /> : '') }] : []),
              ]}
            />
          )
        }
      </Await>
    </Section>
  );
}

interface OfficerAct {
  index: number;
  by_name?: string;
  about_name?: string;
  what: string;
  record: { role: string; since: string };
}

function Officers({ alliance }: { alliance: Alliance }): JSX.Element {
  const answer = useGet<{ acts: OfficerAct[] }>(at`/v1/alliances/${alliance.id}/officers`, useTurn());
  return (
    <Section title="What its officers did" note="Each stands in the ledger, where any member can check it.">
      <Await answer={answer} what="officers’ acts">
        {({ acts }) =>
          acts.length === 0 ? (
            <Empty>No officer has acted yet.</Empty>
          ) : (
            <Table
              caption={`Officers’ acts: ${acts.length}`}
              rows={[...acts].reverse()}
              columns={[
                { head: 'Act', name: true, cell: (row) => <Link href={to('ledger', [String(row.index)])}>{number(row.index)}</Link> },
                { head: 'What', cell: (row) => row.what.replaceAll('_', ' ') },
                { head: 'By', cell: (row) => row.by_name ?? '' },
                { head: 'As', cell: (row) => row.record.role },
                { head: 'About', cell: (row) => row.about_name ?? '' },
                { head: 'When', cell: (row) => moment(row.record.since) },
              ]}
            />
          )
        }
      </Await>
    </Section>
  );
}

// ---- figures ----

interface FiguresAnswer {
  from: string;
  to: string;
  age_days: number;
  full: number;
  associate: number;
  observer: number;
  joined: number;
  left: number;
  expelled: number;
  suspended: number;
  motions: number;
  carried: number;
  failed: number;
  turnout_ppm: number;
  decision_ms_median: number;
  officer_acts: number;
  charter_versions: number;
}

function Figures({ alliance }: { alliance: Alliance }): JSX.Element {
  const [from, setFrom] = useState(alliance.founded ?? today());
  const [until, setUntil] = useState(today());
  const answer = useGet<FiguresAnswer>(at`/v1/alliances/${alliance.id}/figures?from=${from}&to=${until}`, useTurn());
  return (
    <Section title="Figures" note="The same for every alliance, so that they can be compared.">
      <div class="tools">
        <label class="field">
          From
          <DayInput day={from} set={setFrom} />
        </label>
        <label class="field">
          To
          <DayInput day={until} set={setUntil} />
        </label>
      </div>
      <Await answer={answer} what="figures">
        {(f) => (
          <div class="card">
            <Facts
              facts={[
                ['Age', duration(f.age_days * 86_400_000)],
                ['Full members', number(f.full)],
                ['Associates', number(f.associate)],
                ['Observers', number(f.observer)],
                ['Joined', number(f.joined)],
                ['Left', number(f.left)],
                ['Expelled', number(f.expelled)],
                ['Suspended', number(f.suspended)],
                ['Motions decided', number(f.motions)],
                ['Carried', number(f.carried)],
                ['Turnout', f.motions === 0 ? 'no votes' : percent(f.turnout_ppm)],
                ['Time to decide', f.motions === 0 ? 'no votes' : f.decision_ms_median === 0 ? 'at once' : duration(f.decision_ms_median)],
                ['Officers’ acts', number(f.officer_acts)],
                ['Charter versions', number(f.charter_versions)],
              ]}
            />
          </div>
        )}
      </Await>
    </Section>
  );
}

// ---- the room ----

function Inside({ data, part, route }: { data: AllianceAnswer; part: string; route: Route }): JSX.Element {
  const { alliance } = data;
  switch (part) {
    case 'charter':
      return <Charter data={data} />;
    case 'history':
      return <History alliance={alliance} />;
    case 'votes':
      return (
        <>
          <Votes alliance={alliance} />
          <Officers alliance={alliance} />
        </>
      );
    case 'figures':
      return <Figures alliance={alliance} />;
    case 'door':
      return <Door data={data} route={route} />;
    default:
      return <Members alliance={alliance} children={data.counts.n_children ?? 0} route={route} />;
  }
}

export function AllianceRoom({ name, route }: { name: string; route: Route }): JSX.Element {
  const turn = useTurn();
  const answer = useGet<AllianceAnswer>(at`/v1/alliances/${name}`, turn);
  const parties = useParties();
  const asked = route.rest[1] ?? 'members';
  const part = parts.find((one) => one.key === asked)?.key ?? 'members';
  const alliance = answer.data?.alliance;
  return (
    <Page
      title={alliance ? alliance.name : 'Alliance'}
      kicker={<Link href={to('alliances')}>Alliances</Link>}
      lead={alliance?.purpose}
    >
      <Await answer={answer} what="the alliance">
        {(data) => (
          <>
            <div class="card">
              <Facts
                facts={[
                  ['Code', data.alliance.code],
                  ['Topic', data.alliance.topic],
                  ['Founded', data.alliance.founded ?? ''],
                  [
                    'State',
                    data.alliance.ended ? `dissolved ${data.alliance.ended}` : data.alliance.state === 'live' ? 'living' : data.alliance.state,
                  ],
                  ['Members with a voice', number((data.counts.n_full ?? 0) + (data.counts.n_associate ?? 0) + (data.counts.n_observer ?? 0))],
                  ...(data.alliance.founder === data.alliance.secretary
                    ? ([['Founder and secretary', nameOf(parties.data, data.alliance.founder)]] as [string, string][])
                    : ([
                        ['Founder', nameOf(parties.data, data.alliance.founder)],
                        ['Secretary', nameOf(parties.data, data.alliance.secretary) || 'nobody'],
                      ] as [string, string][])),
                  ...(data.alliance.parent ? ([['Sub-list of', <Link href={to('alliances', [data.alliance.parent])}>its parent</Link>]] as [string, JSX.Element][]) : []),
                  ...(data.counts.n_children ? ([['Sub-lists', plural(data.counts.n_children, 'list')]] as [string, string][]) : []),
                ]}
              />
            </div>
            <Tabs
              label="Parts of this alliance"
              active={part}
              tabs={parts.map((one) => ({
                ...one,
                href: to('alliances', one.key === 'members' ? [name] : [name, one.key], { date: route.query.get('date') ?? undefined }),
              }))}
            />
            <Inside data={data} part={part} route={route} />
          </>
        )}
      </Await>
    </Page>
  );
}
