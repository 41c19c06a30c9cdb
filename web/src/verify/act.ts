// act: an act opened, and its signatures checked (src/kernel/act.h, src/verify/log_proof.c).
//
// What is checked: one encoding, every field within its bounds, every signature by the key that the
// act names. What is not: whether that key was the author's when it signed, and whether the realm
// accepted the act. That it stands in a ledger says so; see verify.ts.
import { hex } from './bytes';
import type { Message } from './codec';
import { decodeAct } from './codec';
import { verify } from './ed25519';
import type { Envelope } from './envelope';
import { readEnvelope } from './envelope';
import { sha256 } from './hash';
import { refuse } from './refusal';

export interface Act {
  envelope: Envelope;
  message: Message;
  id: string; // SHA-256(protected || payload)
  bytes: Uint8Array;
}

// openAct decodes an act. Refuses with what readEnvelope and decodeAct refuse with.
export function openAct(bytes: Uint8Array): Act {
  const envelope = readEnvelope(bytes);
  const message = decodeAct(envelope.payload);
  return { envelope, message, id: hex(sha256(envelope.protectedBytes, envelope.payload)), bytes };
}

// checkSignatures refuses with BAD_SIGNATURE (detail: which signer) unless every one verifies.
export function checkSignatures(act: Act): void {
  act.envelope.signers.forEach((s, i) => {
    if (!verify(s.key, s.signed, s.signature)) refuse('BAD_SIGNATURE', i);
  });
}
