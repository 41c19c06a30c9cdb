// rows: a list of any length, of which only what is in sight exists. Rows are equally high; they are
// asked for in blocks as they come into sight, and what was read stays.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const block = 100;

/** Rows of a growing list, by place. read gives rows [from, from + count) in any number. */
export class Blocks<Row> {
  private readonly held = new Map<number, readonly Row[]>();
  private readonly under = new Set<number>();
  private readonly read: (from: number, count: number) => Promise<readonly Row[]>;

  constructor(read: (from: number, count: number) => Promise<readonly Row[]>) {
    this.read = read;
  }

  at(place: number): Row | undefined {
    return this.held.get(Math.floor(place / block))?.[place % block];
  }

  /** want asks for what is missing of places [from, to) and calls `came` when something came. */
  want(from: number, to: number, came: () => void, failed: (error: unknown) => void): void {
    for (let b = Math.floor(from / block); b * block < to; b++) {
      const have = this.held.get(b)?.length ?? 0;
      const needed = Math.min(block, to - b * block);
      if (have >= needed || this.under.has(b)) continue;
      this.under.add(b);
      this.read(b * block, block)
        .then((rows) => {
          this.held.set(b, rows);
          this.under.delete(b);
          came();
        })
        .catch((error: unknown) => {
          this.under.delete(b);
          failed(error);
        });
    }
  }
}

export function Rows<Row>({ label, count, height, blocks, row, newestFirst, failed }: {
  label: string;
  count: number;
  /** Of a row, in pixels. */
  height: number;
  blocks: Blocks<Row>;
  row: (row: Row | undefined, place: number) => ComponentChildren;
  newestFirst: boolean;
  failed: (error: unknown) => void;
}): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [tall, setTall] = useState(600);
  const [, came] = useState(0);
  const place = (line: number): number => (newestFirst ? count - 1 - line : line);

  useEffect(() => {
    const box = frame.current;
    if (!box) return undefined;
    const measure = (): void => setTall(box.clientHeight);
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(top / height) - 10);
  const last = Math.min(count, Math.ceil((top + tall) / height) + 10);
  useEffect(() => {
    if (last <= first) return;
    const ends = [place(first), place(last - 1)];
    blocks.want(Math.min(...ends), Math.max(...ends) + 1, () => came((n) => n + 1), failed);
  }, [first, last, count, blocks]);

  const lines = [];
  for (let line = first; line < last; line++)
    lines.push(
      <li key={place(line)} class="row" aria-setsize={count} aria-posinset={line + 1} style={{ transform: `translateY(${line * height}px)`, height: `${height}px` }}>
        {row(blocks.at(place(line)), place(line))}
      </li>,
    );
  return (
    <div class="rows" ref={frame} role="region" aria-label={label} tabIndex={0} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <ul style={{ height: `${count * height}px` }}>{lines}</ul>
    </div>
  );
}
