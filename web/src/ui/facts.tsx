// facts: a few figures with their names.
import type { ComponentChildren, JSX } from 'preact';

export function Facts({ facts }: { facts: readonly [string, ComponentChildren][] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
