// alliance_door: join and exit, step by step: which step a party stands at, what it asks, what it gives.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Act } from '../acting/act';
import { all, at, useAsk } from '../api/client';
import { useTurn } from '../api/live';
import type { AllianceAnswer, Alliance, Level } from '../api/types';
import { commandOf, joinSteps, leaveSteps, levelsOf, rightsOf, type Case, type MemberRecord, type Step } from '../model/door';
import { useParties, type Party } from '../model/parties';
import { setQuery, type Route } from '../router';
import { Section } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Tag } from '../ui/tag';

const states = { done: 'done', now: 'next', later: 'later' } as const;

const actors = {
  party: 'you',
  secretary: 'the secretary',
  members: 'the members',
  time: '',
} as const;

interface Secretary {
  id: string;
  name: string;
}

function StepRow({ step, party, secretary }: { step: Step; party: Party; secretary: Secretary }): JSX.Element {
  const as = step.who === 'party' ? party.code || party.id : secretary.name;
  // A motion may be moved by any member: whoever is here may try.
  const by = step.who === 'party' ? party.id : step.who === 'secretary' ? secretary.id : null;
  return (
    <li class={`step step-${step.state}`} aria-current={step.state === 'now' ? 'step' : undefined}>
      <div class="step-head">
        <h3>{step.title}</h3>
        <Tag kind={step.state === 'done' ? 'good' : step.state === 'now' ? 'warn' : 'plain'}>{states[step.state]}</Tag>
        {actors[step.who] && <span class="quiet">{actors[step.who]}</span>}
      </div>
      <p>{step.text}</p>
      {step.state === 'now' && step.proposal && (
        <>
          <p class="command">
            <code>{commandOf(step.proposal, as)}</code>
          </p>
          <Act label={`${step.title} …`} title={step.title} proposal={step.proposal} by={by} />
        </>
      )}
    </li>
  );
}

function Steps({ title, steps, party, secretary }: { title: string; steps: Step[]; party: Party; secretary: Secretary }): JSX.Element {
  return (
    <div class="card">
      <h3 class="card-title">{title}</h3>
      <ol class="steps">
        {steps.map((step) => (
          <StepRow key={step.title} step={step} party={party} secretary={secretary} />
        ))}
      </ol>
    </div>
  );
}

const stands: Record<MemberRecord['state'], string> = {
  invited: 'is invited',
  applied: 'has applied',
  active: 'is a member',
  leaving: 'has given notice',
  suspended: 'is suspended',
  left: 'has left',
};

export function Door({ data, route }: { data: AllianceAnswer; route: Route }): JSX.Element {
  const turn = useTurn();
  const parties = useParties();
  const { alliance, charter } = data;
  const [who, setWho] = useState(route.query.get('party') ?? '');
  const levels = levelsOf(charter);
  const [level, setLevel] = useState<Level>(levels[0] ?? 'full');
  const about = useAsk<{ record: MemberRecord | undefined; bases: string[] }>(
    who === '' ? null : `door ${alliance.id} ${who}`,
    async (signal) => {
      const [records, bases, alliances] = await Promise.all([
        all<MemberRecord>(at`/v1/records/member?alliance=${alliance.id}&party=${who}`, signal),
        all<{ base: string }>(at`/v1/records/alliance_base?alliance=${alliance.id}`, signal),
        all<Alliance>('/v1/records/alliance', signal),
      ]);
      const code = (id: string): string => alliances.find((one) => one.id === id)?.code ?? id;
      return { record: records[0], bases: bases.map((row) => code(row.base)) };
    },
    turn,
  );
  const choose = (id: string): void => {
    setWho(id);
    setQuery({ party: id });
  };
  if (alliance.ended) return <Empty>This alliance was dissolved on {alliance.ended}: nobody can join it any more.</Empty>;
  return (
    <Section title="Join or leave" note="What the charter in force asks of a newcomer, and what leaving takes. Choose who you are.">
      <Await answer={parties} what="parties">
        {(known) => {
          const party = known.get(who);
          const secretary = known.get(alliance.secretary ?? '');
          const sorted = [...known.values()]
            .filter((one) => one.standing === 'active' && one.kind !== 'realm')
            .sort((a, b) => a.name.localeCompare(b.name, 'en'));
          return (
            <>
              <div class="tools">
                <label class="field">
                  Party
                  <select value={who} onChange={(event) => choose(event.currentTarget.value)}>
                    <option value="">Choose</option>
                    {sorted.map((one) => (
                      <option key={one.id} value={one.id}>
                        {one.code ? `${one.name} (${one.code})` : one.name}
                      </option>
                    ))}
                  </select>
                </label>
                <label class="field">
                  Level
                  <select value={level} onChange={(event) => setLevel(event.currentTarget.value as Level)}>
                    {levels.map((one) => (
                      <option key={one} value={one}>
                        {one}
                      </option>
                    ))}
                  </select>
                </label>
              </div>
              <div class="card">
                <h3 class="card-title">What the level “{level}” means here</h3>
                <ul class="sentences">
                  {rightsOf(charter, level).map((sentence) => (
                    <li key={sentence}>{sentence}</li>
                  ))}
                </ul>
              </div>
              {party && (
                <Await answer={about} what="how it stands">
                  {({ record, bases }) => {
                    const c: Case = { alliance, charter, bases, party: party.id, level, record };
                    const inside = record !== undefined && ['active', 'leaving', 'suspended'].includes(record.state);
                    const desk = { id: alliance.secretary ?? '', name: secretary?.code || secretary?.name || alliance.secretary || '' };
                    return (
                      <>
                        <p role="status">
                          <strong>{party.name}</strong>{' '}
                          {record ? `${stands[record.state]} (${record.level}).` : 'has never been a member.'}
                        </p>
                        <div class="two">
                          {!inside && <Steps title="Joining" steps={joinSteps(c)} party={party} secretary={desk} />}
                          {(inside || record?.state === 'left') && (
                            <Steps title="Leaving" steps={leaveSteps(c)} party={party} secretary={desk} />
                          )}
                        </div>
                      </>
                    );
                  }}
                </Await>
              )}
            </>
          );
        }}
      </Await>
    </Section>
  );
}
