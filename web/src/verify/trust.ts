// trust: whose keys the reader trusts, ledger by ledger: the reader's own choice, and where each came from.
//
//     text pasted -> readTrust -> addTrust -> a store -> trustOf -> what verifyFile is held to
//
// Nothing enters a store by itself. A key that a server gave keeps that mark for ever: it shows that the
// server agrees with itself and no more, until it was compared with what its operator published elsewhere.
import type { Trust } from './checkpoint';
import type { NoteKey } from './notekey';
import { LOG_KEY, readVkey } from './notekey';
import type { Policy } from './policy';
import { policyWitnesses, readPolicy } from './policy';
import { Refusal, refuse } from './refusal';

export type Origin = 'given' | 'server';

export interface TrustedKey {
  vkey: string;
  from: Origin;
}

export interface TrustedLedger {
  // Null for a federation, which has no key: then its name and its policy say whom to trust.
  log: TrustedKey | null;
  // Its name, where it has no key.
  origin: string;
  witnesses: TrustedKey[];
  // How many of the witnesses must have cosigned; null for all of them. Not asked where there is a policy.
  need: number | null;
  // The text of a policy that must be met; empty for none.
  policy: string;
}

// nameOf is a trusted ledger's name.
export function nameOf(ledger: TrustedLedger): string {
  return ledger.log === null ? ledger.origin : ledger.log.vkey.slice(0, ledger.log.vkey.indexOf('+'));
}

export type TrustStore = TrustedLedger[];

export interface TrustRead {
  logs: NoteKey[];
  witnesses: NoteKey[];
  policy: Policy | null;
  // The ledger that a policy is about, where its text says so ("#origin NAME", a comment to stock tools).
  origin: string;
}

// A verifier key anywhere in a line: alone, in quotes of a configuration, behind its name.
const VKEY = /[^\s"'=;,+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}/g;

// readTrust finds verifier keys in a text, or reads it as a policy when it has a quorum line. Refuses with
// BAD_VKEY when there is no key, or one is damaged, and as readPolicy.
export function readTrust(text: string): TrustRead {
  const words = text.replaceAll('\r\n', '\n').trim();
  if (/^[ \t]*quorum[ \t]/m.test(words)) {
    const policy = readPolicy(`${words}\n`);
    const origin = /^#origin[ \t]+(\S+)[ \t]*$/m.exec(words)?.[1] ?? '';
    return { logs: policy.logs.filter((k) => k.type === LOG_KEY), witnesses: policyWitnesses(policy), policy, origin };
  }
  const keys = [...words.matchAll(VKEY)].map((m) => readVkey(m[0]));
  if (keys.length === 0) refuse('BAD_VKEY');
  const [logs, witnesses] = [keys.filter((k) => k.type === LOG_KEY), keys.filter((k) => k.type !== LOG_KEY)];
  return { logs, witnesses, policy: null, origin: '' };
}

// A key that was given otherwise than by the server loses the server's mark; never the other way round.
function merge(old: TrustedKey[], keys: NoteKey[], from: Origin): TrustedKey[] {
  const out = old.map((k) => ({ ...k }));
  for (const { vkey } of keys) {
    const known = out.find((k) => k.vkey === vkey);
    if (known === undefined) out.push({ vkey, from });
    else if (from === 'given') known.from = 'given';
  }
  return out;
}

// A federation under its name: a newer policy takes the place of the older.
function addFederation(store: TrustStore, origin: string, policy: Policy): TrustStore {
  if (policy.root === null) refuse('NO_VKEY'); // "quorum none" trusts nobody
  const fresh = { log: null, origin, witnesses: [], need: null, policy: policy.text };
  const known = store.some((l) => l.log === null && l.origin === origin);
  return known ? store.map((l) => (l.log === null && l.origin === origin ? fresh : l)) : [...store, fresh];
}

// addTrust gives a new store. Witnesses and a policy that come with ledgers belong to these; alone, to every
// ledger of the store; a cell's card holds the key by which it witnesses others too, and no ledger is its own
// witness. Refuses with NO_VKEY when there is no ledger.
export function addTrust(store: TrustStore, read: TrustRead, from: Origin): TrustStore {
  const out: TrustStore = store.map((l) => ({ ...l }));
  if (read.policy && read.logs.length === 0 && read.origin !== '') return addFederation(out, read.origin, read.policy);
  if (read.logs.length === 0 && store.length === 0) refuse('NO_VKEY');
  for (const key of read.logs) {
    const known = out.find((l) => l.log?.vkey === key.vkey);
    if (known) known.log = merge([known.log!], [key], from)[0]!;
    else out.push({ log: { vkey: key.vkey, from }, origin: '', witnesses: [], need: null, policy: '' });
  }
  for (const ledger of out) {
    if (ledger.log === null) continue; // a federation's policy names its cosigners
    if (read.logs.length > 0 && !read.logs.some((k) => k.vkey === ledger.log!.vkey)) continue;
    const own = nameOf(ledger);
    ledger.witnesses = merge(ledger.witnesses, read.witnesses.filter((w) => w.name !== own), from);
    if (read.policy) ledger.policy = read.policy.text;
  }
  return out;
}

function isKey(v: unknown): v is TrustedKey {
  const k = v as TrustedKey | null;
  if (typeof k !== 'object' || k === null || typeof k.vkey !== 'string') return false;
  try {
    readVkey(k.vkey);
  } catch (e) {
    if (e instanceof Refusal) return false;
    throw e;
  }
  return k.from === 'given' || k.from === 'server';
}

function isPolicy(words: string): boolean {
  try {
    return readPolicy(words).root !== null;
  } catch (e) {
    if (e instanceof Refusal) return false;
    throw e;
  }
}

// readStore reads what was kept in the browser; whatever is not in order is left out.
export function readStore(text: string | null): TrustStore {
  let rows: unknown = null;
  try {
    rows = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(rows)) return [];
  return (rows as Partial<TrustedLedger>[]).flatMap((row) => {
    if (!Array.isArray(row?.witnesses) || typeof row.policy !== 'string') return [];
    const origin = typeof row.origin === 'string' ? row.origin : '';
    if (row.log === null ? origin === '' || !isPolicy(row.policy) : !isKey(row.log)) return [];
    const need = typeof row.need === 'number' && Number.isInteger(row.need) && row.need >= 0 ? row.need : null;
    return [{ log: row.log!, origin, witnesses: row.witnesses.filter(isKey), need, policy: row.policy }];
  });
}

// trustOf is what a verification is held to.
export function trustOf(ledger: TrustedLedger): Trust {
  const log = ledger.log === null ? null : readVkey(ledger.log.vkey);
  if (ledger.policy !== '')
    return { log, witnesses: [], need: 0, policy: readPolicy(ledger.policy), origin: ledger.origin };
  const witnesses = ledger.witnesses.map((w) => readVkey(w.vkey));
  return { log, witnesses, need: Math.min(ledger.need ?? witnesses.length, witnesses.length) };
}

// givenByServer says that at least one key in it came from a server.
export function givenByServer(ledger: TrustedLedger): boolean {
  return [ledger.log, ...ledger.witnesses].some((k) => k?.from === 'server');
}
