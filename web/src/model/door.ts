// door: the steps by which a party comes into an alliance, and out of it, from the charter in force and
// from how the party stands. It says what is done, what is next, and by whom; it judges nothing: the
// daemon does, when the act arrives.
import type { Proposal } from '../acting/agent';
import type { Alliance, Clause, Level } from '../api/types';
import { duration, moment, number } from '../ui/format';
import { percent } from './clause';

export type StepState = 'done' | 'now' | 'later';

export interface Step {
  title: string;
  text: string;
  state: StepState;
  /** Who acts: the party itself, the alliance's secretary, its members, or time. */
  who: 'party' | 'secretary' | 'members' | 'time';
  proposal?: Proposal;
}

export interface MemberRecord {
  state: 'invited' | 'applied' | 'active' | 'leaving' | 'suspended' | 'left';
  level: Level;
  since?: string;
  until?: string;
  leaves_at?: string;
}

export interface Case {
  alliance: Pick<Alliance, 'id' | 'code' | 'state'>;
  charter: readonly Clause[];
  /** Alliances to one of which members must belong. */
  bases: readonly string[];
  party: string;
  level: Level;
  record: MemberRecord | undefined;
}

const value = (charter: readonly Clause[], name: string): number => charter.find((clause) => clause.clause === name)?.value ?? 0;

export const levelsOf = (charter: readonly Clause[]): Level[] => {
  const set = value(charter, 'levels');
  const all: [number, Level][] = [
    [1, 'full'],
    [2, 'associate'],
    [4, 'observer'],
  ];
  return all.filter(([bit]) => (set & bit) !== 0).map(([, level]) => level);
};

/** What a level gives and asks, in sentences. */
export function rightsOf(charter: readonly Clause[], level: Level): string[] {
  const data = ['public data', 'shared data', 'all data'][value(charter, `data_${level}`)] ?? 'public data';
  const levy = value(charter, `levy_${level}`);
  const vote = value(charter, `vote_${level}`);
  return [
    vote === 0 ? 'It has no vote.' : `Its vote weighs ${number(vote)}.`,
    `It sees ${data}.`,
    levy === 0 ? 'It pays no levy.' : `It pays a levy of ${percent(levy)}.`,
    value(charter, `duty_${level}`) === 0 ? 'It need not carry out sanctions.' : 'It must carry out sanctions.',
    value(charter, `leave_${level}`) === 0
      ? 'It may leave at once.'
      : `It may leave at any time, with a notice of ${duration(value(charter, `leave_${level}`))}.`,
  ];
}

function needs(c: Case): Step[] {
  const steps: Step[] = [];
  const bond = value(c.charter, `bond_${c.level}`);
  const consent = value(c.charter, 'pair_consent');
  const inside = c.record?.state === 'active';
  const state: StepState = inside ? 'done' : 'now';
  if (c.bases.length > 0)
    steps.push({
      title: 'Belong to one of the bases',
      text: `Members must belong to ${c.bases.join(' or ')}, themselves or through a bloc.`,
      state,
      who: 'party',
    });
  if (bond > 0)
    steps.push({ title: 'Post a bond', text: `A bond of ${number(bond)} units, posted for the alliance.`, state, who: 'party' });
  if (consent > 0)
    steps.push({
      title: 'Find partners',
      text: `${percent(consent)} of the full members must have consented to you as a partner on the topic.`,
      state,
      who: 'members',
    });
  return steps;
}

const order = (steps: Step[]): Step[] => {
  // Only the first step that is not done is next, but what a party can prepare beforehand stays open.
  let met = false;
  return steps.map((step) => {
    if (step.state === 'done') return step;
    const now = !met;
    met = true;
    return { ...step, state: now ? 'now' : 'later' };
  });
};

export function joinSteps(c: Case): Step[] {
  const admission = value(c.charter, 'admission');
  const state = c.record?.state;
  const inside = state === 'active' || state === 'suspended' || state === 'leaving';
  const join: Proposal = { act: 'alliance_join', fields: { alliance: c.alliance.id, level: c.level } };
  const apply: Proposal = { act: 'alliance_apply', fields: { alliance: c.alliance.id, level: c.level } };
  const done = (yes: boolean): StepState => (yes ? 'done' : 'later');
  const steps = needs(c);
  if (state === 'invited' || admission <= 1) {
    if (admission === 1 || state === 'invited')
      steps.push({
        title: 'Be invited',
        text:
          state === 'invited' && c.record?.until
            ? `The invitation stands until ${moment(c.record.until)}.`
            : 'The secretary offers a level. An invitation can end by itself.',
        state: done(inside || state === 'invited'),
        who: 'secretary',
        proposal: { act: 'alliance_invite', fields: { alliance: c.alliance.id, party: c.party, level: c.level } },
      });
    steps.push({
      title: 'Join',
      text: admission === 0 ? 'The door is open: one act of your own is enough.' : 'Accept with one act of your own.',
      state: done(inside),
      who: 'party',
      proposal: join,
    });
  } else {
    steps.push({
      title: 'Apply',
      text: 'Ask for a level. An application can be taken back until it is decided.',
      state: done(inside || state === 'applied'),
      who: 'party',
      proposal: apply,
    });
    steps.push(
      admission === 3
        ? {
            title: 'Be voted in',
            text: `The members vote: ${percent(value(c.charter, 'admit_ppm'))} of yes and no must be yes, and ${percent(value(c.charter, 'quorum_ppm'))} of all votes must be cast, within ${duration(value(c.charter, 'voting_ms'))}.`,
            state: done(inside),
            who: 'members',
            proposal: { act: 'alliance_motion', fields: { alliance: c.alliance.id, kind: 'admit', subject: c.party, reason: 'an applicant asks to be admitted' } },
          }
        : {
            title: 'Be admitted',
            text: 'The secretary admits the applicant.',
            state: done(inside),
            who: 'secretary',
            proposal: { act: 'alliance_admit', fields: { alliance: c.alliance.id, party: c.party } },
          },
    );
  }
  steps.push({
    title: 'Member',
    text: inside && c.record?.since ? `Member since ${c.record.since}.` : 'The receipt proves it to anyone, from that day on.',
    state: done(inside),
    who: 'time',
  });
  return order(steps);
}

export function leaveSteps(c: Case): Step[] {
  const state = c.record?.state;
  const level = c.record?.level ?? c.level;
  const notice = value(c.charter, `leave_${level}`);
  const gave = state === 'leaving' || state === 'left';
  return order([
    {
      title: 'Say so',
      text: 'One act of your own. It is never refused, whatever is owed.',
      state: gave ? 'done' : 'later',
      who: 'party',
      proposal: { act: 'alliance_leave', fields: { alliance: c.alliance.id } },
    },
    {
      title: 'The notice runs',
      text:
        state === 'leaving' && c.record?.leaves_at
          ? `Membership ends ${moment(c.record.leaves_at)}. Until then duties stay; votes do not.`
          : notice === 0
            ? 'There is no notice: membership ends at once.'
            : `Membership ends after ${duration(notice)}. Until then duties stay; votes do not.`,
      state: state === 'left' ? 'done' : 'later',
      who: 'time',
    },
    {
      title: 'Settle',
      text: 'Offices end, bonds begin to cool, and the receipt says what stays owed. The way back is to join again.',
      state: state === 'left' ? 'done' : 'later',
      who: 'time',
    },
  ]);
}

/** The same act for a terminal. Values are quoted so that a shell takes them as they are. */
export function commandOf(proposal: Proposal, as: string): string {
  const quote = (text: string): string => (/^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  const [group, ...name] = proposal.act.split('_');
  const flags = Object.entries(proposal.fields).map(([field, text]) => `--${field} ${quote(text)}`);
  return ['comity', group, name.join('-'), '--as', quote(as), ...flags].join(' ');
}
