// tlogproof: one file that proves one entry of a log (C2SP tlog-proof@v1; SPEC/proofs.md).
//
//     c2sp.org/tlog-proof@v1
//     extra BASE64          (absent when there is none)
//     index N
//     BASE64 ...            the inclusion path, leaf side first, at most 64 lines
//                           an empty line
//     the checkpoint, verbatim, with all its signatures
//
// It works on bytes up to the checkpoint: that is judged as the bytes it came in.
import { readUint, text, unbase64 } from './bytes';
import { Refusal, refuse } from './refusal';

const HEAD = 'c2sp.org/tlog-proof@v1';
const PATH_MAX = 64;
const EXTRA_MAX = 4096;

export interface TlogProof {
  extra: Uint8Array | null;
  index: bigint;
  path: Uint8Array[];
  checkpoint: Uint8Array; // a whole signed note
}

// A line that is not ASCII is none of this format; it becomes one that nothing matches.
function ascii(bytes: Uint8Array): string {
  return bytes.some((b) => b > 0x7f) ? '\u0080' : text(bytes);
}

class Lines {
  private pos = 0;
  number = 0;

  constructor(private readonly bytes: Uint8Array) {}

  next(): string {
    const end = this.bytes.indexOf(0x0a, this.pos);
    this.number++;
    if (end < 0) refuse('BAD_PROOF_TEXT', this.number);
    const line = ascii(this.bytes.subarray(this.pos, end));
    this.pos = end + 1;
    return line;
  }

  rest(): Uint8Array {
    return this.bytes.subarray(this.pos);
  }
}

// Any refusal inside is one of the proof's form, at that line.
function at<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof Refusal) refuse('BAD_PROOF_TEXT', line);
    throw e;
  }
}

function readHash(line: string, number: number): Uint8Array {
  const hash = at(number, () => unbase64(line));
  return hash.length === 32 ? hash : refuse('BAD_PROOF_TEXT', number);
}

function readExtra(line: string, number: number): Uint8Array {
  const extra = at(number, () => unbase64(line));
  return extra.length > 0 && extra.length <= EXTRA_MAX ? extra : refuse('BAD_PROOF_TEXT', number);
}

// readTlogProof reads a proof file. Refuses with BAD_PROOF_TEXT (detail: line number from 1).
export function readTlogProof(bytes: Uint8Array): TlogProof {
  const lines = new Lines(bytes);
  if (lines.next() !== HEAD) refuse('BAD_PROOF_TEXT', lines.number);
  let line = lines.next();
  let extra: Uint8Array | null = null;
  if (line.startsWith('extra ')) {
    extra = readExtra(line.slice(6), lines.number);
    line = lines.next();
  }
  if (!line.startsWith('index ')) refuse('BAD_PROOF_TEXT', lines.number);
  const index = at(lines.number, () => readUint(line.slice(6)));
  const path: Uint8Array[] = [];
  while ((line = lines.next()) !== '') {
    if (path.length === PATH_MAX) refuse('BAD_PROOF_TEXT', lines.number);
    path.push(readHash(line, lines.number));
  }
  if (lines.rest().length === 0) refuse('BAD_PROOF_TEXT', lines.number + 1);
  return { extra, index, path, checkpoint: lines.rest() };
}

export function looksLikeTlogProof(bytes: Uint8Array): boolean {
  const begins = 'c2sp.org/tlog-proof@';
  return bytes.length >= begins.length && [...begins].every((c, i) => c.charCodeAt(0) === bytes[i]);
}
