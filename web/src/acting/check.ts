// check: what the agent described, read once more by this page from the bytes themselves, by the same code
// that verifies evidence. A sentence that is not what the bytes say is not signed from here. Fetched when
// the first act is described.
import { openAct } from '../verify/act';
import { base64, hex, unbase64, utf8 } from '../verify/bytes';
import { sha256 } from '../verify/hash';
import { linkOf } from '../verify/pasted';
import { say } from '../verify/print';
import type { Described } from './agent';

/** checkDescribed gives "" when bytes, digest, id, sentence and author agree, else what differs. */
export function checkDescribed(described: Described): string {
  try {
    const bytes = unbase64(described.bytes);
    const act = openAct(bytes);
    if (hex(sha256(bytes)) !== described.digest) return 'the digest is not that of the bytes';
    if (act.id !== described.id) return 'the id is not that of the bytes';
    if (say(act.message) !== described.sentence) return `the bytes say something else: ${say(act.message)}`;
    if (act.envelope.claims.author !== described.signs.passport) return 'the bytes name another author';
    return '';
  } catch (error) {
    return `the bytes cannot be read: ${String(error)}`;
  }
}

/** receiptLink is where the Evidence room verifies a receipt: behind the #, so that no server gets it. */
export const receiptLink = (text: string): string => linkOf(base64(utf8(text)));
