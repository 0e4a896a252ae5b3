/** Shape of a tensor; its first axis is the batch. Null: known only when the model is used. */
export type TensorShape = readonly (number | null)[];

/** A tensor between layers; told apart by its identity. */
export interface GraphTensor {
  readonly shape: TensorShape;
}

/** A weight of a layer. */
export interface GraphWeight {
  /** Its name within the layer: `kernel`, `bias`. */
  readonly part: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/** A layer. */
export interface GraphLayer {
  /** Unique within the model. */
  readonly name: string;
  /** Its class in tfjs-layers: `Conv2D`. */
  readonly className: string;
  readonly trainable: boolean;
  /** What `getConfig()` gives. */
  readonly config: Readonly<Record<string, unknown>>;
  /** In the layer's order, which is Keras' own. */
  readonly weights: readonly GraphWeight[];
}

/** One use of a layer; a shared layer has several. */
export interface LayerCall {
  readonly layer: GraphLayer;
  readonly inputs: readonly GraphTensor[];
  readonly output: GraphTensor;
}

/** A model as calls of layers, each after those whose outputs it takes; models within it are resolved. */
export interface ModelGraph {
  readonly name: string;
  readonly input: GraphTensor;
  readonly calls: readonly LayerCall[];
  readonly output: GraphTensor;
}
