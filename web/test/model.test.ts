// model: folding memberships, clauses in words, the steps of the door, figures of the daemon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clause, Level } from '../src/api/types';
import { choices, clauseValue, grouped } from '../src/model/clause';
import { dayNumber, dayText, isDay, yearsBetween } from '../src/model/days';
import { commandOf, joinSteps, leaveSteps, levelsOf, rightsOf, type Case, type MemberRecord } from '../src/model/door';
import { histogram, readMetrics } from '../src/model/metrics';
import { countsOver, inOrder, membersOn, tenures } from '../src/model/tenure';
import { ties } from '../src/model/world';

let seq = 0;
const event = (party: string, what: string, effective: string, level: Level = 'full') => ({ party, event: what, level, effective, seq: seq++ });
const names = (alliance: { ended?: string }, events: ReturnType<typeof event>[], day: string): string =>
  membersOn(alliance, inOrder(events), day)
    .map((one) => one.party)
    .sort()
    .join(' ');

test('who was a member on a day', () => {
  const events = [
    event('A', 'found', '1950-01-01'),
    event('B', 'join', '1960-06-01', 'observer'),
    event('B', 'level', '1965-01-01', 'full'),
    event('A', 'exit', '1970-01-01'),
    event('C', 'join', '1980-01-01'),
    event('C', 'suspend', '1985-01-01'),
    event('C', 'resume', '1990-01-01'),
    event('C', 'expel', '1995-01-01'),
    event('A', 'join', '1996-01-01'),
  ];
  assert.equal(names({}, events, '1949-12-31'), '');
  assert.equal(names({}, events, '1950-01-01'), 'A');
  assert.equal(names({}, events, '1960-06-01'), 'A B');
  assert.equal(names({}, events, '1969-12-31'), 'A B');
  assert.equal(names({}, events, '1970-01-01'), 'B', 'on the day of an exit one is no member any more');
  assert.equal(names({}, events, '1987-01-01'), 'B C', 'a suspended member is a member');
  assert.equal(names({}, events, '1995-01-01'), 'B');
  assert.equal(names({}, events, '2020-01-01'), 'A B');
  assert.equal(names({ ended: '2000-01-01' }, events, '1999-12-31'), 'A B');
  assert.equal(names({ ended: '2000-01-01' }, events, '2000-01-01'), '', 'from its end on it has no members');
  const on1962 = membersOn({}, inOrder(events), '1962-01-01').find((one) => one.party === 'B');
  assert.deepEqual(on1962, { party: 'B', level: 'observer', since: '1960-06-01', suspended: false, belongs: true });
  assert.equal(membersOn({}, inOrder(events), '1987-01-01').find((one) => one.party === 'C')?.suspended, true);
});

test('what was written down later holds, whatever the order', () => {
  const late = [event('A', 'exit', '1980-01-01'), event('A', 'found', '1950-01-01')];
  assert.equal(names({}, late, '1979-12-31'), 'A');
  assert.equal(names({}, late, '1980-01-01'), '');
  const corrected = [event('A', 'join', '1950-01-01', 'observer'), event('A', 'level', '1950-01-01', 'full')];
  assert.equal(membersOn({}, inOrder(corrected), '1950-01-01')[0]?.level, 'full');
});

test('stretches of time, and counts along them', () => {
  const events = inOrder([
    event('A', 'found', '1950-01-01'),
    event('B', 'join', '1960-01-01', 'observer'),
    event('B', 'level', '1970-01-01', 'full'),
    event('A', 'exit', '1980-01-01'),
  ]);
  assert.deepEqual(tenures({}, events), [
    { party: 'A', level: 'full', suspended: false, from: '1950-01-01', to: '1980-01-01' },
    { party: 'B', level: 'observer', suspended: false, from: '1960-01-01', to: '1970-01-01' },
    { party: 'B', level: 'full', suspended: false, from: '1970-01-01' },
  ]);
  assert.deepEqual(countsOver({}, events), [
    { day: '1950-01-01', full: 1, associate: 0, observer: 0 },
    { day: '1960-01-01', full: 1, associate: 0, observer: 1 },
    { day: '1970-01-01', full: 2, associate: 0, observer: 0 },
    { day: '1980-01-01', full: 1, associate: 0, observer: 0 },
  ]);
  assert.equal(tenures({ ended: '1975-01-01' }, events).find((one) => one.party === 'A')?.to, '1975-01-01');
  for (const day of ['1955-01-01', '1965-01-01', '1975-01-01', '1985-01-01']) {
    const folded = membersOn({}, events, day).map((one) => `${one.party} ${one.level}`).sort();
    const cut = tenures({}, events).filter((one) => one.from <= day && (one.to === undefined || day < one.to));
    assert.deepEqual(cut.map((one) => `${one.party} ${one.level}`).sort(), folded, day);
  }
});

test('alliances that share members', () => {
  const list = (...parties: string[]) => parties.map((party) => ({ party }));
  const found = ties(new Map([['x', list('A', 'B', 'C')], ['y', list('B', 'C')], ['z', list('D')], ['none', []]]));
  assert.deepEqual(found, [{ a: 'x', b: 'y', shared: 2, weight: 1 }]);
});

test('days', () => {
  assert.equal(dayText(dayNumber('1949-04-04')), '1949-04-04');
  for (const bad of ['', '1949', '1949-02-30', '1949-13-01', '<b>', '1949-04-04T00:00:00Z']) assert.equal(isDay(bad), false, bad);
  assert.deepEqual(yearsBetween('1948-06-01', '2026-01-01', 9).map((one) => one.year), [1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020]);
});

const clause = (name: string, value: number, unit = 'choice', meaning = ''): Clause => ({ clause: name, value, unit, meaning, actuator: '' });

test('clauses in words', () => {
  const admission = '0 open door, 1 by invitation, 2 by application to the secretary, 3 by application and vote';
  assert.equal(choices(admission).get(2), 'by application to the secretary');
  assert.equal(clauseValue(clause('admission', 3, 'choice', admission)), 'by application and vote');
  assert.equal(clauseValue(clause('data_full', 2, 'choice', 'data a full member sees: 0 public, 1 shared, 2 all')), 'all');
  assert.equal(clauseValue(clause('data_observer', 1, 'choice', 'data an observer sees')), 'shared');
  assert.equal(clauseValue(clause('levels', 5, 'set')), 'full, observer');
  assert.equal(clauseValue(clause('quorum_ppm', 666_667, 'ppm')), '66.7 %');
  assert.equal(clauseValue(clause('leave_full', 31_536_000_000, 'ms')), '1 year');
  assert.equal(clauseValue(clause('bond_full', 0, 'units')), 'none');
  assert.equal(clauseValue(clause('registrar_until', 0, 'time')), 'never');
  assert.equal(clauseValue(clause('registrar_until', 2 ** 64, 'time')), 'without end');
  const all = grouped([clause('admission', 0), clause('unheard_of', 1), clause('quorum_ppm', 1)]);
  assert.equal(all.flatMap((group) => group.clauses).length, 3, 'no clause is left out, known or not');
});

const charter = (admission: number): Clause[] => [
  clause('admission', admission),
  clause('levels', 7, 'set'),
  clause('leave_full', 31_536_000_000, 'ms'),
  clause('vote_full', 1, 'votes'),
  clause('data_full', 2),
  clause('admit_ppm', 1_000_000, 'ppm'),
  clause('quorum_ppm', 500_000, 'ppm'),
  clause('voting_ms', 604_800_000, 'ms'),
];

const standing = (admission: number, record?: MemberRecord): Case => ({
  alliance: { id: 'x', code: 'X', state: 'live' },
  charter: charter(admission),
  bases: [],
  party: 'p',
  level: 'full',
  record,
});

const next = (c: Case): string => joinSteps(c).find((step) => step.state === 'now')?.title ?? 'nothing';

test('the way in, for each kind of door', () => {
  assert.equal(next(standing(0)), 'Join');
  assert.equal(next(standing(1)), 'Be invited');
  assert.equal(next(standing(1, { state: 'invited', level: 'full' })), 'Join');
  assert.equal(next(standing(2)), 'Apply');
  assert.equal(next(standing(2, { state: 'applied', level: 'full' })), 'Be admitted');
  assert.equal(next(standing(3, { state: 'applied', level: 'full' })), 'Be voted in');
  assert.equal(next(standing(3, { state: 'invited', level: 'full' })), 'Join', 'an invitation opens any door');
  assert.equal(next(standing(0, { state: 'active', level: 'full', since: '2000-01-01' })), 'nothing');
  assert.equal(next({ ...standing(0), charter: [...charter(0), clause('bond_full', 5, 'units')] }), 'Post a bond');
  assert.equal(next({ ...standing(0), bases: ['ALLIES'] }), 'Belong to one of the bases');
  for (const admission of [0, 1, 2, 3]) assert.equal(joinSteps(standing(admission)).filter((step) => step.state === 'now').length, 1);
});

test('the way out', () => {
  const steps = leaveSteps(standing(0, { state: 'active', level: 'full' }));
  assert.deepEqual(steps.map((step) => step.state), ['now', 'later', 'later']);
  assert.match(steps[1]?.text ?? '', /1 year/);
  assert.equal(leaveSteps(standing(0, { state: 'leaving', level: 'full', leaves_at: '2027-01-01T00:00:00Z' }))[1]?.state, 'now');
  assert.ok(leaveSteps(standing(0, { state: 'left', level: 'full' })).every((step) => step.state === 'done'));
});

test('what a level means, and an act as a command', () => {
  assert.deepEqual(levelsOf(charter(0)), ['full', 'associate', 'observer']);
  assert.ok(rightsOf(charter(0), 'full').includes('It may leave at any time, with a notice of 1 year.'));
  assert.equal(
    commandOf({ act: 'alliance_join', fields: { alliance: 'X', level: 'full' } }, "it's; rm -rf /"),
    "comity alliance join --as 'it'\\''s; rm -rf /' --alliance X --level full",
  );
});

test('figures of the daemon', () => {
  const metrics = readMetrics(
    '# HELP x y\nx 3\nx_bucket{le="0.001"} 5\nx_bucket{le="0.01"} 9\nx_bucket{le="+Inf"} 10\ny{name="a\\"b"} 1\nnonsense\n',
  );
  assert.equal(metrics.length, 5);
  assert.equal(metrics[4]?.labels.name, 'a"b');
  const times = histogram(metrics, 'x');
  assert.equal(times.count, 10);
  assert.equal(times.within(0.5), 0.001);
  assert.equal(times.within(0.9), 0.01);
  assert.equal(times.within(0.99), Infinity);
  assert.equal(histogram(metrics, 'absent').count, 0);
});
