import { signal, type ReadonlySignal } from '@preact/signals';
import { ApiError, postJson } from '../../api/fetch-json.js';
import type { Prediction } from '../../api/reply.js';

/** The input of a prediction. */
interface PredictionInput {
  /** [height · width · channels], 0–255 */
  readonly pixels: readonly number[];
  readonly dropout: boolean;
  /** Position in the batch, which determines the dropped units. */
  readonly place: number;
}

/** A layer's output, one byte per value. */
export interface Activation {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly levels: Uint8Array;
}

/** The result of the last prediction. */
export interface PredictionResult {
  readonly version: number;
  readonly digit: number;
  readonly probabilities: readonly number[];
  /** By layer. */
  readonly activations: ReadonlyMap<string, Activation>;
  readonly input: PredictionInput;
}

/** Minimum pause between two predictions. */
const LEAST_GAP_MS = 80;

/** Requests predictions from the coordinator, one at a time. */
export class Predictor {
  readonly result: ReadonlySignal<PredictionResult | undefined>;
  readonly failure: ReadonlySignal<ApiError | undefined>;
  readonly #result = signal<PredictionResult | undefined>(undefined);
  readonly #failure = signal<ApiError | undefined>(undefined);
  #pending: PredictionInput | undefined;
  #last: PredictionInput | undefined;
  #busy = false;

  constructor() {
    this.result = this.#result;
    this.failure = this.#failure;
  }

  /** Requests a prediction when the current one is done; of several pending ones, only the newest. */
  predict(input: PredictionInput): void {
    this.#pending = input;
    void this.#work();
  }

  /** Repeats the last prediction with newer weights. */
  repeat(): void {
    if (this.#last && !this.#busy) this.predict(this.#last);
  }

  /** Clears the result. */
  clear(): void {
    this.#pending = undefined;
    this.#last = undefined;
    this.#result.value = undefined;
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#pending) {
      const input = this.#pending;
      this.#pending = undefined;
      this.#last = input;
      try {
        const response = await postJson('/api/predict', { ...input, activations: true });
        // It may have been cleared meanwhile.
        if (this.#last) this.#result.value = resultOf(response, input);
        this.#failure.value = undefined;
      } catch (error) {
        this.#failure.value = ApiError.from(error);
      }
      await new Promise((resolve) => setTimeout(resolve, LEAST_GAP_MS));
    }
    this.#busy = false;
  }
}

function resultOf(
  { activations = [], ...answer }: Prediction,
  input: PredictionInput,
): PredictionResult {
  const layers = activations.map((each): Activation => ({
    ...each,
    levels: fromBase64(each.levels),
  }));
  return { ...answer, activations: new Map(layers.map((each) => [each.layer, each])), input };
}

/** Decodes base64. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
