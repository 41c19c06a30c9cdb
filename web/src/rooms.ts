// rooms: every room of the console, one line a room, in the order of the menu. A room is a module whose
// default export is a component; it is fetched when it is first opened.
import type { ComponentType } from 'preact';
import type { IconName } from './ui/icon';
import type { RoomProps } from './router';

export interface Room {
  /** First part of the address, /console/PATH. */
  path: string;
  label: string;
  icon: IconName;
  load: () => Promise<{ default: ComponentType<RoomProps> }>;
}

export const rooms: readonly Room[] = [
  { path: 'world', label: 'World', icon: 'world', load: () => import('./rooms/world') },
  { path: 'alliances', label: 'Alliances', icon: 'alliances', load: () => import('./rooms/alliances') },
  { path: 'passports', label: 'Passports', icon: 'passports', load: () => import('./rooms/passports') },
  { path: 'ledger', label: 'Ledger', icon: 'ledger', load: () => import('./rooms/ledger') },
  { path: 'federation', label: 'Federation', icon: 'federation', load: () => import('./rooms/federation') },
  { path: 'evidence', label: 'Evidence', icon: 'evidence', load: () => import('./rooms/evidence') },
  { path: 'operator', label: 'Operator', icon: 'operator', load: () => import('./rooms/operator') },
];
