import { createHash } from 'node:crypto';
import { type Evaluation, type RunSpec, specHashAt } from '@lockstep/core';
import { z } from 'zod';
import { removeLeftovers, replaceFile, type Disk } from './disk.js';
import { parseJson } from './parse-json.js';

const FOLDER = 'evaluations';
const NAME = /^step-(\d{9})\.json$/;
const DIGEST_CHARACTERS = 64;

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const schema = z.object({
  specHash: z.string(),
  version: z.int().nonnegative(),
  testAccuracy: z.number().min(0).max(1).exactOptional(),
  testLoss: z.number(),
  metrics: z.record(z.string(), z.number()),
  predictions: bytes,
  confidences: bytes,
});

/**
 * Saves what the workers made of the test set, to be looked at after a restart: the SHA-256 of the
 * line that follows, and that line, as a whole or not at all.
 *
 * @param keep how many stay, the newest
 */
export async function saveEvaluation(
  disk: Disk,
  spec: RunSpec,
  { predictions, confidences, ...figures }: Evaluation,
  keep: number,
): Promise<void> {
  const line = JSON.stringify({
    ...{ specHash: specHashAt(spec, figures.version), ...figures },
    predictions: base64Of(predictions),
    confidences: base64Of(confidences),
  });
  await disk.makeFolder(FOLDER);
  await replaceFile(disk, FOLDER, fileName(figures.version), [
    Buffer.from(`${digestOf(line)}\n${line}\n`),
  ]);
  for (const version of (await versionsIn(disk)).slice(0, -keep)) await forget(disk, version);
}

/**
 * The evaluations that a run goes on with, the newest last. Those of later versions, which are
 * computed again, and what is damaged are removed: the next evaluation shows as much. For the run's
 * writer alone.
 */
export async function takeUpEvaluations(
  disk: Disk,
  spec: RunSpec,
  atMost: number,
): Promise<readonly Evaluation[]> {
  await removeLeftovers(disk, FOLDER);
  const found: Evaluation[] = [];
  for (const version of await versionsIn(disk)) {
    const evaluation = version <= atMost ? await load(disk, spec, version) : undefined;
    if (evaluation) found.push(evaluation);
    else await forget(disk, version);
  }
  return found;
}

/** The evaluations that a run's folder keeps, newest last, without damaged ones; changes nothing. */
export async function readEvaluations(disk: Disk, spec: RunSpec): Promise<readonly Evaluation[]> {
  const versions = await versionsIn(disk);
  const found = await Promise.all(versions.map((version) => load(disk, spec, version)));
  return found.filter((evaluation) => evaluation !== undefined);
}

async function load(disk: Disk, spec: RunSpec, version: number): Promise<Evaluation | undefined> {
  const content = await disk.read(`${FOLDER}/${fileName(version)}`).catch(() => undefined);
  const text = Buffer.from(content ?? []).toString();
  const line = text.slice(DIGEST_CHARACTERS + 1, -1);
  if (text !== `${digestOf(line)}\n${line}\n`) return undefined;
  const parsed = parseJson(schema, Buffer.from(line));
  if (parsed?.specHash !== specHashAt(spec, version) || parsed.version !== version)
    return undefined;
  const { specHash: _specHash, ...figures } = parsed;
  const { target, testCount } = spec.data;
  const classCount = 'classes' in target ? target.classes : 0;
  const count = classCount === 0 ? 0 : testCount; // none for a regression
  const predictions = classesIn(parsed.predictions, count, classCount);
  const confidences = confidencesIn(parsed.confidences, count);
  return predictions && confidences ? { ...figures, predictions, confidences } : undefined;
}

function base64Of({ buffer, byteOffset, byteLength }: Uint16Array | Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** A sum of rounded probabilities may exceed 1 by this. */
const ROUNDING = 1e-3;

/** The probabilities that bytes hold, if there are `count` of them. */
function confidencesIn(found: Uint8Array, count: number): Float32Array | undefined {
  if (found.length !== count * Float32Array.BYTES_PER_ELEMENT) return undefined;
  const confidences = new Float32Array(found.slice().buffer);
  const isShare = (each: number): boolean => each >= 0 && each <= 1 + ROUNDING;
  if (!confidences.every(isShare)) return undefined;
  return confidences.map((each) => Math.min(1, each));
}

/** The classes that bytes hold, if there are `count` of them below `classCount`. */
function classesIn(found: Uint8Array, count: number, classCount: number): Uint16Array | undefined {
  if (found.length !== count * Uint16Array.BYTES_PER_ELEMENT) return undefined;
  const classes = new Uint16Array(found.slice().buffer);
  return classes.every((each) => each < classCount) ? classes : undefined;
}

async function versionsIn(disk: Disk): Promise<readonly number[]> {
  const names = await disk.list(FOLDER);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function forget(disk: Disk, version: number): Promise<void> {
  return disk.remove(`${FOLDER}/${fileName(version)}`);
}

function digestOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

function fileName(version: number): string {
  return `step-${String(version).padStart(9, '0')}.json`;
}
