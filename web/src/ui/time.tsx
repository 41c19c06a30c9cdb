// time: a day on a line of years: a slider, an exact date, and a curve of what changed along the way.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dayNumber, dayText, isDay, yearsBetween } from '../model/days';
import { Icon } from './icon';

export interface Point {
  day: string;
  value: number;
}

const width = 1000;
const height = 56;

/** The curve as steps, from left to right, filled to the ground. */
function steps(points: readonly Point[], from: number, to: number, most: number): string {
  const x = (day: number): number => ((Math.min(Math.max(day, from), to) - from) / (to - from)) * width;
  const y = (value: number): number => height - (value / most) * (height - 4);
  let path = `M0,${height}`;
  let level = height;
  for (const point of points) {
    const at = x(dayNumber(point.day)).toFixed(1);
    path += `L${at},${level.toFixed(1)}`;
    level = y(point.value);
    path += `L${at},${level.toFixed(1)}`;
  }
  return `${path}L${width},${level.toFixed(1)}L${width},${height}Z`;
}

/** months moves a day by whole months, staying inside the month it lands in. */
export function months(day: string, by: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + by, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return first.toISOString().slice(0, 10);
}

/** DayInput takes an ISO date; whatever is none yet changes nothing. */
export function DayInput({ day, set }: { day: string; set: (day: string) => void }): JSX.Element {
  const [text, setText] = useState(day);
  useEffect(() => setText(day), [day]);
  return (
    <input
      class="day-input"
      inputMode="numeric"
      autocomplete="off"
      placeholder="YYYY-MM-DD"
      pattern={String.raw`\d{4}-\d{2}-\d{2}`}
      value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        if (isDay(event.currentTarget.value)) set(event.currentTarget.value);
      }}
      onBlur={() => setText(day)}
    />
  );
}

export function TimeLine({ label, day, from, to, points, set }: {
  label: string;
  day: string;
  from: string;
  to: string;
  points: readonly Point[];
  set: (day: string) => void;
}): JSX.Element {
  const first = dayNumber(from);
  const last = dayNumber(to);
  const now = Math.min(Math.max(dayNumber(day), first), last);
  const [playing, setPlaying] = useState(false);
  const held = useRef(day);
  held.current = day;

  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => {
      const next = months(held.current, 6);
      if (next >= to) setPlaying(false);
      set(next >= to ? to : next);
    }, 120);
    return () => clearInterval(timer);
  }, [playing, to]);

  const clamp = (next: string): void => set(next < from ? from : next > to ? to : next);
  // One day is too small a step for a century: the keys move by a month, a year, ten years.
  const key = (event: KeyboardEvent): void => {
    const by: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -120, PageUp: 120 };
    const month = by[event.key];
    if (month === undefined) return;
    event.preventDefault();
    clamp(months(dayText(now), event.shiftKey && Math.abs(month) === 1 ? month * 12 : month));
  };
  const most = Math.max(1, ...points.map((point) => point.value));
  const years = yearsBetween(from, to, 9);
  return (
    <div class="timeline">
      <button
        type="button"
        class="icon-button"
        aria-label={playing ? 'Stop' : 'Play through the years'}
        onClick={() => {
          if (!playing && day >= to) set(from);
          setPlaying(!playing);
        }}
      >
        <Icon name={playing ? 'pause' : 'play'} />
      </button>
      <div class="timeline-track">
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true" class="timeline-curve">
          <path d={steps(points, first, last, most)} />
          <line x1={((now - first) / (last - first)) * width} x2={((now - first) / (last - first)) * width} y1="0" y2={height} />
        </svg>
        <input
          type="range"
          min={first}
          max={last}
          value={now}
          aria-label={label}
          aria-valuetext={dayText(now)}
          onInput={(event) => set(dayText(Number(event.currentTarget.value)))}
          onKeyDown={key}
        />
        <div class="timeline-years" aria-hidden="true">
          <svg viewBox={`0 0 ${width} 4`} preserveAspectRatio="none">
            {years.map(({ day: at }) => (
              <line key={at} x1={((at - first) / (last - first)) * width} x2={((at - first) / (last - first)) * width} y1="0" y2="4" />
            ))}
          </svg>
          <ul>
            {years.map(({ year, day: at }) => (
              <li key={year} style={{ left: `${((at - first) / (last - first)) * 100}%` }}>
                {year}
              </li>
            ))}
          </ul>
        </div>
      </div>
      <label class="field">
        Day
        <DayInput day={dayText(now)} set={clamp} />
      </label>
    </div>
  );
}
