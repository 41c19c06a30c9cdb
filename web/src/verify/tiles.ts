// tiles: the consistency path between two sizes of a ledger, from the tiles that any mirror serves (SPEC/ledger.md,
// C2SP tlog-tiles v0.1.0).
//
// Nothing here is believed: a path made from wrong tiles leads to wrong roots, and heads.ts says so. The reader
// of tiles is the caller's, so that this part knows no network.
import { nodeHash } from './hash';
import { readCheckpoint, readNote, type Checkpoint } from './note';
import { refuse } from './refusal';

const WIDTH = 256;
const HASH = 32;
const HEIGHT = 8;

export type ReadTile = (path: string) => Promise<Uint8Array>;

// tilePath is the path of a tile of hashes; width 256 for a whole one.
export function tilePath(level: number, index: number, width: number): string {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0').match(/.{3}/g)!;
  const name = groups.map((g, i) => (i < groups.length - 1 ? `x${g}` : g)).join('/');
  return `tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ''}`;
}

// The hashes of a ledger of one size. Indices are below 2^53: no tile of a larger tree can be fetched anyway.
class Tree {
  private readonly tiles = new Map<string, Promise<Uint8Array>>();

  constructor(private readonly size: number, private readonly read: ReadTile) {}

  private tile(level: number, index: number): Promise<Uint8Array> {
    const count = Math.floor(this.size / WIDTH ** level);
    const width = Math.min(WIDTH, count - index * WIDTH);
    const path = tilePath(level, index, width);
    let tile = this.tiles.get(path);
    if (tile === undefined) {
      tile = this.read(path).then((bytes) => (bytes.length === width * HASH ? bytes : refuse('BAD_PROOF_TEXT')));
      this.tiles.set(path, tile);
    }
    return tile;
  }

  // The root of 2^height whole leaves, the index-th such subtree.
  private async whole(height: number, index: number): Promise<Uint8Array> {
    const level = Math.floor(height / HEIGHT);
    const inside = 2 ** (height % HEIGHT);
    const first = index * inside;
    const tile = await this.tile(level, Math.floor(first / WIDTH));
    const at = first % WIDTH;
    let row = Array.from({ length: inside }, (_, i) => tile.subarray((at + i) * HASH, (at + i + 1) * HASH));
    while (row.length > 1) row = row.filter((_, i) => i % 2 === 0).map((left, i) => nodeHash(left, row[2 * i + 1]!));
    return row[0]!;
  }

  // The root over n leaves behind `from`, which is a multiple of the least power of two not below n.
  async root(n: number, from: number): Promise<Uint8Array> {
    const height = Math.log2(n);
    if (Number.isInteger(height)) return this.whole(height, from / n);
    const k = splitOf(n);
    return nodeHash(await this.root(k, from), await this.root(n - k, from + k));
  }

  // RFC 9162 section 2.1.4.1: SUBPROOF(older, D[from : from + n], whole).
  async path(older: number, n: number, from: number, whole: boolean): Promise<Uint8Array[]> {
    if (older === n) return whole ? [] : [await this.root(n, from)];
    const k = splitOf(n);
    return older <= k
      ? [...(await this.path(older, k, from, whole)), await this.root(n - k, from + k)]
      : [...(await this.path(older - k, n - k, from + k, false)), await this.root(k, from)];
  }
}

// The largest power of two below n.
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

// consistencyPath is the path from the older size to the newer. Refuses with RANGE for sizes that have none,
// BAD_PROOF_TEXT for a tile of another length; and fails as `read` fails.
export async function consistencyPath(older: bigint, newer: bigint, read: ReadTile): Promise<Uint8Array[]> {
  if (older < 1n || older > newer || newer > BigInt(Number.MAX_SAFE_INTEGER)) refuse('RANGE');
  return new Tree(Number(newer), read).path(Number(older), Number(newer), 0, true);
}

// peekHead reads a checkpoint that nobody has verified yet.
export function peekHead(bytes: Uint8Array): Checkpoint {
  return readCheckpoint(readNote(bytes).signed);
}
