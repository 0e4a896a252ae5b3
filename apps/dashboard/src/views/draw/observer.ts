import { signal, type ReadonlySignal } from '@preact/signals';
import { ApiError } from '../../api/api-error.js';
import { postJson } from '../../api/fetch-json.js';
import type { Prediction } from '../../api/network.js';
import { fromBase64 } from '../../pictures/base64.js';

/** What is asked of the network. */
export interface Question {
  /** [height · width · channels], 0–255 */
  readonly pixels: readonly number[];
  readonly dropout: boolean;
  /** Whose noise is used with dropout. */
  readonly place: number;
}

/** A layer's output, a byte a value. */
export interface Activation {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly levels: Uint8Array;
}

/** What the network made of the last question answered. */
export interface Seen {
  readonly version: number;
  readonly digit: number;
  readonly probabilities: readonly number[];
  /** By layer. */
  readonly activations: ReadonlyMap<string, Activation>;
  readonly question: Question;
}

export interface Observer {
  readonly seen: ReadonlySignal<Seen | undefined>;
  readonly failure: ReadonlySignal<ApiError | undefined>;
  /** Asks, as soon as the question before it is answered; of several that wait, the newest. */
  look(question: Question): void;
  /** Asks the same again: the network learns on. */
  lookAgain(): void;
  /** Forgets the answer. */
  forget(): void;
}

/** A hand is no faster than the eye: less often than a stroke moves, often enough to look live. */
const LEAST_GAP_MS = 80;

export function createObserver(): Observer {
  const seen = signal<Seen | undefined>(undefined);
  const failure = signal<ApiError | undefined>(undefined);
  let wanted: Question | undefined;
  let last: Question | undefined;
  let busy = false;

  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (wanted) {
      const question = wanted;
      wanted = undefined;
      last = question;
      try {
        const answer = await postJson('/api/predict', { ...question, activations: true });
        if (last) seen.value = read(answer, question);
        failure.value = undefined;
      } catch (error) {
        failure.value = ApiError.from(error);
      }
      await new Promise((resolve) => setTimeout(resolve, LEAST_GAP_MS));
    }
    busy = false;
  };
  const look = (question: Question): void => {
    wanted = question;
    void work();
  };
  return {
    seen,
    failure,
    look,
    lookAgain: () => {
      if (last && !busy) look(last);
    },
    forget: () => {
      wanted = undefined;
      last = undefined;
      seen.value = undefined;
    },
  };
}

function read({ activations = [], ...answer }: Prediction, question: Question): Seen {
  const layers = activations.map((each): Activation => ({
    ...each,
    levels: fromBase64(each.levels),
  }));
  return { ...answer, activations: new Map(layers.map((each) => [each.layer, each])), question };
}
