import type { JSX } from 'preact';
import { useGet } from '../api/client';
import type { RealmAnswer } from '../api/types';
import type { RoomProps } from '../rooms';
import { Page } from '../ui/page';
import { Await } from '../ui/state';

export default function Operator(_: RoomProps): JSX.Element {
  const answer = useGet<RealmAnswer>('/v1/realm');
  return (
    <Page title="Operator">
      <Await answer={answer} what="the realm">
        {(data) => <p>{data.realm.name}</p>}
      </Await>
    </Page>
  );
}
