// tabs: the parts of a room as links, so that each has an address of its own.
import type { JSX } from 'preact';
import { Link } from '../router';

export function Tabs({ label, tabs, active }: {
  label: string;
  tabs: readonly { key: string; text: string; href: string }[];
  active: string;
}): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.key} href={tab.href} aria-current={tab.key === active ? 'page' : undefined}>
          {tab.text}
        </Link>
      ))}
    </nav>
  );
}
