// world: who stood with whom on any day: on a map, as a graph of alliances, or as a table.
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Alliance } from '../api/types';
import { isDay } from '../model/days';
import type { Party } from '../model/parties';
import { countsOver, type Standing } from '../model/tenure';
import { EVENTS_MOST, snapshot, useWorld, type Snapshot, type World } from '../model/world';
import { Link, setQuery, to, type RoomProps } from '../router';
import { Choice } from '../ui/choice';
import { number, plural } from '../ui/format';
import { Page, Section } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { LevelTag } from '../ui/tag';
import { TimeLine, type Point } from '../ui/time';
import { Table } from '../ui/table';
import { Graph } from './world_graph';
import { WorldMap, type Mark } from './world_map';

type View = 'map' | 'graph' | 'table';

const views = [
  { value: 'map', text: 'Map' },
  { value: 'graph', text: 'Graph' },
  { value: 'table', text: 'Table' },
] as const;

/** A value that stands in the address, written there when it has come to rest. */
function useRested(name: string, start: string): [string, (value: string) => void] {
  const [value, setValue] = useState(start);
  useEffect(() => {
    const timer = setTimeout(() => setQuery({ [name]: value }), 300);
    return () => clearTimeout(timer);
  }, [name, value]);
  return [value, setValue];
}

/** The curve over the slider: members of the alliance chosen, or memberships of all. */
function curve(world: World, alliance: Alliance | undefined): Point[] {
  const chosen = alliance ? [alliance] : world.alliances;
  const changes = new Map<string, number>();
  for (const one of chosen) {
    let last = 0;
    for (const count of countsOver(one, world.events.get(one.id) ?? [])) {
      const sum = count.full + count.associate + count.observer;
      changes.set(count.day, (changes.get(count.day) ?? 0) + sum - last);
      last = sum;
    }
  }
  let value = 0;
  return [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, change]) => ({ day, value: (value += change) }));
}

const standsAs = (standing: Standing): string =>
  `${standing.level} member since ${standing.since}${standing.suspended ? ', suspended' : ''}`;

function marksOf(world: World, shot: Snapshot, alliance: Alliance | undefined): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  if (alliance) {
    for (const standing of shot.members.get(alliance.id) ?? []) {
      const kind = standing.suspended ? 'suspended' : standing.level;
      marks.set(standing.party, { kind, words: standsAs(standing) });
    }
    return marks;
  }
  const most = Math.max(1, ...[...shot.of.values()].map((list) => list.length));
  for (const [party, list] of shot.of) {
    const heat = Math.max(1, Math.ceil((list.length / most) * 5)) as 1 | 2 | 3 | 4 | 5;
    if (world.parties.has(party)) marks.set(party, { kind: `heat-${heat}`, words: plural(list.length, 'alliance') });
  }
  return marks;
}

function Legend({ alliance }: { alliance: Alliance | undefined }): JSX.Element {
  const rows: [string, string][] = alliance
    ? [
        ['full', 'full'],
        ['associate', 'associate'],
        ['observer', 'observer'],
        ['suspended', 'suspended'],
      ]
    : [
        ['heat-1', 'in few alliances'],
        ['heat-3', ''],
        ['heat-5', 'in many'],
      ];
  return (
    <ul class="legend">
      {rows.map(([kind, words]) => (
        <li key={kind}>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <rect width="12" height="12" rx="3" class={`mark-${kind}`} />
          </svg>
          {words}
        </li>
      ))}
    </ul>
  );
}

function PartyPanel({ party, shot, choose }: {
  party: Party;
  shot: Snapshot;
  choose: (alliance: string) => void;
}): JSX.Element {
  const list = shot.of.get(party.id) ?? [];
  return (
    <section class="card panel" aria-label={party.name}>
      <h2>
        <Link href={to('passports', [party.id])}>{party.name}</Link>
      </h2>
      <p class="quiet">
        {plural(list.length, 'alliance')} on {shot.day}
      </p>
      <ul class="panel-list">
        {list.map(({ alliance, standing }) => (
          <li key={alliance.id}>
            <button type="button" class="link" onClick={() => choose(alliance.id)}>
              {alliance.code}
            </button>{' '}
            <span class="quiet">since {standing.since}</span>{' '}
            {standing.level !== 'full' && <LevelTag level={standing.level} suspended={standing.suspended} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function AlliancePanel({ alliance, world, shot, choose }: {
  alliance: Alliance;
  world: World;
  shot: Snapshot;
  choose: (party: string) => void;
}): JSX.Element {
  const list = shot.members.get(alliance.id) ?? [];
  return (
    <section class="card panel" aria-label={alliance.code}>
      <h2>
        <Link href={to('alliances', [alliance.id], { date: shot.day })}>{alliance.code}</Link>
      </h2>
      <p class="quiet">{alliance.name}</p>
      <p class="quiet">
        {plural(list.length, 'member')} on {shot.day}
      </p>
      <ul class="panel-list">
        {list.map((standing) => (
          <li key={standing.party}>
            <button type="button" class="link" onClick={() => choose(standing.party)}>
              {world.parties.get(standing.party)?.name ?? standing.party}
            </button>{' '}
            {standing.level !== 'full' && <LevelTag level={standing.level} suspended={standing.suspended} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function MembersTable({ alliance, world, shot }: { alliance: Alliance; world: World; shot: Snapshot }): JSX.Element {
  const rows = shot.members.get(alliance.id) ?? [];
  if (rows.length === 0) return <Empty>{alliance.code} had no members on this day.</Empty>;
  return (
    <Table
      caption={`Members of ${alliance.code} on ${shot.day}: ${rows.length}`}
      rows={rows}
      keyOf={(row) => row.party}
      columns={[
        {
          head: 'Party',
          name: true,
          cell: (row) => <Link href={to('passports', [row.party])}>{world.parties.get(row.party)?.name ?? row.party}</Link>,
        },
        { head: 'Code', cell: (row) => world.parties.get(row.party)?.code ?? '' },
        { head: 'Level', cell: (row) => <LevelTag level={row.level} suspended={row.suspended} /> },
        { head: 'Since', cell: (row) => row.since },
        { head: 'Alliances', number: true, cell: (row) => number(shot.of.get(row.party)?.length ?? 0) },
      ]}
    />
  );
}

function WorldTable({ world, shot }: { world: World; shot: Snapshot }): JSX.Element {
  const rows = [...shot.of]
    .map(([id, list]) => ({ id, name: world.parties.get(id)?.name ?? id, list }))
    .sort((a, b) => b.list.length - a.list.length || a.name.localeCompare(b.name, 'en'));
  if (rows.length === 0) return <Empty>On this day nobody belonged to any alliance.</Empty>;
  return (
    <Table
      caption={`Parties and their alliances on ${shot.day}: ${rows.length}`}
      rows={rows}
      keyOf={(row) => row.id}
      columns={[
        { head: 'Party', name: true, cell: (row) => <Link href={to('passports', [row.id])}>{row.name}</Link> },
        { head: 'Count', number: true, cell: (row) => number(row.list.length) },
        { head: 'Alliances', cell: (row) => row.list.map(({ alliance }) => alliance.code).join(', ') },
      ]}
    />
  );
}

function Picker({ label, value, none, options, set }: {
  label: string;
  value: string;
  none: string;
  options: readonly { id: string; text: string }[];
  set: (id: string) => void;
}): JSX.Element {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{none}</option>
        {options.map((one) => (
          <option key={one.id} value={one.id}>
            {one.text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Inside({ world, route }: { world: World } & RoomProps): JSX.Element {
  const asked = route.query.get('date') ?? '';
  const [day, setDay] = useRested('date', isDay(asked) ? asked : world.to);
  const [of, setOf] = useRested('of', route.query.get('of') ?? '');
  const [who, setWho] = useRested('who', route.query.get('who') ?? '');
  const [shownView, setView] = useRested('view', route.query.get('view') ?? 'map');
  const view: View = views.find((one) => one.value === shownView)?.value ?? 'map';
  const alliance = world.alliances.find((one) => one.id === of);
  const party = world.parties.get(who);

  const shot = useMemo(() => snapshot(world, day), [world, day]);
  const points = useMemo(() => curve(world, alliance), [world, alliance]);
  const marks = useMemo(() => marksOf(world, shot, alliance), [world, shot, alliance]);
  const nations = useMemo(
    () => [...world.parties.values()].filter((one) => one.kind !== 'realm').sort((a, b) => a.name.localeCompare(b.name, 'en')),
    [world],
  );
  const living = shot.members.size;
  const chooseAlliance = (id: string): void => {
    setOf(id);
    setWho('');
  };
  return (
    <>
      <div class="tools">
        <Picker
          label="Alliance"
          value={of}
          none="All alliances"
          options={world.alliances.map((one) => ({ id: one.id, text: `${one.code} · ${one.name}` }))}
          set={setOf}
        />
        <Picker
          label="Country or party"
          value={who}
          none="None chosen"
          options={nations.map((one) => ({ id: one.id, text: one.code ? `${one.name} (${one.code})` : one.name }))}
          set={setWho}
        />
        <Choice label="View" values={views} value={view} set={setView} />
        <p class="summary" role="status">
          <strong>{day}</strong>{' '}
          {alliance
            ? `${alliance.code}: ${plural(shot.members.get(alliance.id)?.length ?? 0, 'member')}`
            : `${plural(living, 'alliance')}, ${plural(shot.of.size, 'party', 'parties')}`}
        </p>
      </div>
      <TimeLine
        label={alliance ? `Members of ${alliance.code} over time` : 'Memberships over time'}
        day={day}
        from={world.from}
        to={world.to}
        points={points}
        set={setDay}
      />
      {world.cut && (
        <p class="quiet">Only the first {number(EVENTS_MOST)} events were read; see one alliance for its whole history.</p>
      )}
      <div class={party || alliance ? 'split' : undefined}>
        <div class="drawing">
          {view === 'map' && (
            <>
              <WorldMap world={world} marks={marks} chosen={who} choose={(id) => setWho(id === who ? '' : id)} />
              <Legend alliance={alliance} />
            </>
          )}
          {view === 'graph' && <Graph world={world} shot={shot} chosen={of} party={who} choose={(id) => setOf(id === of ? '' : id)} />}
          {view === 'table' &&
            (alliance ? <MembersTable alliance={alliance} world={world} shot={shot} /> : <WorldTable world={world} shot={shot} />)}
        </div>
        {(party || alliance) && (
          <div class="panels">
            {party && <PartyPanel party={party} shot={shot} choose={chooseAlliance} />}
            {alliance && <AlliancePanel alliance={alliance} world={world} shot={shot} choose={setWho} />}
          </div>
        )}
      </div>
    </>
  );
}

export default function WorldRoom({ route }: RoomProps): JSX.Element {
  const answer = useWorld();
  return (
    <Page title="World" lead="Who stood with whom, on any day.">
      <Await answer={answer} what="the world">
        {(world) =>
          world.alliances.length === 0 ? (
            <Section title="Nothing here yet">
              <Empty>
                No alliance has been founded in this realm. Found one with <code>comity alliance found</code>, or load the example
                histories with <code>comity import</code>.
              </Empty>
            </Section>
          ) : (
            <Inside world={world} route={route} />
          )
        }
      </Await>
    </Page>
  );
}
