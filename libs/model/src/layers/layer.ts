import type { BufferSpec, Initialisation } from '@lockstep/core';
import { axisGeometry, type SlidingWindow } from '../kernels/padding.js';
import type { NetworkParameter } from '../networks/network-summary.js';
import type { Operation, SampleShape } from './operation.js';
import type { TensorFlow } from '../tensorflow.js';
import { z } from 'zod';

/** The initial distribution of a parameter's values. */
export type Initial =
  /** Normal(0, σ), redrawn beyond 2σ */
  | { readonly kind: 'truncated-normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** A layer's trainable parameter. */
export interface ModelParameter extends NetworkParameter {
  readonly initial: Initial;
  /** Name, after the layer's, and shape of the same values in a saved LayersModel, where they differ. */
  readonly saved?: { readonly name: string; readonly shape: readonly number[] };
}

/** State of a layer that training changes without a gradient. */
export interface ModelBuffer extends BufferSpec {
  /** Of all its elements before the first step. */
  readonly value: number;
}

/** A parameter of a layer whose gradient is sent in full. */
export function denseParameter(
  name: string,
  shape: readonly number[],
  initial: Initial,
): ModelParameter {
  return { name, shape, gradient: 'dense', factorable: false, initial };
}

/** An operation and the indices, within its layer, of the parameters and buffers it uses. */
export interface LayerOperation {
  readonly operation: Operation;
  readonly parameters: readonly number[];
  /** Absent where it uses none. */
  readonly buffers?: readonly number[];
  /** Names of the earlier layers whose outputs it uses too. */
  readonly sources?: readonly string[];
}

/** A layer as Keras serialises it, for a saved LayersModel. */
export interface KerasLayer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where one layer is several in Keras: what distinguishes its name; the one with weights has none. */
  readonly part?: string;
}

/** A layer built for a known input shape. */
export interface Layer {
  readonly name: string;
  readonly kind: string;
  readonly outputShape: SampleShape;
  readonly parameters: readonly ModelParameter[];
  /** In a saved LayersModel they follow the parameters. Absent for a layer without any. */
  readonly buffers?: readonly ModelBuffer[];
  readonly operations: readonly LayerOperation[];
  /** Window of the layer's input that one unit depends on; absent for one value or the whole input. */
  readonly window?: SlidingWindow;
  /** Whether its input is the output of the layer before it; false for a branch, which begins at its source. */
  readonly followsPrevious?: false;
  /** The layer in Keras: one, several in a row, or none where it only continues from its source. */
  readonly keras: KerasLayer | readonly KerasLayer[];
}

/** A layer's place in the network. */
export interface LayerPlace {
  readonly name: string;
  /** Shape of one sample of the input. */
  readonly inputShape: SampleShape;
  readonly classCount: number;
  /** Number of dropout layers before this one. */
  readonly dropoutIndex: number;
  readonly initialisation: Initialisation;
  /** Output shapes of the layers before this one, by name. */
  readonly earlier: ReadonlyMap<string, SampleShape>;
}

/** A kind of layer as the registry holds it. */
export interface LayerKind<Schema extends z.ZodObject = z.ZodObject> {
  /** `kind` in a definition. */
  readonly name: string;
  /** Layers without a name of their own are called by it and their number: `conv1`, `fc2`. */
  readonly prefix: string;
  /** A definition of this kind: `kind`, `name` and its settings. */
  readonly schema: Schema;
  /** @throws LayerMisfit when the layer does not fit its place */
  make(tf: TensorFlow, layer: z.output<Schema>, place: LayerPlace): Layer;
}

/** A layer that does not fit its place; `buildModel` turns it into a LockstepError. */
export class LayerMisfit extends Error {}

/**
 * The output shape of an earlier layer.
 *
 * @throws LayerMisfit when there is none of this name
 */
export function earlierShape({ earlier }: LayerPlace, name: string): SampleShape {
  const shape = earlier.get(name);
  if (shape) return shape;
  const names = [...earlier.keys()].join(', ') || 'none';
  throw new LayerMisfit(`no layer before it is called ${name}; the names are: ${names}`);
}

/** The name of an earlier layer whose output is used. */
export const earlierLayer = z.string().describe('name of an earlier layer, such as `relu1`');

/** @throws LayerMisfit unless the input is an image */
export function imageShapeOf({ inputShape }: LayerPlace): [number, number, number] {
  const [height, width, channels] = inputShape;
  if (height === undefined || width === undefined || channels === undefined) {
    throw new LayerMisfit(
      `it needs an image [height, width, channels] and is given [${inputShape.join(', ')}]`,
    );
  }
  return [height, width, channels];
}

/**
 * The size of what a sliding window makes of an image, and the image's channels.
 *
 * @param what the window's name, for the message
 * @throws LayerMisfit unless the input is an image at least as large as the window
 */
export function windowOutput(
  place: LayerPlace,
  { size, stride, padding }: SlidingWindow,
  what: 'filter' | 'window',
): { readonly height: number; readonly width: number; readonly channels: number } {
  const [inputHeight, inputWidth, channels] = imageShapeOf(place);
  const height = axisGeometry(inputHeight, size, stride, padding).output;
  const width = axisGeometry(inputWidth, size, stride, padding).output;
  if (height >= 1 && width >= 1) return { height, width, channels };
  throw new LayerMisfit(`its ${size}×${size} ${what} is larger than ${inputHeight}×${inputWidth}`);
}

/** Whether the input is padded. */
export const paddingMode = z
  .enum(['same', 'valid'])
  .describe('`same`: the input is padded, so that stride 1 keeps its size; `valid`: it is not');

/** A count from 1 to the largest int32. */
export const wholeNumber = z.int().min(1).max(0x7fffffff);

/** A layer's own name, for its parameters; by default its kind and number, such as `conv1`. */
export const layerName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    'must begin with a letter and hold only letters, digits, - and _',
  )
  .optional()
  .describe('for its parameters; by default the kind and a number, such as `conv1`');
