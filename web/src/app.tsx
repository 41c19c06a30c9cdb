// app: the shell around all rooms: the name of the realm, the menu, how the line is, the theme.
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Desk, Pen } from './acting/act';
import { Problem, useGet } from './api/client';
import { useLive } from './api/live';
import type { RealmAnswer } from './api/types';
import { Link, go, to, useRoute, type RoomProps, type Route } from './router';
import { rooms, type Room } from './rooms';
import { applyTheme, nextTheme, readTheme } from './theme';
import { number } from './ui/format';
import { Icon } from './ui/icon';
import { Page } from './ui/page';
import { Empty, Failure, Loading } from './ui/state';

function Menu({ active }: { active: string }): JSX.Element {
  return (
    <nav class="menu" aria-label="Rooms">
      <ul>
        {rooms.map((room) => (
          <li key={room.path}>
            <Link href={to(room.path)} aria-current={room.path === active ? 'page' : undefined}>
              <Icon name={room.icon} />
              <span>{room.label}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const lines = {
  joining: 'joining the ledger',
  live: 'live',
  lost: 'line lost; trying again',
} as const;

function Line(): JSX.Element {
  const { head, line } = useLive();
  const realm = useGet<RealmAnswer>('/v1/realm', line);
  const size = head?.size ?? realm.data?.head.size;
  return (
    <p class={`line line-${line}`} title={lines[line]}>
      <span class="dot" aria-hidden="true" />
      <span class="line-words">{lines[line]}</span>
      {size !== undefined && <span class="line-size">{number(size)} acts</span>}
    </p>
  );
}

function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(readTheme);
  const next = nextTheme(theme);
  const icon = theme === 'system' ? 'system' : theme === 'light' ? 'sun' : 'moon';
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
      onClick={() => {
        applyTheme(next);
        setTheme(next);
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

function RealmName(): JSX.Element | null {
  const realm = useGet<RealmAnswer>('/v1/realm');
  return realm.data ? <span class="realm">{realm.data.realm.name}</span> : null;
}

const loaded = new Map<string, ComponentType<RoomProps>>();

function Stage({ room, route }: { room: Room; route: Route }): JSX.Element {
  const [, shown] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const Inside = loaded.get(room.path);
  const load = (): void => {
    setProblem(null);
    room.load().then(
      (module) => {
        loaded.set(room.path, module.default);
        shown((n) => n + 1);
      },
      () =>
        setProblem(
          new Problem('this room could not be fetched', {
            remedy: 'the daemon may have been updated or stopped: reload the page',
          }),
        ),
    );
  };
  useEffect(() => {
    if (!loaded.has(room.path)) load();
  }, [room.path]);
  if (problem) return <Failure problem={problem} retry={load} />;
  return Inside ? <Inside route={route} /> : <Loading what={room.label.toLowerCase()} />;
}

function NoRoom(): JSX.Element {
  return (
    <Page title="There is no such room">
      <Empty>
        This address leads nowhere. <Link href={to('world')}>Go to the world</Link>.
      </Empty>
    </Page>
  );
}

export function App(): JSX.Element {
  const route = useRoute();
  const room = rooms.find((one) => one.path === route.room);
  useEffect(() => {
    if (route.room === '') go(to('world'), true);
  }, [route.room]);
  // Unlike the query, the room and what stands in it are a new page: begin at its top.
  const place = [route.room, ...route.rest].join('/');
  useEffect(() => scrollTo(0, 0), [place]);
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <Link href={to('world')} class="brand">
          <span class="brand-mark" aria-hidden="true" />
          Comity
        </Link>
        <RealmName />
        <Line />
        <Pen />
        <ThemeButton />
      </header>
      <Menu active={route.room} />
      <main id="content" tabIndex={-1}>
        {room ? <Stage key={room.path} room={room} route={route} /> : route.room !== '' && <NoRoom />}
      </main>
      <Desk />
    </>
  );
}
