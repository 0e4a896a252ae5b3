import {
  LockstepError,
  specHash,
  storedForm,
  storedRunSpecSchema,
  type InitialOrigin,
  type RunSpec,
} from '@lockstep/core';
import type { DataTraits } from '@lockstep/data';
import { tableEncodingSchema } from '@lockstep/data/table-encoding';
import { z } from 'zod';
import { parseJson } from './parse-json.js';

/** What `spec.json` holds: the spec, and where the run's model and data were found. */
export interface RunRecord {
  readonly runId: string;
  readonly spec: RunSpec;
  /** A built-in's name or the path of the user's model module. */
  readonly model: string;
  /** A data set's name or the path of its folder. */
  readonly data: string;
  /** What the samples were found to be; absent in runs that began before it was recorded. */
  readonly traits?: DataTraits;
  /** Where the given weights come from that it begins with, if any. */
  readonly initial?: InitialOrigin;
  readonly createdAt: string;
}

const whole = z.int().nonnegative();
const schema = z.object({
  runId: z.string(),
  spec: storedRunSpecSchema,
  model: z.string(),
  data: z.string(),
  traits: z
    .object({
      background: z.enum(['dark', 'light']).exactOptional(),
      unusedLabels: z.array(whole),
      classNames: z.array(z.string()).exactOptional(),
      encoding: tableEncodingSchema.exactOptional(),
      notes: z.array(z.string()).exactOptional(),
    })
    .exactOptional(),
  initial: z.object({ from: z.string(), taken: whole, fresh: z.array(z.string()) }).exactOptional(),
  createdAt: z.string(),
  /** `specHash` of the spec: an altered spec would train another run than the one begun. */
  specSha256: z.string(),
});

/** `spec.json` as bytes. */
export function encodeRunRecord(record: RunRecord): Uint8Array {
  const { spec } = record;
  const content = { ...record, spec: storedForm(spec), specSha256: specHash(spec) };
  return Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
}

/**
 * Reads `spec.json`.
 *
 * @param path for the error
 * @throws LockstepError `run-damaged` when it is no record, or its spec is not the one written
 */
export function parseRunRecord(bytes: Uint8Array, path: string): RunRecord {
  const found = parseJson(schema, bytes);
  if (found) {
    const { specSha256, ...record } = found;
    if (specSha256 === specHash(record.spec)) return record;
  }
  const what = found ? 'has been altered' : 'cannot be read';
  throw new LockstepError('run-damaged', `${path} ${what}`, { remedy: 'restore it from a backup' });
}
