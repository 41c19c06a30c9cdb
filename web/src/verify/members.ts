// members: who belonged to an alliance on a day, as far as it was known then, from its events alone
// (src/institutions/alliance_view.h, src/host/json/members_json.h).
//
// Two times: `effective` is the civil date on which an event took effect, `recorded` the ledger time
// at which it became known. An event counts when it took effect by the day asked for and was
// recorded by the time asked for. Of a party's events that count, the last by date (of one day the
// later number) says how it stood; changes of level say the level only; the last found or join says
// since when.
//
// The answer is JSON text, made byte for byte as the server makes it.
import { equal, hex, U64_MAX } from './bytes';
import type { Message } from './codec';
import { idOf, numberOf, textOf } from './codec';
import { civil, dateText, timeText } from './date';
import { jsonString } from './print';
import { refuse } from './refusal';
import { wordSet } from './schema';

export interface Question {
  alliance: Uint8Array;
  day: bigint;
  knownAt: bigint; // Unix milliseconds; U64_MAX for everything on record
  level: number; // 0 for all
}

export interface Listed {
  party: Uint8Array;
  level: number;
  precision: number; // of since
  suspended: boolean;
  unsure: boolean;
  since: bigint;
}

// Words of enums.def by which the rules decide.
const number = (set: string, word: string): number =>
  [...wordSet(set)].find(([, w]) => w === word)![0];
const JOIN = number('membership', 'join'); // and found, which is the one number below
const EXIT = number('membership', 'exit');
const LEVEL = number('membership', 'level');
const SUSPEND = number('membership', 'suspend');
const EXPEL = number('membership', 'expel');
const DAY = number('precision', 'day');
const YEAR = number('precision', 'year');

interface Event {
  party: Uint8Array;
  effective: bigint;
  recorded: bigint;
  event: number;
  level: number;
  precision: number;
}

// The decisive events of one party: of one day the later number is later.
interface Standing {
  party: Uint8Array;
  last: Event | null;
  stood: Event | null; // the last that is no mere change of level
  entered: Event | null; // the last found or join
}

function later(a: Event | null, b: Event): Event {
  return a !== null && a.effective > b.effective ? a : b;
}

function eventOf(record: Message): Event {
  return {
    party: idOf(record, 'party'),
    effective: numberOf(record, 'effective'),
    recorded: numberOf(record, 'recorded'),
    event: Number(numberOf(record, 'event')),
    level: Number(numberOf(record, 'level')),
    precision: Number(numberOf(record, 'precision')),
  };
}

// Folds the events, which stand in the order of their numbers. Refuses with EVENT_ORDER when one is
// missing, foreign, or names a party out of turn (detail: its place).
function fold(alliance: Uint8Array, records: Message[], q: Question): Standing[] {
  const standings: Standing[] = [];
  records.forEach((record, i) => {
    const ordinal = Number(numberOf(record, 'ordinal'));
    if (numberOf(record, 'seq') !== BigInt(i) || !equal(idOf(record, 'alliance'), alliance))
      refuse('EVENT_ORDER', i);
    if (ordinal === 0 || ordinal > standings.length + 1) refuse('EVENT_ORDER', i);
    const e = eventOf(record);
    if (ordinal === standings.length + 1)
      standings.push({ party: e.party, last: null, stood: null, entered: null });
    if (e.effective > q.day || e.recorded > q.knownAt) return;
    const s = standings[ordinal - 1]!;
    s.last = later(s.last, e);
    if (e.event !== LEVEL) s.stood = later(s.stood, e);
    if (e.event <= JOIN) s.entered = later(s.entered, e);
  });
  return standings;
}

function belongs(s: Standing): boolean {
  return s.stood !== null && s.stood.event !== EXIT && s.stood.event !== EXPEL;
}

// The day lies inside the month or year of the last event, whose day nobody knows.
function unsure(last: Event, day: bigint): boolean {
  if (last.precision === DAY) return false;
  const a = civil(last.effective);
  const b = civil(day);
  return a.year === b.year && (last.precision === YEAR || a.month === b.month);
}

function ended(alliance: Message, q: Question): boolean {
  const day = numberOf(alliance, 'ended');
  return day !== 0n && day <= q.day && numberOf(alliance, 'ended_at') <= q.knownAt;
}

// listMembers lists the members in the order in which parties were first named.
export function listMembers(alliance: Message, events: Message[], q: Question): Listed[] {
  const standings = fold(idOf(alliance, 'id'), events, q);
  if (ended(alliance, q)) return [];
  return standings.filter(belongs).map((s) => ({
    party: s.party,
    level: s.last!.level,
    precision: s.entered?.precision ?? 0,
    suspended: s.stood!.event === SUSPEND,
    unsure: unsure(s.last!, q.day),
    since: s.entered?.effective ?? 0n,
  }));
}

// What a party is called: its passport and the attestation of its country code, where proven.
export interface Names {
  passport(party: Uint8Array): Message | undefined;
  code(party: Uint8Array): Message | undefined;
}

// isCountryCode says whether an attestation is one that the answer shows: ISO 3166, three or four
// letters.
export function isCountryCode(attestation: Message): boolean {
  const scheme = textOf(attestation, 'scheme');
  return scheme.startsWith('iso3166-') && scheme.length > 8 &&
    /^[A-Z]{3,4}$/.test(textOf(attestation, 'value'));
}

function row(m: Listed, names: Names): string {
  const code = names.code(m.party);
  const passport = names.passport(m.party);
  const parts = [`"party":"${hex(m.party)}"`];
  if (code !== undefined) parts.push(`"code":${jsonString(textOf(code, 'value'))}`);
  if (passport !== undefined) parts.push(`"name":${jsonString(textOf(passport, 'name'))}`);
  parts.push(`"level":${jsonString(wordSet('level').get(m.level) ?? '?')}`);
  if (m.since !== 0n) parts.push(`"since":"${dateText(m.since)}"`);
  if (m.precision !== DAY)
    parts.push(`"precision":${jsonString(wordSet('precision').get(m.precision) ?? '?')}`);
  if (m.suspended) parts.push('"suspended":true');
  if (m.unsure) parts.push('"unsure":true');
  return `{${parts.join(',')}}`;
}

// membersJson is the answer.
export function membersJson(alliance: Message, q: Question, list: Listed[], names: Names): string {
  const given = list.filter((m) => q.level === 0 || m.level === q.level);
  const parts = [
    `"alliance":"${hex(idOf(alliance, 'id'))}"`,
    `"code":${jsonString(textOf(alliance, 'code'))}`,
    `"name":${jsonString(textOf(alliance, 'name'))}`,
    `"as_of":"${dateText(q.day)}"`,
  ];
  if (q.knownAt !== U64_MAX) parts.push(`"known_at":"${timeText(q.knownAt)}"`);
  if (q.level !== 0) parts.push(`"level":${jsonString(wordSet('level').get(q.level) ?? '?')}`);
  if (ended(alliance, q)) parts.push('"ended":true');
  parts.push(`"members":[${given.map((m) => row(m, names)).join(',')}]`, `"count":${given.length}`);
  return `{${parts.join(',')}}`;
}
