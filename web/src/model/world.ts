// world: everything the map and the graph are drawn from: alliances, parties, and each event of each
// membership, folded in the browser for any day.
import { get, useAsk, type Answer } from '../api/client';
import { useTurn } from '../api/live';
import type { Alliance, Counts, MemberEvent } from '../api/types';
import { dayNumber, dayText, today } from './days';
import { Growing } from './grow';
import { readParties, type Parties } from './parties';
import { ended, inOrder, membersOn, type Standing } from './tenure';

/** Above so many events the whole history is not fetched into a browser. */
export const EVENTS_MOST = 100_000;

const history = new Growing<MemberEvent>('/v1/records/member_event', EVENTS_MOST, Infinity);

export interface World {
  parties: Parties;
  alliances: Alliance[];
  /** By alliance, inOrder. */
  events: ReadonlyMap<string, MemberEvent[]>;
  /** First day of any event, and today: the ends of the slider. */
  from: string;
  to: string;
  /** The history is longer than EVENTS_MOST: it is shown only as far as it was read. */
  cut: boolean;
}

export async function readWorld(signal?: AbortSignal): Promise<World> {
  const [listed, parties, rows] = await Promise.all([
    get<{ alliances: { alliance: Alliance; counts: Counts }[] }>('/v1/alliances', signal),
    readParties(),
    history.read(),
  ]);
  const events = new Map<string, MemberEvent[]>();
  for (const row of rows) {
    const list = events.get(row.alliance) ?? [];
    list.push(row);
    events.set(row.alliance, list);
  }
  for (const [alliance, list] of events) events.set(alliance, inOrder(list));
  const to = today();
  const from = rows.reduce((least, row) => (row.effective < least ? row.effective : least), to);
  return {
    parties,
    alliances: listed.alliances.map((one) => one.alliance).sort((a, b) => a.code.localeCompare(b.code, 'en')),
    events,
    from,
    to: from === to ? dayText(dayNumber(to) + 1) : to,
    cut: history.cut,
  };
}

export function useWorld(): Answer<World> {
  return useAsk<World>('world', readWorld, useTurn(2000));
}

/** How one day looked. */
export interface Snapshot {
  day: string;
  /** Alliances that stood on that day, with their members. */
  members: ReadonlyMap<string, Standing[]>;
  /** The other way round: a party's alliances. */
  of: ReadonlyMap<string, { alliance: Alliance; standing: Standing }[]>;
}

export function snapshot(world: World, day: string): Snapshot {
  const members = new Map<string, Standing[]>();
  const of = new Map<string, { alliance: Alliance; standing: Standing }[]>();
  for (const alliance of world.alliances) {
    if ((alliance.founded ?? '') > day || ended(alliance, day)) continue;
    const list = membersOn(alliance, world.events.get(alliance.id) ?? [], day);
    members.set(alliance.id, list);
    for (const standing of list) {
      const own = of.get(standing.party) ?? [];
      own.push({ alliance, standing });
      of.set(standing.party, own);
    }
  }
  return { day, members, of };
}

export interface Tie {
  a: string;
  b: string;
  shared: number;
  /** Shared members as a part of the smaller alliance, 0 to 1. */
  weight: number;
}

/** ties gives the pairs of alliances that share members, the strongest first. */
export function ties(members: ReadonlyMap<string, readonly { party: string }[]>): Tie[] {
  const lists = [...members].map(([id, list]) => ({ id, parties: new Set(list.map((one) => one.party)) }));
  const found: Tie[] = [];
  lists.forEach((a, i) => {
    for (const b of lists.slice(i + 1)) {
      const least = Math.min(a.parties.size, b.parties.size);
      if (least === 0) continue;
      let shared = 0;
      for (const party of a.parties) if (b.parties.has(party)) shared++;
      if (shared > 0) found.push({ a: a.id, b: b.id, shared, weight: shared / least });
    }
  });
  return found.sort((x, y) => y.weight - x.weight || y.shared - x.shared);
}
