// table: facts in rows. On a narrow screen it scrolls by itself and can be reached with the keyboard. Of a
// long one the first rows are there, and a button brings more.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { number } from './format';

const SHOWN_FIRST = 300;

export interface Column<Row> {
  head: string;
  cell: (row: Row) => ComponentChildren;
  /** Figures stand right. */
  number?: boolean;
  /** The column that names the row, for screen readers. */
  name?: boolean;
}

export function Table<Row>({ caption, columns, rows, hideCaption = false, keyOf }: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  hideCaption?: boolean;
  keyOf?: (row: Row) => string;
}): JSX.Element {
  const [most, setMost] = useState(SHOWN_FIRST);
  const left = rows.length - most;
  return (
    <div class="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class={hideCaption ? 'unseen' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={column.number ? 'number' : undefined}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row, i) => (
            <tr key={keyOf ? keyOf(row) : i}>
              {columns.map((column) => {
                const of = column.number ? 'number' : undefined;
                return column.name ? (
                  <th scope="row" class={of}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td class={of}>{column.cell(row)}</td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <p class="table-more">
          <button type="button" onClick={() => setMost(most + SHOWN_FIRST)}>
            Show {number(Math.min(left, SHOWN_FIRST))} more of {number(left)}
          </button>
        </p>
      )}
    </div>
  );
}
