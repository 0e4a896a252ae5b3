import { z } from 'zod';

const number = z.object({
  name: z.string(),
  /** Value of a missing cell. */
  fill: z.number(),
  /** A value x becomes (x − mean) ÷ deviation. */
  mean: z.number(),
  deviation: z.number(),
});

const text = z.object({
  name: z.string(),
  /** One input each: 1 where the cell is equal, else 0; '' is an empty cell. */
  categories: z.array(z.string()),
});

/** How a table's rows become inputs, as its training rows determined it. */
export const tableEncodingSchema = z.object({
  target: z.string(),
  /** How many columns the table has; absent where it names them. */
  columnCount: z.int().positive().exactOptional(),
  delimiter: z.string().exactOptional(),
  columns: z.union([
    z.array(z.union([number, text])),
    /** Names of columns whose numbers are bytes of a picture. */
    z.object({ pixels: z.array(z.string()) }),
  ]),
});

export type TableEncoding = z.infer<typeof tableEncodingSchema>;
export type NumberEncoding = z.infer<typeof number>;
export type TextEncoding = z.infer<typeof text>;
export type ColumnEncoding = NumberEncoding | TextEncoding;

/** Names of the encoded columns, in the order of their inputs. */
export function encodedNames({ columns }: TableEncoding): readonly string[] {
  return 'pixels' in columns ? columns.pixels : columns.map(({ name }) => name);
}

/** How many inputs a row becomes. */
export function encodedWidth({ columns }: TableEncoding): number {
  if ('pixels' in columns) return columns.pixels.length;
  return columns.reduce((sum, each) => sum + widthOf(each), 0);
}

export function widthOf(column: ColumnEncoding): number {
  return 'categories' in column ? column.categories.length : 1;
}
