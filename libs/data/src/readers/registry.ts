import { localPath } from '@lockstep/core';
import type { DataReader, DataSource } from './reader.js';
import * as registered from './registered.js';

/** Every data reader. */
export const dataReaders: readonly DataReader[] = Object.values(registered);

/**
 * The source for a path: by the first reader that recognises it, else the idx reader, whose error says
 * what is there and what is missing.
 */
export async function sourceFor(given: string): Promise<DataSource> {
  const path = localPath(given);
  for (const reader of dataReaders) {
    if (await reader.recognises(path)) return withDefaults(reader);
  }
  return withDefaults(registered.idxReader);
}

function withDefaults(reader: DataReader): DataSource {
  return reader.make(reader.schema.parse({}));
}
