import { readNote, writeNote } from '../folders.js';
import type { BackendName } from '../environment.js';

/** How the backend was installed. */
export type BackendWay = 'prebuilt' | 'wheel' | 'wasm';

/** The decision of set-up, stored in `.lockstep/tensorflow.json` for the next start. */
export interface BackendChoice {
  readonly backend: BackendName;
  readonly way: BackendWay;
  /** TensorFlow's version (`native`) or that of the WebAssembly backend. */
  readonly version: string;
  /** One line for each better way that failed, with the reason. */
  readonly passedOver: readonly string[];
  /** The machine's state at the time of the choice; if it changes, set-up decides again. */
  readonly circumstances: string;
}

const NOTE = 'tensorflow.json';

/** The choice of an earlier set-up, if any. */
export function readBackendChoice(): BackendChoice | undefined {
  const note = readNote(NOTE) as BackendChoice | undefined;
  return note !== undefined && Array.isArray(note.passedOver) ? note : undefined;
}

export function writeBackendChoice(choice: BackendChoice): void {
  writeNote(NOTE, choice);
}

/** The default backend: set-up's choice; never `wasm` without that choice. */
export function chosenBackend(): BackendName {
  return readBackendChoice()?.backend ?? 'native';
}
