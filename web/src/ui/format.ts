// format: figures, days and long names as text. Dates are ISO dates, as in the ledger: no time zone, no
// locale can move them.
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const number = (n: number): string => grouped.format(n);

/** 1234567 -> "1.2 MB". */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  return `${grouped.format(n)} ${units[i]}`;
}

/** A digest or key, short enough to compare by eye. */
export const short = (hex: string): string => (hex.length > 16 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex);

/** "2026-11-20T10:46:56.785Z" -> "2026-11-20 10:46:56 UTC". */
export const moment = (time: string): string =>
  time.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/, '$1 $2 UTC');

/** A duration in milliseconds, in the largest unit that leaves a whole number or one digit. */
export function duration(ms: number): string {
  const units: [number, string][] = [
    [31_536_000_000, 'year'],
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ];
  for (const [size, name] of units) {
    if (ms < size) continue;
    const n = Math.round((ms / size) * 10) / 10;
    return `${grouped.format(n)} ${name}${n === 1 ? '' : 's'}`;
  }
  return ms === 0 ? 'none' : `${ms} ms`;
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;
