// note: signed notes, checkpoints and cosignatures as text (C2SP signed-note v1.0.0, tlog-checkpoint
// v1.0.0, tlog-cosignature v1.0.1; src/wire/note.h).
//
//     example.com/log           \
//     42                         | text: the checkpoint, ends in a newline
//     BASE64(root)              /
//                               the last empty line of the note
//     — NAME BASE64(key id[4] || signature)
//
// Grammar only; signatures are judged in checkpoint.ts.
import { checkUtf8, hex, readUint, text, unbase64, utf8 } from './bytes';
import { isName } from './notekey';
import { Refusal, refuse } from './refusal';

const NOTE_MAX = 65536;
const SIGNATURES_MAX = 64;
const BLOB_MAX = 5120;
const DASH = '\u2014 ';
export const COSIGNATURE_BYTES = 72;

export interface NoteSignature {
  name: string;
  keyId: string; // 8 hexadecimal digits
  blob: Uint8Array; // without the key id
}

export interface Note {
  signed: Uint8Array; // the text, ends in \n
  signatures: NoteSignature[];
}

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Uint8Array;
  extension: string[];
}

function readLine(line: string): NoteSignature {
  if (!line.startsWith(DASH)) refuse('BAD_NOTE');
  const space = line.indexOf(' ', DASH.length);
  if (space < 0) refuse('BAD_NOTE');
  const name = line.slice(DASH.length, space);
  if (!isName(name)) refuse('BAD_NOTE');
  const blob = orBad(() => unbase64(line.slice(space + 1)), 'BAD_NOTE');
  if (blob.length < 5 || blob.length > BLOB_MAX) refuse('BAD_NOTE');
  return { name, keyId: hex(blob.subarray(0, 4)), blob: blob.subarray(4) };
}

// Any refusal inside becomes this one.
function orBad<T>(read: () => T, code: 'BAD_NOTE' | 'BAD_CHECKPOINT', detail = 0): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof Refusal) refuse(code, detail);
    throw e;
  }
}

// readNote splits a whole note; lines by unknown keys are kept. Refuses with BAD_NOTE, TOO_LARGE.
export function readNote(bytes: Uint8Array): Note {
  if (bytes.length > NOTE_MAX) refuse('TOO_LARGE', bytes.length);
  if (bytes.length < 2 || bytes.at(-1) !== 0x0a || bytes.includes(0x09)) refuse('BAD_NOTE');
  orBad(() => checkUtf8(bytes), 'BAD_NOTE');
  const words = text(bytes);
  const split = words.lastIndexOf('\n\n');
  if (split < 0) refuse('BAD_NOTE');
  const lines = words.slice(split + 2).split('\n');
  lines.pop(); // behind the last newline
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    if (signatures.length === SIGNATURES_MAX) refuse('TOO_LARGE', SIGNATURES_MAX);
    signatures.push(readLine(line));
  }
  if (signatures.length === 0) refuse('BAD_NOTE', bytes.length);
  return { signed: utf8(words.slice(0, split + 1)), signatures };
}

// readCheckpoint reads the text of a note: origin, size, base64 of 32 bytes, extension lines.
// Refuses with BAD_CHECKPOINT (detail: line number from 1).
export function readCheckpoint(signed: Uint8Array): Checkpoint {
  const lines = text(signed).split('\n');
  if (lines.pop() !== '' || lines.length < 3) refuse('BAD_CHECKPOINT');
  lines.forEach((line, i) => {
    if (line === '') refuse('BAD_CHECKPOINT', i + 1);
  });
  const [origin, size, root, ...extension] = lines;
  const n = orBad(() => readUint(size!), 'BAD_CHECKPOINT', 2);
  const hash = orBad(() => unbase64(root!), 'BAD_CHECKPOINT', 3);
  if (hash.length !== 32) refuse('BAD_CHECKPOINT', 3);
  return { origin: origin!, size: n, root: hash, extension };
}

// cosignedText is what a witness signs: the time, in Unix seconds, and the checkpoint.
export function cosignedText(time: bigint, signed: Uint8Array): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text(signed)}`);
}
