// finality: by whose cosignatures a head of a federation meets its policy. The policy is text in the form
// of C2SP (witness, group, quorum lines); the head is a signed note.

export interface Witness {
  name: string;
  cosigned: boolean;
}

export interface Group {
  name: string;
  need: number;
  /** Names of witnesses, or of groups above. */
  of: string[];
  have: number;
  met: boolean;
}

export interface Finality {
  size: number;
  witnesses: Witness[];
  groups: Group[];
  /** What the quorum line names is met. */
  met: boolean;
}

/** Names on the signature lines of a note. */
export function signers(note: string): Set<string> {
  const names = new Set<string>();
  for (const line of note.slice(note.indexOf('\n\n') + 2).split('\n')) {
    const [dash, name] = line.split(' ');
    if (dash === '—' && name) names.add(name);
  }
  return names;
}

/** How many are needed: a number, "any" or "all". */
function needOf(word: string | undefined, n: number): number {
  if (word === 'any') return 1;
  if (word === 'all') return n;
  return Number(word);
}

/** Signatures are not verified here: the member's daemon did; the room Evidence does it in the browser. */
export function finality(policy: string, note: string): Finality {
  const there = signers(note);
  const witnesses: Witness[] = [];
  const groups: Group[] = [];
  const met = new Map<string, boolean>();
  let quorum = '';
  for (const line of policy.split('\n')) {
    const [word, name = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'witness') {
      witnesses.push({ name, cosigned: there.has(name) });
      met.set(name, there.has(name));
    } else if (word === 'group') {
      const of = rest.slice(1);
      const have = of.filter((one) => met.get(one) === true).length;
      const need = needOf(rest[0], of.length);
      groups.push({ name, need, of, have, met: have >= need });
      met.set(name, have >= need);
    } else if (word === 'quorum') quorum = name;
  }
  return { size: Number(note.split('\n')[1] ?? 0), witnesses, groups, met: met.get(quorum) === true };
}
