import { z } from 'zod';
import { replaceFile, type Disk } from './disk.js';
import { parseJson } from './parse-json.js';

/** Who writes a run: the content of `terms/<term>.json`. */
const schema = z.object({
  term: z.int().positive(),
  host: z.string(),
  pid: z.int(),
  /** Milliseconds since the epoch, by the writer's clock, at its last renewal; 0 once it has released. */
  at: z.number(),
  /** Counts the renewals: the content changes while the writer lives, whatever its clock does. */
  renewals: z.int().nonnegative().exactOptional(),
  /** Distinguishes the term from one of the same number in a copy of the run's folder. */
  id: z.string().exactOptional(),
  /** Identity of the folder in which the term began. */
  folder: z.string().exactOptional(),
});

export type TermRecord = z.infer<typeof schema>;

/** The newest term of a run, as it is on the disk. */
export interface LastTerm {
  /** 0 where there is none. */
  readonly term: number;
  readonly bytes: Uint8Array;
  /** Absent where a crash has torn it. */
  readonly record: TermRecord | undefined;
}

/** The folder of the term files. */
export const TERMS = 'terms';
/** Up to 15 digits, so that every term is a whole number with a successor. */
const NAME = /^([1-9]\d{0,14})\.json$/;

export function termPath(term: number): string {
  return `${TERMS}/${term}.json`;
}

export async function lastTerm(disk: Disk): Promise<number> {
  const terms = (await disk.list(TERMS)).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  return Math.max(0, ...terms.map(Number));
}

export async function readLastTerm(disk: Disk): Promise<LastTerm> {
  const term = await lastTerm(disk);
  const bytes = (await disk.read(termPath(term))) ?? new Uint8Array();
  return { term, bytes, record: parseJson(schema, bytes) };
}

export function encodeTerm(record: TermRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** Replaces a term's file; for the writer of that term alone. */
export function replaceTerm(disk: Disk, record: TermRecord): Promise<void> {
  return replaceFile(disk, TERMS, `${record.term}.json`, [encodeTerm(record)]);
}
