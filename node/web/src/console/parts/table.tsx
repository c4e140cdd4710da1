// A table where there is room for one, and a card for each row where there is not. The roles
// are said outright: browsers forget them when the rows are laid out as cards.
import type { ComponentChildren } from "preact";

export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => ComponentChildren;
  /** The one that says which row it is: the heading of its card. */
  readonly isHeading?: boolean;
  /** Figures stand at the end of their cell. */
  readonly isFigure?: boolean;
}

export interface TableProps<T> {
  /** What the table is about. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  idOf: (row: T) => string;
}

export function Table<T>({ label, columns, rows, idOf }: TableProps<T>) {
  return (
    <table class="table" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((it) => <th key={it.name} role="columnheader" scope="col" class={it.isFigure ? "figure" : undefined}>{it.name}</th>)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={idOf(row)} role="row" data-row={idOf(row)}>
            {columns.map((it) => (
              it.isHeading
                ? <th key={it.name} role="rowheader" scope="row">{it.cell(row)}</th>
                : <td key={it.name} role="cell" data-label={it.name} class={it.isFigure ? "figure" : undefined}><div>{it.cell(row)}</div></td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
