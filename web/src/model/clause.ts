// clause: the clauses of a charter in words for people. What a choice means stands in the daemon's own
// sentence ("0 open door, 1 by invitation"), so nothing is said here twice.
import type { Clause } from '../api/types';
import { duration, moment, number } from '../ui/format';

/** choices reads "0 open door, 1 by invitation" out of a meaning. */
export function choices(meaning: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const [, value, words] of meaning.matchAll(/(?:^|[:,]\s*)(\d+) ([^,]+)/g)) found.set(Number(value), (words ?? '').trim());
  return found;
}

const levels: [number, string][] = [
  [1, 'full'],
  [2, 'associate'],
  [4, 'observer'],
];

/** The same three words serve every clause "data_*"; only the first spells them out. */
const dataWords = new Map([
  [0, 'public'],
  [1, 'shared'],
  [2, 'all'],
]);

export const percent = (ppm: number): string => `${number(Math.round(ppm / 1000) / 10)} %`;

export function clauseValue(clause: Pick<Clause, 'clause' | 'value' | 'unit' | 'meaning'>): string {
  const { value } = clause;
  if (clause.clause === 'cap_ppm' && value === 1_000_000) return 'no cap';
  switch (clause.unit) {
    case 'bool':
      return value === 0 ? 'no' : 'yes';
    case 'ppm':
      return percent(value);
    case 'ms':
      return duration(value);
    case 'time':
      return value === 0 ? 'never' : value > 8.64e15 ? 'without end' : moment(new Date(value).toISOString());
    case 'set':
      return levels.filter(([bit]) => (value & bit) !== 0).map(([, word]) => word).join(', ');
    case 'choice': {
      const words = choices(clause.meaning).get(value) ?? (clause.clause.startsWith('data_') ? dataWords.get(value) : undefined);
      return words ?? number(value);
    }
    case 'parties':
      return number(value);
    default:
      return value === 0 ? 'none' : `${number(value)} ${clause.unit}`;
  }
}

/** Clauses in the groups in which people ask for them. */
export const groups: readonly { title: string; has: (name: string) => boolean }[] = [
  { title: 'Coming in', has: (n) => /^(admission|levels|members_most|bond_|pair_consent)/.test(n) },
  { title: 'What a level gives and asks', has: (n) => /^(levy_|duty_|data_|reach)/.test(n) },
  { title: 'Votes', has: (n) => /^(vote_|cap_|voting_ms|quorum|carry|admit_ppm|amend_ppm|expel_ppm|dissolve_ppm)/.test(n) },
  { title: 'Who decides', has: (n) => /_vote$/.test(n) },
  { title: 'Leaving, terms and ends', has: () => true },
];

export function grouped(charter: readonly Clause[]): { title: string; clauses: Clause[] }[] {
  const left = [...charter];
  return groups.map(({ title, has }) => {
    const clauses = left.filter((one) => has(one.clause));
    for (const one of clauses) left.splice(left.indexOf(one), 1);
    return { title, clauses };
  });
}
