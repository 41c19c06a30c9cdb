// judge: a file, the reader's keys, and what comes of it: finds out which ledger the file says it is of, and
// holds it to the key that the reader trusts for that ledger.
//
// The name of the ledger is all that is taken from the file, and a false name leads nowhere: the signature
// must be by the key trusted under it.
import { equal, hex } from './bytes';
import type { Trust } from './checkpoint';
import { evidenceOrigin, looksLikeEvidence } from './equivocation';
import { readHeads, looksLikeHeads } from './heads';
import { member, readJson, stringMember } from './json';
import { readCheckpoint, readNote } from './note';
import { readVkey } from './notekey';
import { readReceipt } from './receipt';
import { Refusal } from './refusal';
import type { Report, Watch } from './report';
import { looksLikeTlogProof, readTlogProof } from './tlogproof';
import type { TrustedLedger, TrustStore } from './trust';
import { givenByServer, trustOf } from './trust';
import { FILE_MAX, verifyFile } from './verify';

// The ledger that a file says it is of: its name and the ids of the keys that signed, or its key.
export interface Claimed {
  name: string;
  keyIds: string[];
  key: Uint8Array | null;
}

export interface Judgement extends Report {
  // Of which ledger the file says it is; empty for an act alone.
  claimed: string;
  // Whether the reader trusts a key for that ledger, or none is needed.
  judged: boolean;
  // At least one of the keys it was held to was given by a server.
  fromServer: boolean;
}

function inner(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0x7b) {
    const root = readJson(bytes, FILE_MAX, 32);
    const proof = member(root, 'proof');
    return inner(new TextEncoder().encode(typeof proof === 'string' ? proof : stringMember(root, 'checkpoint') ?? ''));
  }
  if (looksLikeTlogProof(bytes)) return readTlogProof(bytes).checkpoint;
  return looksLikeHeads(bytes) ? readHeads(bytes).heads[0] : bytes;
}

// claimedBy is null when the file names no ledger, or cannot be read that far.
export function claimedBy(bytes: Uint8Array): Claimed | null {
  try {
    if (bytes[0]! >= 0xc0) return { name: '', keyIds: [], key: readReceipt(bytes).key };
    if (looksLikeEvidence(bytes)) return { name: evidenceOrigin(bytes), keyIds: [], key: null };
    const note = readNote(inner(bytes));
    const { origin } = readCheckpoint(note.signed);
    return { name: origin, keyIds: note.signatures.filter((s) => s.name === origin).map((s) => s.keyId), key: null };
  } catch (e) {
    if (e instanceof Refusal) return null;
    throw e;
  }
}

// ledgerFor is the trusted ledger that a file should be held to: by name, and among several keys of one name
// by the one that signed.
export function ledgerFor(claimed: Claimed, store: TrustStore): TrustedLedger | undefined {
  const rows = store.map((ledger) => ({ ledger, key: ledger.log === null ? null : readVkey(ledger.log.vkey) }));
  if (claimed.key !== null) return rows.find((r) => r.key !== null && equal(r.key.key, claimed.key!))?.ledger;
  const named = rows.filter((r) => (r.key?.name ?? r.ledger.origin) === claimed.name);
  return (named.find((r) => r.key !== null && claimed.keyIds.includes(r.key.id)) ?? named[0])?.ledger;
}

// For files that cannot be read as far as a head: they fail on their form before any key is asked for. No
// signature can be by it: a name with a space stands in no note.
const NOBODY: Trust = {
  log: { name: 'the ledger', type: 1, key: new Uint8Array(32), id: '00000000', vkey: 'none' },
  witnesses: [],
  need: 0,
};

function nameOf(claimed: Claimed | null): string {
  if (claimed === null) return '';
  return claimed.key === null ? claimed.name : `the key ${hex(claimed.key)}`;
}

// The report with the entry that a proof is of, if it is among these. That a path does not lead from an entry to
// the root says only that it is another proof's; when that is all, the report stays as it was.
function withEntry(alone: Report, bytes: Uint8Array, entries: Uint8Array[], trust: Trust | null): Report {
  const reports = entries.map((entry) => verifyFile(bytes, trust, entry));
  return reports.find((r) => r.holds) ?? reports.find((r) => r.code !== 'peer.proof.merkle' && !ofOther(r)) ?? alone;
}

// A COSE receipt has no root but the one its path leads to: of another entry the signature does not verify.
function ofOther(report: Report): boolean {
  return report.kind === 'COSE receipt' && report.code === 'author.signature.invalid';
}

// judge verifies a file. entries: bytes that may be the entry a proof speaks of; tried where the proof does
// not hold its own.
export function judge(bytes: Uint8Array, entries: Uint8Array[], store: TrustStore, watch: Watch = {}): Judgement {
  const claimed = claimedBy(bytes);
  const ledger = claimed === null ? undefined : ledgerFor(claimed, store);
  const trust = claimed === null ? NOBODY : ledger === undefined ? null : trustOf(ledger);
  const alone = verifyFile(bytes, trust, undefined, watch);
  const report = alone.code === 'operator.file.absent' ? withEntry(alone, bytes, entries, trust) : alone;
  return {
    ...report,
    claimed: nameOf(claimed),
    judged: report.code !== 'caller.trust.missing',
    fromServer: ledger !== undefined && givenByServer(ledger),
  };
}
