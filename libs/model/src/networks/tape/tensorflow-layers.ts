import type * as core from '@tensorflow/tfjs-core';
import type * as layers from '@tensorflow/tfjs-layers';

/** The engine's own TensorFlow together with tfjs-layers: what a model file's function receives. */
export type TensorFlowLayers = typeof core & typeof layers;

/** A layer of a LayersModel. */
export type TapeLayer = layers.LayersModel['layers'][number];
