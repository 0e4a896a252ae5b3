import type { DataSpec, RegistryEntry } from '@lockstep/core';
import type { z } from 'zod';
import type { DataSet, Split } from '../data-set.js';

/** The fields of a RunSpec that a test half must agree with. */
export type TestSplitSpec = Pick<DataSpec, 'testCount' | 'inputShape' | 'target' | 'reader'>;

/** A reader of one format of data, as the registry holds it. */
export interface DataReader<Schema extends z.ZodObject = z.ZodObject> extends RegistryEntry {
  readonly schema: Schema;
  /** Whether a path, as given by `--data`, holds data of this format; quick, and never throws. */
  recognises(path: string): Promise<boolean>;
  make(settings: z.infer<Schema>): DataSource;
}

/** A reader with its settings. */
export interface DataSource {
  /**
   * Reads a data set wholly into memory.
   *
   * @throws LockstepError `data-not-found`, `data-damaged` or `data-invalid`, naming the file
   */
  read(path: string): Promise<DataSet>;
  /**
   * Reads the test half alone.
   *
   * @throws LockstepError `data-not-found`, or `data-damaged` or `data-invalid` when number, shape or
   *   targets differ from `spec`
   */
  readTestSplit(path: string, spec: TestSplitSpec): Promise<Split>;
}
