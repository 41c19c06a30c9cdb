// days: civil dates as numbers of days, for sliders and axes. Dates stay ISO texts everywhere else.
const day_ms = 86_400_000;

/** "1960-01-01" -> days since 1970-01-01; NaN when it is no date. */
export function dayNumber(date: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return NaN;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date ? NaN : ms / day_ms;
}

export const dayText = (n: number): string => new Date(n * day_ms).toISOString().slice(0, 10);

export const isDay = (date: string): boolean => !Number.isNaN(dayNumber(date));

/** Today by this machine's clock, in UTC as in the ledger. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** Round years between two days, at most `most` of them. */
export function yearsBetween(from: string, to: string, most: number): { year: number; day: number }[] {
  const first = Number(from.slice(0, 4)) + 1;
  const last = Number(to.slice(0, 4));
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000].find((s) => (last - first) / s <= most) ?? 1000;
  const years = [];
  for (let year = Math.ceil(first / step) * step; year <= last; year += step)
    years.push({ year, day: dayNumber(`${String(year).padStart(4, '0')}-01-01`) });
  return years;
}
