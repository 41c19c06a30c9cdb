// envelope: the COSE message around an act (SPEC/act.md, src/wire/envelope.h).
//
//     COSE_Sign1, tag 18   [ protected, {}, payload, signature ]                   one key
//     COSE_Sign,  tag 98   [ protected, {}, payload, [ [own, {}, signature] ... ] ]   2 to 16 keys
//
// What it accepts has exactly one encoding. Signatures are checked in act.ts.
import { concat, equal, hex, isZero, text, unhex, utf8 } from './bytes';
import { Reader, string } from './cbor';
import { Refusal, refuse } from './refusal';

export const ENTRY_MAX = 65535;
const SIGNERS_MAX = 16;
const TAG_SIGN1 = 18n;
const TAG_SIGN = 98n;
const CONTENT_TYPE = 'application/vnd.comity.act+cbor';
const ALG = 1n;
const TYPE = 3n;
const KID = 4n;
const CLAIMS = 15n;

export interface Claims {
  author: string; // iss: 64 hexadecimal digits; empty in an inception
  subject: string; // sub
  realm: string; // aud
  expires: bigint; // exp, Unix seconds
  nonce: Uint8Array; // cti
}

export interface Signer {
  key: Uint8Array;
  signature: Uint8Array;
  signed: Uint8Array; // the Sig_structure
}

export interface Envelope {
  claims: Claims;
  protectedBytes: Uint8Array;
  payload: Uint8Array;
  several: boolean;
  signers: Signer[];
}

function bad(reader: Reader): never {
  refuse('BAD_ENVELOPE', reader.pos);
}

function readIdText(reader: Reader): string {
  const words = text(reader.want('text').bytes);
  const id = unhex(words, 32);
  if (hex(id) !== words || isZero(id)) bad(reader); // lower case only, so that there is one form
  return words;
}

function readClaims(reader: Reader): Claims {
  const out: Claims = { author: '', subject: '', realm: '', expires: 0n, nonce: new Uint8Array(16) };
  const pairs = reader.want('map').n;
  let last = 0n;
  let must = 0;

  for (let i = 0n; i < pairs; i++) {
    const key = reader.want('uint').n;
    if (key <= last) bad(reader);
    last = key;
    if (key === 1n) out.author = readIdText(reader);
    else if (key === 2n) out.subject = readIdText(reader);
    else if (key === 3n) out.realm = readIdText(reader);
    else if (key === 4n) {
      out.expires = reader.want('uint').n;
      must++;
    } else if (key === 7n) {
      out.nonce = reader.want('bytes').bytes;
      if (out.nonce.length !== 16) bad(reader);
      must++;
    } else bad(reader);
  }
  return must === 2 ? out : bad(reader);
}

function readAlg(reader: Reader): void {
  const token = reader.next();
  if (token.kind !== 'negint' || (token.n !== 7n && token.n !== 18n)) refuse('BAD_ALG', reader.pos);
}

function readKid(reader: Reader): Uint8Array {
  const { bytes } = reader.want('bytes');
  return bytes.length === 32 ? bytes : bad(reader);
}

interface Bucket {
  claims: Claims | null;
  key: Uint8Array | null;
}

// A protected bucket holds exactly these labels, ascending.
function readBucket(bytes: Uint8Array, want: bigint[]): Bucket {
  const reader = new Reader(bytes);
  const out: Bucket = { claims: null, key: null };

  if (reader.want('map').n !== BigInt(want.length)) bad(reader);
  for (const label of want) {
    if (reader.want('uint').n !== label) bad(reader);
    if (label === ALG) readAlg(reader);
    else if (label === KID) out.key = readKid(reader);
    else if (label === CLAIMS) out.claims = readClaims(reader);
    else if (!equal(reader.want('text').bytes, utf8(CONTENT_TYPE))) bad(reader);
  }
  reader.end();
  return out;
}

// That a bucket ends too early or too late is a fault of the envelope: its string is complete.
function readHeaders(bytes: Uint8Array, want: bigint[]): Bucket {
  try {
    return readBucket(bytes, want);
  } catch (e) {
    if (e instanceof Refusal && (e.code === 'SHORT' || e.code === 'TRAILING'))
      refuse('BAD_ENVELOPE', e.detail);
    throw e;
  }
}

function readEmptyMap(reader: Reader): void {
  if (reader.want('map').n !== 0n) bad(reader);
}

function readSignature(reader: Reader): Uint8Array {
  const { bytes } = reader.want('bytes');
  return bytes.length === 64 ? bytes : bad(reader);
}

// "Signature1" or "Signature" with the array head before it, and the empty external data.
function sigStructure(several: boolean, ...parts: Uint8Array[]): Uint8Array {
  const context = several ? 'Signature' : 'Signature1';
  const head = Uint8Array.of(several ? 0x85 : 0x84);
  const [payload, ...before] = [parts.pop()!, ...parts];
  return concat(
    head,
    string('text', utf8(context)),
    ...before.map((p) => string('bytes', p)),
    string('bytes', new Uint8Array(0)),
    string('bytes', payload!),
  );
}

function readSigners(reader: Reader, protectedBytes: Uint8Array, payload: Uint8Array): Signer[] {
  const { n } = reader.want('array');
  const out: Signer[] = [];

  if (n < 2n || n > BigInt(SIGNERS_MAX)) bad(reader); // one signature has the shorter form
  for (let i = 0n; i < n; i++) {
    if (reader.want('array').n !== 3n) bad(reader);
    const own = reader.want('bytes').bytes;
    const key = readHeaders(own, [ALG, KID]).key!;
    readEmptyMap(reader);
    const signature = readSignature(reader);
    if (out.some((s) => equal(s.key, key))) refuse('SURPLUS_SIGNATURE', Number(i));
    out.push({ key, signature, signed: sigStructure(true, protectedBytes, own, payload) });
  }
  return out;
}

// readEnvelope parses one act. Refuses with BAD_ENVELOPE, BAD_ALG, SURPLUS_SIGNATURE, TOO_LARGE and
// what the CBOR reader refuses with.
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > ENTRY_MAX) refuse('TOO_LARGE', ENTRY_MAX);
  const reader = new Reader(bytes);
  const tag = reader.want('tag').n;
  if (tag !== TAG_SIGN1 && tag !== TAG_SIGN) bad(reader);
  const several = tag === TAG_SIGN;
  if (reader.want('array').n !== 4n) bad(reader);
  const protectedBytes = reader.want('bytes').bytes;
  readEmptyMap(reader);
  const payload = reader.want('bytes').bytes;
  const { claims, key } = readHeaders(protectedBytes, several ? [TYPE, CLAIMS] : [ALG, TYPE, KID, CLAIMS]);
  const signers = several
    ? readSigners(reader, protectedBytes, payload)
    : [{ key: key!, signature: readSignature(reader), signed: sigStructure(false, protectedBytes, payload) }];
  reader.end();
  return { claims: claims!, protectedBytes, payload, several, signers };
}
