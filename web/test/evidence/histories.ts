// histories: alliances nobody has, in a state tree and a ledger that the test signs. Members found, join,
// leave, come back, change level, are suspended and expelled, on days, months and years, recorded when it
// suits; then any day is asked about, as known at any time.
import { base64, hex, utf8 } from '../../src/verify/bytes';
import type { Message } from '../../src/verify/codec';
import { dateText } from '../../src/verify/date';
import { isCountryCode, listMembers, membersJson, type Question } from '../../src/verify/members';
import { act, checkpointText, encode, Key, Log, message, NoteSigner, sha, signedNote, State, tlogProof } from './forge';
import type { Dice } from './dice';
import { HOSTILE } from './cells';

type Bytes = Uint8Array;

export const log = new NoteSigner('forged.example/ledger', 1, new Key('log'));
export const witnesses = ['one', 'two', 'three'].map((n) => new NoteSigner(`${n}.example/witness`, 4, new Key(n)));
const operator = new Key('operator');
const NAMES = ['Norway', HOSTILE, 'Côte d\u2019Ivoire', '日本', 'a\tb', 'x\u2029y', '\u202eevil', 'Ελλάδα', '🇪🇺 bloc'];
const EPOCH = 1700000000000n;
const U64_MAX = (1n << 64n) - 1n;

export interface World {
  id: Bytes;
  alliance: Message;
  roll: Message;
  events: Message[];
  people: Message[];
  codes: Message[];
  state: State;
  log: Log;
}

function personOf(i: number, dice: Dice): Message {
  return message('passport', {
    id: sha(utf8(`person ${i} ${dice.next()}`)),
    kind: BigInt(1 + dice.below(8)),
    standing: 1n,
    name: dice.one(NAMES).slice(0, 30),
    generation: 1n,
    need_0: 1n,
    since: EPOCH,
  });
}

function eventOf(id: Bytes, seq: number, ordinal: number, party: Bytes, first: boolean, dice: Dice): Message {
  return message('member_event', {
    alliance: id,
    seq: BigInt(seq),
    party,
    ordinal: BigInt(ordinal),
    event: BigInt(first ? 1 + dice.below(2) : 1 + dice.below(7)),
    level: BigInt(1 + dice.below(3)),
    precision: BigInt(dice.below(3)),
    effective: BigInt(730000 + dice.below(900)),
    recorded: EPOCH + BigInt(dice.below(1000)),
    act: sha(utf8(`act ${seq}`)),
    by: party,
  });
}

// worldOf makes an alliance with a history of random events; some parties have a country's code.
export function worldOf(dice: Dice): World {
  const id = sha(utf8(`alliance ${dice.next()}`));
  const people = Array.from({ length: 1 + dice.below(8) }, (_, i) => personOf(i, dice));
  const codes = people.flatMap((p, i) => {
    if (dice.chance(40)) return [];
    const scheme = dice.one(['iso3166-1', 'iso3166-3', 'iso3166-', 'lei']);
    const value = dice.one(['ABC', 'ABCD', 'abc', 'A1B']);
    return [message('attestation', { scheme, value: value + (dice.chance(20) ? String(i) : ''), passport: p.values.get('id')!, by: id, since: EPOCH })];
  }).filter((c, i, all) => all.findIndex((d) => hex(encode(d)) === hex(encode(c)) || (d.values.get('scheme') === c.values.get('scheme') && d.values.get('value') === c.values.get('value'))) === i);
  const events: Message[] = [];
  let named = 0;
  for (let seq = 0; seq < 2 + dice.below(30); seq++) {
    const fresh = named === 0 || (named < people.length && dice.chance(30));
    const ordinal = fresh ? ++named : 1 + dice.below(named);
    const party = people[ordinal - 1]!.values.get('id') as Bytes;
    events.push(eventOf(id, seq, ordinal, party, fresh, dice));
  }
  const ended = dice.chance(15);
  const alliance = message('alliance', {
    id, founder: id, code: dice.one(['X', 'A<B', 'ÆØÅ']), name: dice.one(NAMES).slice(0, 30), topic: 1n, template: 1n,
    state: ended ? 2n : 1n, founded: 730000n, ended: ended ? BigInt(730300 + dice.below(500)) : 0n,
    since: EPOCH, ended_at: ended ? EPOCH + BigInt(dice.below(1000)) : 0n, version: 1n,
  });
  const roll = message('alliance_roll', { alliance: id, n_events: BigInt(events.length), n_parties: BigInt(named), lively: EPOCH });
  const state = new State();
  for (const record of [alliance, roll, ...events, ...people, ...codes]) state.put(record);
  const entries = new Log();
  for (let i = 0; i < dice.below(9); i++) entries.add(dice.bytes(40));
  return { id, alliance, roll, events, people, codes, state, log: entries };
}

export function questionFor(w: World, dice: Dice): Question {
  return {
    alliance: w.id,
    day: BigInt(729990 + dice.below(930)),
    knownAt: dice.chance(50) ? U64_MAX : EPOCH + BigInt(dice.below(1010)),
    level: dice.below(4),
  };
}

// What may be wrong with a bundle although every signature and proof is right.
export interface Fraud {
  tickTime?: bigint;
  leaveOut?(record: Message): boolean;
  twice?(record: Message): boolean;
  claim?(answer: string): string;
  notATick?: boolean;
}

// answerOf is the bundle that a server with these keys would give.
export function answerOf(w: World, q: Question, fraud: Fraud = {}): Bytes {
  const list = listMembers(w.alliance, w.events, q);
  const given = list.filter((m) => q.level === 0 || m.level === q.level);
  const about = (field: string) => (record: Message): boolean =>
    given.some((m) => hex(m.party) === hex(record.values.get(field) as Bytes));
  const people = w.people.filter(about('id'));
  const codes = w.codes.filter(about('passport'));
  const records = [w.alliance, w.roll, ...w.events, ...people, ...codes]
    .filter((r) => !fraud.leaveOut?.(r))
    .flatMap((r) => (fraud.twice?.(r) ? [r, r] : [r]));
  const kept = codes.filter((c) => records.includes(c) && isCountryCode(c));
  const answer = membersJson(w.alliance, q, list, {
    passport: (id) => people.find((p) => hex(p.values.get('id') as Bytes) === hex(id)),
    code: (id) => kept.find((c) => hex(c.values.get('passport') as Bytes) === hex(id)),
  });
  const now = fraud.tickTime ?? EPOCH + 5000n;
  const tick = fraud.notATick
    ? message('param_set', { name: 'x', value: 1n })
    : message('tick', { now, state_root: w.state.root() });
  const entry = act(encode(tick), [operator], { author: hex(w.id), realm: hex(w.id) });
  const index = w.log.add(entry);
  const size = w.log.entries.length;
  const note = signedNote(checkpointText(log.name, size, w.log.root()), [log, ...witnesses]);
  const bundle = {
    comity: 'bundle@v1',
    question: { what: 'members', alliance: hex(w.id), as_of: dateText(q.day), known_at: String(q.knownAt), level: q.level },
    answer: fraud.claim?.(answer) ?? answer,
    records: records.map((r) => [r.schema.name, base64(encode(r)), base64(w.state.prove(r))]),
    tick: base64(entry),
    proof: tlogProof(index, w.log.inclusion(index), note),
  };
  w.log.entries.pop();
  return utf8(JSON.stringify(bundle));
}
