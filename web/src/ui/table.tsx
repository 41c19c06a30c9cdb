// table: facts in rows. On a narrow screen it scrolls by itself and can be reached with the keyboard.
import type { ComponentChildren, JSX } from 'preact';

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
          {rows.map((row, i) => (
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
    </div>
  );
}
