// spans: stretches of time as bars on a line of years, one row each, coloured by level.
import type { JSX } from 'preact';
import type { Level } from '../api/types';
import { dayNumber, yearsBetween } from '../model/days';

export interface Span {
  from: string;
  to: string;
  level: Level;
  suspended: boolean;
}

export interface SpanRow {
  key: string;
  label: string;
  href?: string;
  spans: readonly Span[];
}

const row = 22;
const left = 150;
const width = 960;

export function Spans({ label, rows, from, to }: {
  label: string;
  rows: readonly SpanRow[];
  from: string;
  to: string;
}): JSX.Element {
  const first = dayNumber(from);
  const last = Math.max(dayNumber(to), first + 1);
  const x = (day: string): number => left + ((Math.min(Math.max(dayNumber(day), first), last) - first) / (last - first)) * (width - left - 8);
  const height = rows.length * row + 24;
  return (
    <figure class="spans" tabIndex={0} role="region" aria-label={label}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${label}. The table under it holds the same facts.`}>
        {yearsBetween(from, to, 8).map(({ year, day }) => {
          const at = left + ((day - first) / (last - first)) * (width - left - 8);
          return (
            <g key={year}>
              <line class="grid" x1={at} x2={at} y1={0} y2={height - 18} />
              <text class="axis" x={at} y={height - 5}>
                {year}
              </text>
            </g>
          );
        })}
        {rows.map((one, i) => (
          <g key={one.key} transform={`translate(0 ${i * row})`}>
            <text class="span-name" x={left - 10} y={15}>
              {one.label.length > 20 ? `${one.label.slice(0, 19)}…` : one.label}
            </text>
            {one.spans.map((span) => (
              <rect
                key={span.from + span.level}
                class={`mark-${span.suspended ? 'suspended' : span.level}`}
                x={x(span.from)}
                y={5}
                width={Math.max(2, x(span.to) - x(span.from))}
                height={12}
                rx={3}
              >
                <title>{`${one.label}: ${span.level}${span.suspended ? ', suspended' : ''}, ${span.from} to ${span.to}`}</title>
              </rect>
            ))}
          </g>
        ))}
      </svg>
    </figure>
  );
}
