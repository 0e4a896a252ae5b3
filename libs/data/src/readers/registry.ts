import {
  localPath,
  LockstepError,
  Registry,
  type DataReaderSpec,
  type SettingsOf,
} from '@lockstep/core';
import type { DataReader, DataSource } from './reader.js';
import * as registered from './registered.js';

/** The settings of all data readers by name, each optional. */
export type ReaderSettings = SettingsOf<(typeof registered)[keyof typeof registered]['schema']>;

/** Every data reader, by name. */
export const dataReaders = new Registry<DataReader>('data reader', Object.values(registered));

/**
 * The reader of the data at a path, with its settings: the first one that recognises them, else the idx
 * reader, whose error says what is there and what is missing.
 *
 * @param given what the user has set
 * @throws LockstepError `bad-option` with a line for each setting that the reader does not have, or that is
 *   out of bounds
 */
export async function chooseReader(
  path: string,
  given: Readonly<Record<string, unknown>>,
): Promise<DataReaderSpec> {
  const { name: kind } = (await readerOf(localPath(path))) ?? registered.idxReader;
  const { settings, mistakes, has } = dataReaders.parse(kind, given);
  if (mistakes.length === 0) return { kind, ...settings };
  throw new LockstepError('bad-option', mistakes.join('\n'), {
    remedy: `--data ${path} is read by data reader ${kind}: ${has}`,
  });
}

/** The source that a RunSpec names. */
export function sourceOf(reader: DataReaderSpec): DataSource {
  const { entry, settings } = dataReaders.read(reader);
  return entry.make(settings);
}

async function readerOf(path: string): Promise<DataReader | undefined> {
  for (const reader of dataReaders.entries) {
    if (await reader.recognises(path)) return reader;
  }
  return undefined;
}
