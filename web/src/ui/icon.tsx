// icon: the few line drawings of the console, 24 x 24, in the colour of the text around them.
import type { JSX } from 'preact';

const paths = {
  world: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c3 3 4 6 4 9s-1 6-4 9c-3-3-4-6-4-9s1-6 4-9',
  alliances: 'M9 8a5 5 0 1 0 0 .01M20 8a5 5 0 1 0 0 .01M14.5 16a5 5 0 1 0 0 .01',
  passports: 'M6 3h12v18H6zM12 8a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M9 17h6',
  ledger: 'M5 5h14M5 10h14M5 15h14M5 20h9',
  federation: 'M12 4a2 2 0 1 0 0 .01M5 17a2 2 0 1 0 0 .01M19 17a2 2 0 1 0 0 .01M11 7l-5 8M13 7l5 8M8 18h8',
  evidence: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6zM8.500 12l2.500 2.500 4.500-5',
  operator: 'M4 13h4l2-7 4 13 2-6h4',
  act: 'M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  moon: 'M20 14A8.500 8.500 0 0 1 10 4a8.500 8.500 0 1 0 10 10',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  play: 'M8 5v14l11-7z',
  pause: 'M8 5v14M16 5v14',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
