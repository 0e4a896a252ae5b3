import {
  sectionLengths,
  viewGradient,
  type Gradient,
  type ParameterSpec,
  type Sections,
} from '@lockstep/core';
import * as tf from '@tensorflow/tfjs-core';
import { weightGradient } from '../kernels/matrix-product.js';
import type { ParameterGradient } from '../layers/operation.js';

/** Copies the gradients of parameters from the backend to their places in a gradient's sections. */
export class SectionWriter {
  readonly sections: Sections<Float32Array>;
  readonly #entries: Gradient;
  readonly #factorsKnown: (factored: Float32Array) => void;
  #missingFactors: number;

  /** @param factorsKnown called once, as soon as the factored section is complete */
  constructor(
    parameters: readonly ParameterSpec[],
    sampleCount: number,
    factorsKnown: (factored: Float32Array) => void,
  ) {
    const lengths = sectionLengths({ parameters }, sampleCount);
    this.sections = {
      factored: new Float32Array(lengths.factored),
      dense: new Float32Array(lengths.dense),
    };
    this.#entries = viewGradient(this.sections, parameters, sampleCount);
    this.#factorsKnown = factorsKnown;
    this.#missingFactors = this.#entries.filter(({ kind }) => kind === 'factored').length;
    if (this.#missingFactors === 0) factorsKnown(this.sections.factored);
  }

  /** @param index of the parameter; each is written once */
  write(gradient: ParameterGradient, index: number): void {
    const entry = this.#entries[index];
    if (entry.kind === 'factored') {
      if (gradient.kind === 'dense') throw new TypeError('this parameter has no factored gradient');
      entry.inputs.set(gradient.inputs.dataSync());
      entry.deltas.set(gradient.deltas.dataSync());
      if (--this.#missingFactors === 0) this.#factorsKnown(this.sections.factored);
      return;
    }
    const values =
      gradient.kind === 'dense'
        ? gradient.values
        : weightGradient(tf, gradient.inputs, gradient.deltas);
    entry.values.set(values.dataSync());
  }
}
