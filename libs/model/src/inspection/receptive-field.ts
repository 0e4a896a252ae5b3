import { axisGeometry } from '../kernels/padding.js';
import type { Layer } from '../layers/layer.js';
import type { Model } from '../networks/model.js';

/** Where the units of a layer look along one axis of the image, in pixels. */
export interface AxisField {
  /** From the first to the last pixel that a unit sees; strides wider than windows leave holes. */
  readonly size: number;
  /** Pixels between the fields of adjacent units. */
  readonly stride: number;
  /** The first pixel that unit 0 sees; negative where its field begins in the padding. */
  readonly offset: number;
}

/**
 * Unit [row, column] of a layer sees `size` pixels from `offset + index · stride` on, on either axis;
 * near the edges some of them lie outside the image.
 */
export interface ReceptiveField {
  readonly rows: AxisField;
  readonly columns: AxisField;
}

/** A pixel sees itself. */
const PIXEL: AxisField = { size: 1, stride: 1, offset: 0 };

/**
 * What part of the image the units of each layer depend on: the recurrence of Araujo, Norris & Sim,
 * "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
 *
 * @returns one per layer; undefined where units have no place in the image any more, after `flatten`
 */
export function receptiveFields({
  inputShape,
  layers,
}: Pick<Model, 'inputShape' | 'layers'>): (ReceptiveField | undefined)[] {
  let shape: readonly number[] = inputShape;
  let field: ReceptiveField | undefined = { rows: PIXEL, columns: PIXEL };
  const known = new Map<string, ReceptiveField | undefined>();
  return layers.map((layer) => {
    const sources = layer.operations.flatMap(({ sources = [] }) => sources);
    const before = [
      ...(layer.followsPrevious === false ? [] : [field]),
      ...sources.map((name) => known.get(name)),
    ];
    const joined = before.reduce(unionOf);
    field = joined && through(layer, shape, joined);
    shape = layer.outputShape;
    known.set(layer.name, field);
    return field;
  });
}

/** The pixels that either unit sees, of layers of one size. */
function unionOf(
  a: ReceptiveField | undefined,
  b: ReceptiveField | undefined,
): ReceptiveField | undefined {
  if (!a || !b) return undefined;
  const join = (one: AxisField, other: AxisField): AxisField => {
    const offset = Math.min(one.offset, other.offset);
    const end = Math.max(one.offset + one.size, other.offset + other.size);
    return { size: end - offset, stride: one.stride, offset };
  };
  return { rows: join(a.rows, b.rows), columns: join(a.columns, b.columns) };
}

function through(
  { window, outputShape }: Pick<Layer, 'window' | 'outputShape'>,
  [height = 0, width = 0]: readonly number[],
  { rows, columns }: ReceptiveField,
): ReceptiveField | undefined {
  if (outputShape.length < 3) return undefined;
  if (window === undefined) return { rows, columns };
  const widened = (axis: AxisField, input: number): AxisField => ({
    size: axis.size + (window.size - 1) * axis.stride,
    stride: axis.stride * window.stride,
    offset:
      axis.offset -
      axisGeometry(input, window.size, window.stride, window.padding).before * axis.stride,
  });
  return { rows: widened(rows, height), columns: widened(columns, width) };
}
