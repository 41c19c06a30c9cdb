// tag: one word with a colour, never the colour alone.
import type { JSX } from 'preact';
import type { Level } from '../api/types';

export function LevelTag({ level, suspended = false }: { level: Level; suspended?: boolean }): JSX.Element {
  return (
    <>
      <span class={`tag tag-${level}`}>{level}</span>
      {suspended && <span class="tag tag-bad">suspended</span>}
    </>
  );
}

export function Tag({ kind, children }: { kind: 'good' | 'warn' | 'bad' | 'plain'; children: string }): JSX.Element {
  return <span class={`tag tag-${kind}`}>{children}</span>;
}
