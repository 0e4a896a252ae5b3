import type { RunRecord } from '@lockstep/coordinator';
import type { LockstepError } from '@lockstep/core';
import type { PictureFacts } from './fit-picture.js';

/** What a network predicts for. */
export interface Sample {
  /** The file that holds it, and its place in the file where there are several. */
  readonly source: string;
  /** One sample of the run's input shape, as the network receives it. */
  readonly values: Float32Array;
  /** What was understood of a picture. */
  readonly picture?: PictureFacts;
}

/** A kind of files that samples are read from. */
export interface SampleKind {
  /** Whether samples for this run are read from the path; never throws. */
  takes(path: string, record: RunRecord): Promise<boolean>;
  /**
   * Reads the samples one after another; an error in place of each that cannot be read.
   *
   * @throws LockstepError where none can be read for this run
   */
  read(path: string, record: RunRecord): AsyncIterable<Sample | LockstepError>;
}
