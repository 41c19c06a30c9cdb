// value: any JSON as names and values, for what has no form of its own. Long lists are cut, and say so.
import type { JSX } from 'preact';

const ITEMS_MOST = 50;

export function Value({ value }: { value: unknown }): JSX.Element {
  if (Array.isArray(value))
    return (
      <ol class="items">
        {value.slice(0, ITEMS_MOST).map((item, i) => (
          <li key={i}>
            <Value value={item} />
          </li>
        ))}
        {value.length > ITEMS_MOST && <li class="quiet">and {value.length - ITEMS_MOST} more</li>}
      </ol>
    );
  if (typeof value === 'object' && value !== null)
    return (
      <dl class="pairs">
        {Object.entries(value).map(([name, inner]) => (
          <>
            <dt>{name}</dt>
            <dd>
              <Value value={inner} />
            </dd>
          </>
        ))}
      </dl>
    );
  const text = String(value);
  return /^[0-9a-f]{64}$/.test(text) ? <code>{text}</code> : <>{text}</>;
}
