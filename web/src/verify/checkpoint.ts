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
import { policyMet } from './policy';
import { refuse } from './refusal';

const COSIGNED_MAX = 4096;

// Whom the reader trusts about one ledger. need: how many different witnesses must have cosigned;
// policy, where there is one: whose quorum must have.
export interface Trust {
  log: NoteKey;
  witnesses: NoteKey[];
  need: number;
  policy?: Policy;
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

// verifyHead reads a checkpoint and requires the ledger's own signature, its name as origin, and
// cosignatures as the trust asks. Refuses with BAD_NOTE, BAD_CHECKPOINT, OTHER_LOG, NOT_SIGNED,
// BAD_SIGNATURE, FEW_WITNESSES.
export function verifyHead(bytes: Uint8Array, trust: Trust): Head {
  const note = readNote(bytes);
  const checkpoint = readCheckpoint(note.signed);
  if (checkpoint.origin !== trust.log.name) refuse('OTHER_LOG');
  if (verifyNote(note, [trust.log])[0] === undefined) refuse('NOT_SIGNED');
  const times = verifyNote(note, trust.witnesses);
  const cosigned = trust.witnesses.flatMap((witness, k) =>
    times[k] === undefined ? [] : [{ witness, time: times[k]! }]);
  const distinct = cosigned.filter(
    (c, i) => !cosigned.slice(0, i).some((other) => equal(other.witness.key, c.witness.key)));
  if (distinct.length < trust.need) refuse('FEW_WITNESSES', distinct.length);
  if (trust.policy && !policyMet(trust.policy, cosigned.map((c) => c.witness)))
    refuse('FEW_WITNESSES', distinct.length);
  return { ...checkpoint, note, cosigned, count: distinct.length };
}
