// live: what the daemon tells by itself. One event stream serves all tabs of this browser: the tab that
// holds the lock listens and tells the others, because a browser opens few connections to one server.
import { useEffect, useState } from 'preact/hooks';

export interface Head {
  size: number;
  root: string;
}

export type Line = 'joining' | 'live' | 'lost';

export interface Live {
  head: Head | null;
  line: Line;
}

type Listener = (live: Live) => void;

const listeners = new Set<Listener>();
let now: Live = { head: null, line: 'joining' };
let started = false;

function tell(change: Partial<Live>): void {
  now = { ...now, ...change };
  for (const listener of listeners) listener(now);
}

function readHead(data: string): Head | null {
  try {
    const head = JSON.parse(data) as Head;
    return typeof head.size === 'number' ? head : null;
  } catch {
    return null;
  }
}

/** Listens until the page ends; `say` is called with every change. */
function listen(say: (change: Partial<Live>) => void): void {
  const source = new EventSource('/v1/heads');
  source.addEventListener('open', () => say({ line: 'live' }));
  source.addEventListener('head', (event) => {
    const head = readHead((event as MessageEvent<string>).data);
    if (head) say({ head, line: 'live' });
  });
  source.addEventListener('error', () => {
    say({ line: 'lost' });
    // A refused stream (503: too many listeners) is not tried again by the browser itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(say), 5000);
  });
}

function start(): void {
  if (started) return;
  started = true;
  if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
    listen(tell);
    return;
  }
  const others = new BroadcastChannel('comity-live');
  let leading = false;
  const say = (change: Partial<Live>): void => {
    tell(change);
    others.postMessage(change);
  };
  others.onmessage = (event: MessageEvent<Partial<Live> | 'what'>) => {
    if (event.data !== 'what') tell(event.data);
    else if (leading) others.postMessage(now);
  };
  others.postMessage('what');
  void navigator.locks.request('comity-live', () => {
    leading = true;
    listen(say);
    return new Promise(() => undefined);
  });
}

/** useLive is the newest head told and how the line is. */
export function useLive(): Live {
  const [live, setLive] = useState(now);
  useEffect(() => {
    listeners.add(setLive);
    start();
    setLive(now);
    return () => void listeners.delete(setLive);
  }, []);
  return live;
}

/** useTurn is a number that changes when the ledger grew, at most once in `ms`: a reason to ask again. */
export function useTurn(ms = 1000): number {
  const { head } = useLive();
  const size = head?.size ?? 0;
  const [turn, setTurn] = useState(size);
  useEffect(() => {
    if (size === turn) return undefined;
    const timer = setTimeout(() => setTurn(size), turn === 0 ? 0 : ms);
    return () => clearTimeout(timer);
  }, [size, turn, ms]);
  return turn;
}
