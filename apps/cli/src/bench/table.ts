import { outColours as pc } from '../output/colours.js';
import { columns } from '../output/columns.js';

/** Rows under a head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const [title = '', ...lines] = columns([head, ...rows]);
  return [pc.dim(title), ...lines].join('\n');
}
