// alliances: all of them, to be searched; one of them is shown by alliance.tsx.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useGet } from '../api/client';
import { useTurn } from '../api/live';
import type { Alliance, Counts } from '../api/types';
import { Link, to, type RoomProps } from '../router';
import { number } from '../ui/format';
import { Page } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';
import { AllianceRoom } from './alliance';

interface Listed {
  alliance: Alliance;
  counts: Counts;
}

function List({ listed }: { listed: Listed[] }): JSX.Element {
  const [words, setWords] = useState('');
  const wanted = words.trim().toLowerCase();
  const rows = listed.filter(
    ({ alliance }) => wanted === '' || `${alliance.code} ${alliance.name} ${alliance.topic}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <label class="field">
        Search by code, name or topic
        <input type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      </label>
      {rows.length === 0 ? (
        <Empty>{listed.length === 0 ? 'No alliance has been founded here yet.' : 'No alliance has this in its name.'}</Empty>
      ) : (
        <Table
          caption={`${rows.length} of ${listed.length} alliances`}
          rows={rows}
          keyOf={({ alliance }) => alliance.id}
          columns={[
            { head: 'Code', name: true, cell: ({ alliance }) => <Link href={to('alliances', [alliance.id])}>{alliance.code}</Link> },
            { head: 'Name', cell: ({ alliance }) => alliance.name },
            { head: 'Topic', cell: ({ alliance }) => alliance.topic },
            { head: 'Founded', cell: ({ alliance }) => alliance.founded ?? '' },
            { head: 'State', cell: ({ alliance }) => alliance.state },
            { head: 'Full members', number: true, cell: ({ counts }) => number(counts.n_full ?? 0) },
          ]}
        />
      )}
    </>
  );
}

function All(): JSX.Element {
  const turn = useTurn();
  const answer = useGet<{ alliances: Listed[] }>('/v1/alliances', turn);
  return (
    <Page title="Alliances" lead="Every alliance founded in this realm, living and dissolved.">
      <Await answer={answer} what="alliances">
        {(data) => <List listed={data.alliances} />}
      </Await>
    </Page>
  );
}

export default function Alliances({ route }: RoomProps): JSX.Element {
  const [name] = route.rest;
  return name === undefined ? <All /> : <AllianceRoom key={name} name={name} route={route} />;
}
