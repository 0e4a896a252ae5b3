import type { ComponentChildren } from 'preact';
import './table.css';

export interface TableProps {
  /** What the table holds, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The rows, as `<tr>`. */
  readonly children: ComponentChildren;
}

export interface Column {
  readonly name: ComponentChildren;
  /** Numbers stand under each other. */
  readonly figure?: boolean;
}

/** Rows under named columns; scrolls sideways in itself where the page is narrow. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    <div class="table-scroll" tabindex={0} role="region" aria-label={caption}>
      <table class="table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, figure = false }, index) => (
              <th key={index} scope="col" class={figure ? 'figure' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
