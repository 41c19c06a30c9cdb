// ledger: the acts themselves, newest first, as they become durable; one of them whole.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Problem, at, get, useGet } from '../api/client';
import { useLive } from '../api/live';
import type { FeedItem, RealmAnswer } from '../api/types';
import { Link, to, type RoomProps } from '../router';
import { number, short } from '../ui/format';
import { Page, Section } from '../ui/page';
import { Blocks, Rows } from '../ui/rows';
import { Await, Empty, Failure } from '../ui/state';
import { Value } from '../ui/value';

const readFeed = async (from: number, count: number): Promise<FeedItem[]> =>
  (await get<{ items: FeedItem[] }>(at`/v1/feed?since=${from}&limit=${count}`)).items;

function FeedRow({ item, place }: { item: FeedItem | undefined; place: number }): JSX.Element {
  return (
    <>
      <Link class="row-index" href={to('ledger', [String(place)])}>
        {number(place)}
      </Link>
      <span class={`row-say${item?.act.act === 'tick' ? ' quiet' : ''}`}>{item ? item.say : '…'}</span>
      <span class="row-by quiet">{item?.by ?? (item?.author ? short(item.author) : '')}</span>
      <span class="row-act quiet">{item?.act.act ?? ''}</span>
    </>
  );
}

function Feed(): JSX.Element {
  const realm = useGet<RealmAnswer>('/v1/realm');
  const { head } = useLive();
  const blocks = useMemo(() => new Blocks<FeedItem>(readFeed), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const failed = (error: unknown): void => setProblem(error instanceof Problem ? error : new Problem(String(error)));
  return (
    <Page title="Ledger" lead="Every act, in the order in which it was recorded. Nothing is ever removed or changed.">
      {problem && <Failure problem={problem} retry={() => setProblem(null)} />}
      <Await answer={realm} what="the ledger">
        {(data) => {
          const size = Math.max(head?.size ?? 0, data.head.size);
          return size === 0 ? (
            <Empty>The ledger is empty.</Empty>
          ) : (
            <>
              <p class="quiet" role="status">
                {number(size)} acts, the newest first
              </p>
              <Rows
                label="Acts, the newest first"
                count={size}
                height={44}
                blocks={blocks}
                newestFirst
                failed={failed}
                row={(item, place) => <FeedRow item={item} place={place} />}
              />
            </>
          );
        }}
      </Await>
    </Page>
  );
}

function One({ index }: { index: string }): JSX.Element {
  const answer = useGet<FeedItem>(at`/v1/acts/${index}`);
  return (
    <Page title={`Act ${index}`} kicker={<Link href={to('ledger')}>Ledger</Link>} lead={answer.data?.say}>
      <Await answer={answer} what="the act">
        {(item) => (
          <>
            <div class="card">
              <dl class="pairs">
                <dt>Id</dt>
                <dd>
                  <code>{item.id}</code>
                </dd>
                {item.author && (
                  <>
                    <dt>Author</dt>
                    <dd>
                      <Link href={to('passports', [item.author])}>{item.by ?? short(item.author)}</Link>
                    </dd>
                  </>
                )}
              </dl>
              <p>
                <a href={at`/v1/proofs/${index}`} download={`act-${index}.tlog-proof`}>
                  Save its proof
                </a>{' '}
                <a href={at`/v1/acts/${index}/raw`} download={`act-${index}.cbor`}>
                  Save its bytes
                </a>{' '}
                <Link href={to('evidence', [], { from: at`/v1/proofs/${index} /v1/acts/${index}/raw` })}>
                  Verify it in this browser
                </Link>
              </p>
            </div>
            <Section title="What was signed">
              <div class="card">
                <Value value={item.act} />
              </div>
            </Section>
          </>
        )}
      </Await>
    </Page>
  );
}

export default function Ledger({ route }: RoomProps): JSX.Element {
  const [index] = route.rest;
  return index === undefined ? <Feed /> : <One key={index} index={index} />;
}
