import type { ComponentChildren } from 'preact';
import './table.css';

interface TableProps {
  /** Caption for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The rows, as `<tr>`. */
  readonly children: ComponentChildren;
}

export interface Column {
  readonly name: ComponentChildren;
  /** Whether the column contains numbers, which are right-aligned. */
  readonly figure?: boolean;
}

/** A table that scrolls horizontally in a narrow page. */
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
