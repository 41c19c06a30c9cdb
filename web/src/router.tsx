// router: /console/ROOM/REST?QUERY. Links are real links; a click on one stays in the page, moves the
// keyboard's focus to the new heading, and the browser's own back and forward work.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  room: string;
  /** Decoded parts behind the room. */
  rest: string[];
  query: URLSearchParams;
}

/** What a room is given. */
export interface RoomProps {
  route: Route;
}

const base = '/console/';
const listeners = new Set<() => void>();

export function routeOf(path: string, search: string): Route {
  const inside = path.startsWith(base) ? path.slice(base.length) : '';
  const parts = inside.split('/').filter((part) => part !== '');
  const decoded = parts.map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { room: decoded[0] ?? '', rest: decoded.slice(1), query: new URLSearchParams(search) };
}

/** to builds the address of a room; every part is encoded, empty query values are left out. */
export function to(room: string, rest: string[] = [], query: Record<string, string | undefined> = {}): string {
  const path = base + [room, ...rest].map(encodeURIComponent).join('/');
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, value);
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** go opens an address. `replace` leaves no step in the history (a slider that moves). */
export function go(address: string, replace = false): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  for (const listener of listeners) listener();
}

addEventListener('popstate', () => {
  for (const listener of listeners) listener();
});

export function useRoute(): Route {
  const read = (): Route => routeOf(location.pathname, location.search);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const listener = (): void => setRoute(read());
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return route;
}

/** setQuery changes values of the address in place. */
export function setQuery(change: Record<string, string | undefined>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(text === '' ? location.pathname : `${location.pathname}?${text}`, true);
}

type LinkProps = Omit<JSX.IntrinsicElements['a'], 'href'> & { href: string; children?: ComponentChildren };

/** Link is an anchor that stays in the page. */
export function Link({ href, children, ...rest }: LinkProps): JSX.Element {
  const click = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return (
    <a href={href} onClick={click} {...rest}>
      {children}
    </a>
  );
}
