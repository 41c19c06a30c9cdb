// date: civil dates and ledger times as whole numbers (src/base/date.h).
//
// A date is days in the proleptic Gregorian calendar with 0001-01-01 = 1; a time is Unix
// milliseconds. No Date object: it would bring a time zone and a narrower range along.
import { refuse } from './refusal';

const UNIX_EPOCH = 719163n; // 1970-01-01
export const DATE_MAX = 3652059n; // 9999-12-31
const DAY_MS = 86400000n;

export interface Civil {
  year: number;
  month: number;
  day: number;
}

function leap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function monthDays(year: number, month: number): number {
  const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month === 2 && leap(year) ? 29 : days[month - 1]!;
}

function daysBefore(year: number): number {
  const y = year - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
}

// civil takes a date from 1 to DATE_MAX apart.
export function civil(date: bigint): Civil {
  const n = Number(date);
  let year = Math.floor(n / 366) + 1;
  while (daysBefore(year + 1) < n) year++;
  let day = n - daysBefore(year);
  let month = 1;
  while (day > monthDays(year, month)) day -= monthDays(year, month++);
  return { year, month, day };
}

// readDate reads YYYY-MM-DD. Refuses with BAD_DATE.
export function readDate(words: string): bigint {
  const m = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(words);
  if (m === null || words.length !== 10) refuse('BAD_DATE');
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  if (year < 1 || month < 1 || month > 12) refuse('BAD_DATE');
  if (day < 1 || day > monthDays(year, month)) refuse('BAD_DATE');
  let date = daysBefore(year) + day;
  for (let i = 1; i < month; i++) date += monthDays(year, i);
  return BigInt(date);
}

function pad(v: number | bigint, n: number): string {
  return String(v).padStart(n, '0');
}

// dateText writes YYYY-MM-DD; 0 writes nothing.
export function dateText(date: bigint): string {
  if (date === 0n) return '';
  const c = civil(date);
  return `${pad(c.year, 4)}-${pad(c.month, 2)}-${pad(c.day, 2)}`;
}

// hasCivil: past 9999-12-31 a time has no civil form.
export function hasCivil(time: bigint): boolean {
  return time / DAY_MS <= DATE_MAX - UNIX_EPOCH;
}

// timeText writes RFC 3339 with milliseconds; for times that hasCivil.
export function timeText(time: bigint): string {
  const ms = time % DAY_MS;
  const part = (unit: bigint, most: bigint): string => pad((ms / unit) % most, 2);
  const clock = `${part(3600000n, 24n)}:${part(60000n, 60n)}:${part(1000n, 60n)}`;
  return `${dateText(time / DAY_MS + UNIX_EPOCH)}T${clock}.${pad(ms % 1000n, 3)}Z`;
}
