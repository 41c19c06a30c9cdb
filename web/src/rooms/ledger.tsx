import type { JSX } from 'preact';
import { useGet } from '../api/client';
import type { RealmAnswer } from '../api/types';
import type { RoomProps } from '../rooms';
import { Page } from '../ui/page';
import { Await } from '../ui/state';

export default function Ledger(_: RoomProps): JSX.Element {
  const answer = useGet<RealmAnswer>('/v1/realm');
  return (
    <Page title="Ledger">
      <Await answer={answer} what="the realm">
        {(data) => <p>{data.realm.name}</p>}
      </Await>
    </Page>
  );
}
