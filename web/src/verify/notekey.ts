// notekey: the verifier keys of signed notes (C2SP signed-note v1.0.0, tlog-cosignature v1.0.1).
//
//     key id = first 4 bytes of SHA-256(NAME || 0A || type || public key)
//     vkey   = NAME+hex8(key id)+base64(type || public key)     type 01 a ledger, 04 a witness
//
// The id is a hint to find the key, not a proof of anything.
import { checkUtf8, concat, equal, hex, unbase64, utf8 } from './bytes';
import { sha256 } from './hash';
import { Refusal, refuse } from './refusal';

export const LOG_KEY = 1;
export const WITNESS_KEY = 4;
const NAME_MAX = 255;

export interface NoteKey {
  name: string;
  type: number;
  key: Uint8Array;
  id: string; // 8 hexadecimal digits
  vkey: string;
}

// What no name may hold: ASCII space and below, '+', and every other White_Space of Unicode.
const NOT_IN_NAMES = /[\u0000-\u0020+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

// isName: 1 byte or more of UTF-8 without controls, spaces and '+'.
export function isName(name: string): boolean {
  try {
    checkUtf8(utf8(name));
  } catch {
    return false;
  }
  return name.length > 0 && !NOT_IN_NAMES.test(name);
}

function keyId(name: string, typed: Uint8Array): string {
  return hex(sha256(utf8(name), Uint8Array.of(0x0a), typed).subarray(0, 4));
}

// readVkey reads a vkey. Refuses with BAD_VKEY.
export function readVkey(vkey: string): NoteKey {
  const m = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})$/.exec(vkey);
  if (m === null || m[0]!.length !== vkey.length) refuse('BAD_VKEY');
  const name = m[1]!;
  let typed: Uint8Array = new Uint8Array(0);
  try {
    typed = unbase64(m[3]!);
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
  }
  if (typed.length !== 33 || (typed[0] !== LOG_KEY && typed[0] !== WITNESS_KEY)) refuse('BAD_VKEY');
  if (!isName(name) || utf8(name).length > NAME_MAX) refuse('BAD_VKEY');
  if (keyId(name, typed) !== m[2]) refuse('BAD_VKEY');
  return { name, type: typed[0]!, key: typed.subarray(1), id: m[2]!, vkey };
}

export function sameKey(a: NoteKey, b: NoteKey): boolean {
  return a.type === b.type && a.name === b.name && equal(concat(a.key), concat(b.key));
}
