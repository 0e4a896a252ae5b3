import { readNote, writeNote } from '../folders.js';
import type { BackendName } from '../environment.js';

/** How the backend in use came to be. */
export type BackendWay = 'prebuilt' | 'wheel' | 'wasm';

/** What set-up decided, kept in `.lockstep/tensorflow.json` so that the next start need not look. */
export interface BackendChoice {
  readonly backend: BackendName;
  readonly way: BackendWay;
  /** TensorFlow's version (`native`) or that of the WebAssembly backend. */
  readonly version: string;
  /** One line for each better way that was passed over, with the reason. */
  readonly passedOver: readonly string[];
  /** What the machine offered when the choice was made; another value makes set-up look again. */
  readonly circumstances: string;
}

const NOTE = 'tensorflow.json';

/** The choice of an earlier set-up, or undefined where there was none. */
export function readBackendChoice(): BackendChoice | undefined {
  const note = readNote(NOTE) as BackendChoice | undefined;
  return note !== undefined && Array.isArray(note.passedOver) ? note : undefined;
}

export function writeBackendChoice(choice: BackendChoice): void {
  writeNote(NOTE, choice);
}

/** The backend to load where nothing forces one: set-up's choice; `wasm` is never guessed. */
export function chosenBackend(): BackendName {
  return readBackendChoice()?.backend ?? 'native';
}
