// federation: how the members of a federation stand, by whose cosignatures its last head is final, and the
// bridges of this realm. A cell of one operator has bridges only. Everything moves as heads come.
import type { JSX } from 'preact';
import { Problem, get, getText, useAsk, useGet, type Answer } from '../api/client';
import { useLive } from '../api/live';
import type { Page as Records, RealmAnswer } from '../api/types';
import { finality, type Finality } from '../model/finality';
import type { RoomProps } from '../router';
import { Facts } from '../ui/facts';
import { moment, number, plural, short } from '../ui/format';
import { Page, Section } from '../ui/page';
import { Await, Empty } from '../ui/state';
import { Table } from '../ui/table';
import { Tag } from '../ui/tag';

interface Seat {
  number: number;
  name: string;
  operator: string;
  state: string;
  weight: number;
  self: boolean;
  height: number;
  behind: number;
  heard_at?: string;
  reached?: string;
}

interface Federation {
  seat?: string;
  state: string;
  pause: string;
  height: number;
  round: number;
  size: number;
  final_height: number;
  final_size: number;
  pool: number;
  finality_lost?: string;
  policy_due: boolean;
  seats: Seat[];
}

interface SeatRecord {
  number?: number;
  name: string;
  since: string;
}

interface Epoch {
  origin: string;
  size: number;
  breaker?: string;
}

interface BridgeItem {
  state: string;
  bridge: { realm: string; name: string; value_most?: string; window_ms: number };
  line: { size?: number; roots?: number; sent?: number; open?: number; heard?: string };
}

interface BridgeAsset {
  realm: string;
  asset: string;
  abroad_asset?: string;
  in_flight?: string;
  abroad?: string;
  used?: string;
}

const sentences: Record<string, string> = {
  agrees: 'This member agrees with the others.',
  'held up': 'This member waits for others, or for its signer or disk.',
  behind: 'This member fetches what the others have agreed on.',
  follows: 'This node has no seat and only follows.',
  stopped: 'This member takes no part any more: see its log, then start it again.',
};

const kindOf = (state: string): 'good' | 'warn' | 'bad' =>
  state === 'active' || state === 'agrees' ? 'good' : state === 'severed' || state === 'excluded' || state === 'stopped' ? 'bad' : 'warn';

const bridgeSays: Record<string, string> = {
  active: 'Packets cross, as the gates and throttles say.',
  stale: 'No head was shown for too long: nothing crosses until a relayer shows one.',
  frozen: 'Stopped; what is under way closes by proof.',
  severed: 'Cut; what is under way closes by proof, and units abroad come home.',
};

/** One circle for each who may cosign, full when it did; a line for each group that the policy asks for. */
function Cosigned({ of }: { of: Finality }): JSX.Element {
  const step = Math.min(72, 640 / Math.max(1, of.witnesses.length));
  const done = of.witnesses.filter((one) => one.cosigned).length;
  return (
    <figure class="card">
      <svg
        viewBox={`0 0 ${String(step * of.witnesses.length + 8)} 58`}
        role="img"
        aria-label={`${number(done)} of ${number(of.witnesses.length)} cosigned the head of ${number(of.size)} entries`}
        style="max-width: 42rem; width: 100%"
      >
        {of.witnesses.map((one, i) => (
          <g key={one.name} transform={`translate(${String(step * (i + 0.5) + 4)} 20)`}>
            <circle r="13" fill={one.cosigned ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="2" stroke-dasharray={one.cosigned ? undefined : '4 3'} />
            <text y="32" text-anchor="middle" font-size="10" fill="currentColor">
              {one.name.split('.')[0]}
            </text>
          </g>
        ))}
      </svg>
      <figcaption>
        <ul>
          {of.groups.map((group) => (
            <li key={group.name}>
              <Tag kind={group.met ? 'good' : 'bad'}>{group.met ? 'met' : 'not met'}</Tag> {number(group.need)} of {number(group.of.length)}, {number(group.have)} there:{' '}
              <span class="quiet">{group.of.join(', ')}</span>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function Members({ federation, records, epochs }: { federation: Federation; records: Answer<Records<SeatRecord>>; epochs: Answer<Records<Epoch>> }): JSX.Element {
  const since = new Map(records.state === 'ready' ? records.data.items.map((one) => [one.number ?? 0, one.since]) : []);
  const epoch = new Map(epochs.state === 'ready' ? epochs.data.items.map((one) => [one.origin, one]) : []);
  return (
    <Table
      caption="The seats, and how far each is"
      hideCaption
      keyOf={(seat) => seat.name}
      rows={federation.seats}
      columns={[
        { head: 'Seat', name: true, cell: (seat) => (seat.self ? `${seat.name} (this member)` : seat.name) },
        { head: 'Run by', cell: (seat) => seat.operator },
        { head: 'State', cell: (seat) => <Tag kind={kindOf(seat.state)}>{seat.state}</Tag> },
        { head: 'Weight', number: true, cell: (seat) => number(seat.weight) },
        { head: 'Height', number: true, cell: (seat) => number(seat.height) },
        { head: 'Behind', number: true, cell: (seat) => number(seat.behind) },
        { head: 'Heard', cell: (seat) => (seat.heard_at ? moment(seat.heard_at) : '') },
        { head: 'Seated since', cell: (seat) => (since.has(seat.number) ? moment(since.get(seat.number) ?? '') : '') },
        {
          head: 'Its own cell',
          cell: (seat) => {
            const own = epoch.get(seat.name);
            return own ? `${plural(own.size, 'entry', 'entries')}${own.breaker && own.breaker !== 'normal' ? `, ${own.breaker}` : ''}` : 'no record';
          },
        },
      ]}
    />
  );
}

function Agreement({ federation, final }: { federation: Federation; final: Answer<Finality | null> }): JSX.Element {
  return (
    <>
      <p role="status">
        <Tag kind={kindOf(federation.state)}>{federation.state}</Tag> {sentences[federation.state] ?? ''}
      </p>
      {federation.finality_lost && (
        <p role="alert">
          Too few have cosigned since {moment(federation.finality_lost)}: no value moves.
        </p>
      )}
      {federation.policy_due && <p>The policy does not name the present seats: the members owe a new one (comity federation policy).</p>}
      <Facts
        facts={[
          ['Agreed', `height ${number(federation.height)}, ${plural(federation.size, 'entry', 'entries')}`],
          ['Round', number(federation.round)],
          ['Final', `height ${number(federation.final_height)}, ${plural(federation.final_size, 'entry', 'entries')}`],
          ['Waiting', plural(federation.pool, 'act')],
        ]}
      />
      <Await answer={final} what="the final head">
        {(of) => (of ? <Cosigned of={of} /> : <Empty>No head is final yet.</Empty>)}
      </Await>
    </>
  );
}

function Bridges({ bridges, assets }: { bridges: BridgeItem[]; assets: BridgeAsset[] }): JSX.Element {
  if (bridges.length === 0) return <Empty>No bridges: every other realm is closed until one is opened.</Empty>;
  const of = (realm: string): string =>
    assets
      .filter((one) => one.realm === realm)
      .map((one) => `${short(one.asset)}: ${one.in_flight ?? '0'} under way${one.abroad_asset ? '' : `, ${one.abroad ?? '0'} abroad`}`)
      .join('; ');
  const throttle = (item: BridgeItem): string =>
    item.bridge.value_most ? `${item.bridge.value_most} units in ${number(item.bridge.window_ms / 1000)} s` : 'none';
  return (
    <Table
      caption="Bridges of this realm"
      hideCaption
      keyOf={(item) => item.bridge.realm}
      rows={bridges}
      columns={[
        { head: 'Realm', name: true, cell: (item) => item.bridge.name },
        { head: 'State', cell: (item) => <Tag kind={kindOf(item.state)}>{item.state}</Tag> },
        { head: 'That means', cell: (item) => bridgeSays[item.state] ?? '' },
        { head: 'Packets under way', number: true, cell: (item) => number(item.line.open ?? 0) },
        { head: 'Sent', number: true, cell: (item) => number(item.line.sent ?? 0) },
        { head: 'Units', cell: (item) => of(item.bridge.realm) },
        { head: 'Throttle', cell: throttle },
        { head: 'Heard', cell: (item) => (item.line.heard ? moment(item.line.heard) : 'nothing yet') },
      ]}
    />
  );
}

function OfMembers({ realm, turn }: { realm: RealmAnswer; turn: number }): JSX.Element {
  const federation = useGet<Federation>('/v1/federation', turn);
  const records = useGet<Records<SeatRecord>>('/v1/records/seat', turn);
  const epochs = useGet<Records<Epoch>>('/v1/records/cell_epoch', turn);
  const final = useAsk<Finality | null>(
    '/v1/federation/final',
    async (signal) => {
      try {
        return finality(realm.policy ?? '', await getText('/v1/federation/final', signal));
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return null; // none is final yet
        throw error;
      }
    },
    turn,
  );
  return (
    <Await answer={federation} what="the federation">
      {(data) => (
        <>
          <Section title="Agreement" note="What the members agreed on, and by whose cosignatures the last head is final.">
            <Agreement federation={data} final={final} />
          </Section>
          <Section title="Members" note={plural(data.seats.length, 'seat')}>
            <Members federation={data} records={records} epochs={epochs} />
          </Section>
        </>
      )}
    </Await>
  );
}

const readBridges = async (signal: AbortSignal): Promise<{ bridges: BridgeItem[]; assets: BridgeAsset[] }> => ({
  bridges: (await get<{ bridges: BridgeItem[] }>('/v1/bridges', signal)).bridges,
  assets: (await get<Records<BridgeAsset>>('/v1/records/bridge_asset', signal)).items,
});

export default function FederationRoom(_: RoomProps): JSX.Element {
  const { head } = useLive();
  const turn = head?.size ?? 0;
  const realm = useGet<RealmAnswer>('/v1/realm');
  const bridges = useAsk('/v1/bridges', readBridges, turn);
  return (
    <Page title="Federation" lead="Who orders this realm together, and what joins it to others.">
      <Await answer={realm} what="the realm">
        {(data) =>
          data.vkey ? (
            <p class="quiet">This realm is a cell: one operator orders it. Its members, where it has a seat, are in the console of that seat's node.</p>
          ) : (
            <OfMembers realm={data} turn={turn} />
          )
        }
      </Await>
      <Section title="Bridges" note="What this realm believes of others, and what may cross.">
        <Await answer={bridges} what="the bridges">
          {(data) => <Bridges bridges={data.bridges} assets={data.assets} />}
        </Await>
      </Section>
    </Page>
  );
}
