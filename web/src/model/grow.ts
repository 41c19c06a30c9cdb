// grow: tables that only grow, read once and then only what is new; shared by all rooms.
import { get } from '../api/client';
import type { Page } from '../api/types';

const page = 1000;

export class Growing<Row> {
  rows: Row[] = [];
  /** The table has more rows than `most`. */
  cut = false;
  private readonly path: string;
  private readonly most: number;
  private readonly fresh: number;
  private since = 0;
  private under: Promise<readonly Row[]> | null = null;

  /** fresh: milliseconds after which everything is read anew, for rows that may change; Infinity: they never do. */
  constructor(path: string, most: number, fresh: number) {
    this.path = path;
    this.most = most;
    this.fresh = fresh;
  }

  /** read gives all rows; whoever asks meanwhile gets the same answer. */
  read(): Promise<readonly Row[]> {
    this.under ??= this.readOn().finally(() => {
      this.under = null;
    });
    return this.under;
  }

  private async readOn(): Promise<readonly Row[]> {
    const anew = this.since === 0 || Date.now() - this.since > this.fresh;
    const rows = anew ? [] : [...this.rows];
    if (anew) this.since = Date.now();
    let after: number | undefined = rows.length;
    while (after !== undefined && rows.length < this.most) {
      const got: Page<Row> = await get<Page<Row>>(`${this.path}?limit=${page}&after=${after}`);
      rows.push(...got.items);
      this.cut = got.count > rows.length && rows.length >= this.most;
      after = got.next !== undefined && got.next > after && rows.length < got.count ? got.next : undefined;
    }
    // The same array when nothing came, so that nothing is drawn again for it.
    if (rows.length !== this.rows.length || anew) this.rows = rows;
    return this.rows;
  }
}
