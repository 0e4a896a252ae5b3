import { sizeOf } from '@lockstep/core';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from '../generated/onnx/onnx.js';
import type { GraphWeight } from '../graph/model-graph.js';

/** A plain number is a whole one. */
type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly strings: readonly string[] };

/** Collects the nodes and constants of an ONNX graph. Values are named after the layer that they belong to. */
export class OnnxGraph {
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly #names = new Set<string>();
  #layer = 'model';

  /** Names what is added from now on after a layer. */
  enter(layer: string): void {
    this.#layer = layer;
  }

  /**
   * Adds a node, of whose outputs one is used.
   *
   * @param inputs names of values; empty for an optional one that is left out
   * @param place which of the operator's outputs
   * @returns the output's name
   */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    place = 0,
  ): string {
    const name = this.#unique(operator);
    const output = [...Array.from({ length: place }, () => ''), name];
    this.nodes.push({
      ...{ name, opType: operator, input: [...inputs], output },
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return name;
  }

  /** Adds float32 values. @returns their name */
  floats(values: Float32Array | readonly number[], shape: readonly number[], what: string): string {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return this.#constant(DataType.FLOAT, shape, bytes, what);
  }

  /** Adds a list of int64. @returns its name */
  ints(values: readonly number[], what: string): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant(DataType.INT64, [values.length], bytes, what);
  }

  /**
   * Adds a weight.
   *
   * @param axes the order of its axes in ONNX, then `shape` its shape there; by default as it is
   */
  weight(
    { part, shape, values }: GraphWeight,
    axes: readonly number[] = shape.map((_, axis) => axis),
    as: readonly number[] = axes.map((axis) => shape[axis]),
  ): string {
    return this.floats(transposed(values, shape, axes), as, part);
  }

  #constant(
    dataType: DataType,
    dims: readonly number[],
    rawData: Uint8Array,
    what: string,
  ): string {
    const name = this.#unique(what);
    this.constants.push({ name, dataType, dims: [...dims], rawData });
    return name;
  }

  #unique(what: string): string {
    const wanted = `${this.#layer}/${what}`;
    let name = wanted;
    for (let n = 2; this.#names.has(name); n++) name = `${wanted}_${n}`;
    this.#names.add(name);
    return name;
  }
}

function attribute(name: string, value: Attribute): AttributeProto {
  const empty = { name, f: 0, i: 0, s: new Uint8Array(), ints: [], strings: [] };
  if (typeof value === 'number') return { ...empty, type: AttributeType.INT, i: value };
  if (typeof value === 'string') {
    return { ...empty, type: AttributeType.STRING, s: utf8(value) };
  }
  if ('strings' in value) {
    return { ...empty, type: AttributeType.STRINGS, strings: value.strings.map(utf8) };
  }
  if ('float' in value) return { ...empty, type: AttributeType.FLOAT, f: value.float };
  return { ...empty, type: AttributeType.INTS, ints: [...value] };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The values of a row-major tensor with its axes in another order. */
function transposed(
  values: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  if (axes.every((axis, i) => axis === i)) return values;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = axes.map((axis) => shape[axis]);
  const place = axes.map(() => 0);
  return Float32Array.from(values, () => {
    const from = axes.reduce((sum, axis, i) => sum + place[i] * strides[axis], 0);
    for (let i = place.length - 1; i >= 0; i--) {
      place[i]++;
      if (place[i] < sizes[i]) break;
      place[i] = 0;
    }
    return values[from];
  });
}
