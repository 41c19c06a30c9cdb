// passports: everyone who holds one, to be searched; one of them is shown by passport.tsx.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { PARTIES_MOST, partiesAreCut, useParties, type Party } from '../model/parties';
import { Link, go, to, type RoomProps } from '../router';
import { number } from '../ui/format';
import { Page } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';
import { Tag } from '../ui/tag';
import { PassportRoom } from './passport';

function matches(party: Party, wanted: string): boolean {
  return wanted === '' || party.id.startsWith(wanted) || [party.name, ...party.codes].some((text) => text.toLowerCase().includes(wanted));
}

function List({ parties }: { parties: Party[] }): JSX.Element {
  const [words, setWords] = useState('');
  const [kind, setKind] = useState('');
  const wanted = words.trim().toLowerCase();
  const kinds = [...new Set(parties.map((one) => one.kind))].sort();
  const rows = parties
    .filter((one) => (kind === '' || one.kind === kind) && matches(one, wanted))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return (
    <>
      <div class="tools">
        <label class="field">
          Search by name, code or id
          <input type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </label>
        <label class="field">
          Kind
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">All kinds</option>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      </div>
      {partiesAreCut() && (
        <form
          class="tools"
          onSubmit={(event) => {
            event.preventDefault();
            if (words.trim()) go(to('passports', [words.trim()]));
          }}
        >
          <p class="quiet">
            This realm holds more than {number(PARTIES_MOST)} passports: the list holds the first. Write a whole name, code or id above, and
          </p>
          <button type="submit">open it</button>
        </form>
      )}
      {rows.length === 0 ? (
        <Empty>{parties.length === 0 ? 'Nobody holds a passport here yet.' : 'Nobody has this in the name.'}</Empty>
      ) : (
        <Table
          caption={`${number(rows.length)} of ${number(parties.length)} passports`}
          rows={rows}
          keyOf={(row) => row.id}
          columns={[
            { head: 'Name', name: true, cell: (row) => <Link href={to('passports', [row.id])}>{row.name}</Link> },
            { head: 'Codes', cell: (row) => row.codes.join(', ') },
            { head: 'Kind', cell: (row) => row.kind },
            { head: 'Standing', cell: (row) => <Tag kind={row.standing === 'active' ? 'good' : 'plain'}>{row.standing}</Tag> },
          ]}
        />
      )}
    </>
  );
}

function All(): JSX.Element {
  const answer = useParties();
  return (
    <Page title="Passports" lead="Nations, blocs, cities, companies, people and agents: whoever can sign an act here.">
      <Await answer={answer} what="passports">
        {(parties) => <List parties={[...parties.values()]} />}
      </Await>
    </Page>
  );
}

export default function Passports({ route }: RoomProps): JSX.Element {
  const [name] = route.rest;
  return name === undefined ? <All /> : <PassportRoom key={name} name={name} />;
}
