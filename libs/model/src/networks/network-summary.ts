import type { ParameterSpec } from '@lockstep/core';

/** One line of a network's summary. */
export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  /** Of one sample. */
  readonly outputShape: readonly number[];
  readonly parameterCount: number;
}

/** A trainable parameter as the network declares it; `gradient` is dense, see `parametersFor`. */
export interface NetworkParameter extends ParameterSpec {
  /** Whether its gradient can be had as two factors: a dense layer's weights. */
  readonly factorable: boolean;
}
