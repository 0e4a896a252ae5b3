import type { ReceptiveField } from '../../api/reply.js';

/** A part of an image, in fractions of its size. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A unit's receptive field, clipped to the image. */
export function receptiveRegion(
  { rows, columns }: ReceptiveField,
  unit: { readonly row: number; readonly column: number },
  picture: { readonly width: number; readonly height: number },
): Part {
  const along = (axis: ReceptiveField['rows'], index: number, length: number): [number, number] => {
    const first = axis.offset + index * axis.stride;
    const from = Math.min(length, Math.max(0, first));
    return [from, Math.max(from, Math.min(length, first + axis.size))];
  };
  const [top, bottom] = along(rows, unit.row, picture.height);
  const [left, right] = along(columns, unit.column, picture.width);
  return {
    left: left / picture.width,
    top: top / picture.height,
    width: (right - left) / picture.width,
    height: (bottom - top) / picture.height,
  };
}
