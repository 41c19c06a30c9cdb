// checkpoint: the signed head of a ledger, judged by the keys that the reader trusts (SPEC/ledger.md,
// src/ledger/checkpoint.h).
//
// By signed-note rules lines by unknown keys are ignored and one bad signature by a known key
// rejects the whole note. Every signature is held to the strict rule, because a head may become
// evidence. Never: a key out of the file itself.
import { equal, unbig } from './bytes';
import { verifyStrict } from './ed25519';
import type { Checkpoint, Note, NoteSignature } from './note';
import { COSIGNATURE_BYTES, cosignedText, readCheckpoint, readNote } from './note';
import type { NoteKey } from './notekey';
import { WITNESS_KEY } from './notekey';
import type { Policy } from './policy';
import { policyMet, policyWitnesses } from './policy';
import { refuse } from './refusal';
import type { Fact } from './report';

const COSIGNED_MAX = 4096;

// Whom the reader trusts about one ledger. need: how many different witnesses must have cosigned; or a policy:
// whose quorum must have, and then nobody else is counted. A federation has no key of its own: log is null, and
// its policy says it all (src/verify/trust.h).
export interface Trust {
  log: NoteKey | null;
  witnesses: NoteKey[];
  need: number;
  policy?: Policy;
  origin?: string; // of a ledger without a key
}

// heldTo says by what a head is judged.
export function heldTo(trust: Trust): Fact {
  if (trust.log !== null) return { what: 'held to the key', value: trust.log.vkey };
  return { what: 'held to a policy', value: `${cosignersOf(trust).length} cosigners` };
}

// ledgerName is the ledger that a trust is about.
export function ledgerName(trust: Trust): string {
  return trust.log?.name ?? trust.origin ?? '';
}

// cosignersOf are those whose cosignatures count.
export function cosignersOf(trust: Trust): NoteKey[] {
  return trust.policy ? policyWitnesses(trust.policy) : trust.witnesses;
}

// One cosignature that verified.
export interface Cosignature {
  witness: NoteKey;
  time: bigint; // Unix seconds, as the witness says
}

export interface Head extends Checkpoint {
  note: Note;
  cosigned: Cosignature[]; // one for each witness; of different public keys `count`
  count: number;
}

// The time of a cosignature, 0 for a ledger's own signature.
function verifyLine(note: Note, line: NoteSignature, key: NoteKey, at: number): bigint {
  const cosigned = key.type === WITNESS_KEY;
  if (line.blob.length !== (cosigned ? COSIGNATURE_BYTES : 64)) refuse('BAD_SIGNATURE', at);
  const time = cosigned ? unbig(line.blob.subarray(0, 8)) : 0n;
  if (cosigned && note.signed.length > COSIGNED_MAX) refuse('TOO_LARGE', note.signed.length);
  const message = cosigned ? cosignedText(time, note.signed) : note.signed;
  if (!verifyStrict(key.key, message, line.blob.subarray(cosigned ? 8 : 0))) refuse('BAD_SIGNATURE', at);
  return time;
}

// For each key the latest time its lines say, undefined when it has none. Line after line, as the C
// program goes: which fault is named first depends on it.
function verifyNote(note: Note, keys: NoteKey[]): (bigint | undefined)[] {
  const times: (bigint | undefined)[] = keys.map(() => undefined);
  note.signatures.forEach((line, at) => {
    keys.forEach((key, k) => {
      if (line.keyId !== key.id || line.name !== key.name) return;
      const time = verifyLine(note, line, key, at);
      if (times[k] === undefined || time > times[k]!) times[k] = time;
    });
  });
  return times;
}

// What cosignatures are asked for; own: none where the ledger's own key has signed, for a betrayal is one without.
function meets(trust: Trust, cosigned: Cosignature[], count: number, own: boolean): boolean {
  if (own && trust.log !== null) return true;
  if (trust.policy) return policyMet(trust.policy, cosigned.map((c) => c.witness));
  return count >= trust.need;
}

// verifyHead reads a checkpoint and requires the ledger's own signature where it has a key, its name as origin, and
// cosignatures as the trust asks. Refuses with BAD_NOTE, BAD_CHECKPOINT, OTHER_LOG, NOT_SIGNED,
// BAD_SIGNATURE, FEW_WITNESSES.
export function verifyHead(bytes: Uint8Array, trust: Trust, own = false): Head {
  const note = readNote(bytes);
  const checkpoint = readCheckpoint(note.signed);
  if (checkpoint.origin !== ledgerName(trust)) refuse('OTHER_LOG');
  if (trust.log !== null && verifyNote(note, [trust.log])[0] === undefined) refuse('NOT_SIGNED');
  const cosigners = cosignersOf(trust);
  const times = verifyNote(note, cosigners);
  const cosigned = cosigners.flatMap((witness, k) =>
    times[k] === undefined ? [] : [{ witness, time: times[k]! }]);
  const distinct = cosigned.filter(
    (c, i) => !cosigned.slice(0, i).some((other) => equal(other.witness.key, c.witness.key)));
  if (!meets(trust, cosigned, distinct.length, own)) refuse('FEW_WITNESSES', distinct.length);
  return { ...checkpoint, note, cosigned, count: distinct.length };
}
