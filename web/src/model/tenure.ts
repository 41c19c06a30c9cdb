// tenure: who was a member on a day, from the events of a membership; the same rule as the daemon's
// (src/institutions/alliance/alliance_view.h), so that a slider needs no question for every day.
//
// How a party stands follows from the event with the greatest (effective date, number): the level from
// that one, membership from the greatest that is no mere change of level. On the day of an exit one is
// no member any more. tests/ compare this with the daemon's own answers.
import type { Alliance, Level, MemberEvent } from '../api/types';

export interface Standing {
  party: string;
  level: Level;
  since: string;
  suspended: boolean;
}

type Event = Pick<MemberEvent, 'party' | 'event' | 'level' | 'effective' | 'seq'>;

/** Events of one alliance, in the order of dates and, within a day, of numbers. */
export function inOrder<E extends Event>(events: readonly E[]): E[] {
  return [...events].sort((a, b) => (a.effective < b.effective ? -1 : a.effective > b.effective ? 1 : (a.seq ?? 0) - (b.seq ?? 0)));
}

/** ended says that the alliance had ended on that day. */
export const ended = (alliance: Pick<Alliance, 'ended'>, day: string): boolean =>
  alliance.ended !== undefined && alliance.ended <= day;

interface Folding extends Standing {
  belongs: boolean;
}

function step(held: Map<string, Folding>, event: Event): void {
  const one = held.get(event.party) ?? { party: event.party, level: event.level, since: '', suspended: false, belongs: false };
  one.level = event.level;
  if (event.event !== 'level') {
    one.belongs = event.event !== 'exit' && event.event !== 'expel';
    one.suspended = event.event === 'suspend';
  }
  if (event.event === 'found' || event.event === 'join') one.since = event.effective;
  held.set(event.party, one);
}

/** membersOn gives the members of an alliance on a day; events must be inOrder. */
export function membersOn(alliance: Pick<Alliance, 'ended'>, events: readonly Event[], day: string): Standing[] {
  const held = new Map<string, Folding>();
  if (ended(alliance, day)) return [];
  for (const event of events) {
    if (event.effective > day) break;
    step(held, event);
  }
  return [...held.values()].filter((one) => one.belongs);
}

export interface Tenure {
  party: string;
  level: Level;
  suspended: boolean;
  from: string;
  /** The first day that it is no longer so; undefined: it still is. */
  to?: string;
}

/** tenures gives every stretch of time in which a party stood in one way; events must be inOrder. */
export function tenures(alliance: Pick<Alliance, 'ended'>, events: readonly Event[]): Tenure[] {
  const held = new Map<string, Folding>();
  const open = new Map<string, Tenure>();
  const done: Tenure[] = [];
  const close = (tenure: Tenure | undefined, day: string): void => {
    if (!tenure) return;
    open.delete(tenure.party);
    if (tenure.from < day) done.push({ ...tenure, to: day });
  };
  for (const event of events) {
    if (alliance.ended !== undefined && event.effective >= alliance.ended) continue;
    step(held, event);
    const now = held.get(event.party) as Folding;
    const was = open.get(event.party);
    if (was && now.belongs && was.level === now.level && was.suspended === now.suspended) continue;
    close(was, event.effective);
    if (now.belongs)
      open.set(event.party, { party: event.party, level: now.level, suspended: now.suspended, from: event.effective });
  }
  for (const tenure of open.values()) {
    if (alliance.ended !== undefined) done.push({ ...tenure, to: alliance.ended });
    else done.push(tenure);
  }
  return done.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

export interface CountAt {
  day: string;
  full: number;
  associate: number;
  observer: number;
}

/** countsOver gives the number of members by level after each day on which it changed. */
export function countsOver(alliance: Pick<Alliance, 'ended'>, events: readonly Event[]): CountAt[] {
  const changes = new Map<string, CountAt>();
  const at = (day: string): CountAt => {
    const old = changes.get(day) ?? { day, full: 0, associate: 0, observer: 0 };
    changes.set(day, old);
    return old;
  };
  for (const tenure of tenures(alliance, events)) {
    at(tenure.from)[tenure.level] += 1;
    if (tenure.to !== undefined) at(tenure.to)[tenure.level] -= 1;
  }
  const sum = { full: 0, associate: 0, observer: 0 };
  return [...changes.values()]
    .sort((a, b) => (a.day < b.day ? -1 : 1))
    .map((change) => {
      sum.full += change.full;
      sum.associate += change.associate;
      sum.observer += change.observer;
      return { day: change.day, ...sum };
    });
}
