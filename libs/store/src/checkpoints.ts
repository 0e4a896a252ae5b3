import { createHash } from 'node:crypto';
import { LockstepError, specHashAt, type RunSpec } from '@lockstep/core';
import { z } from 'zod';
import { removeLeftovers, replaceFile, type Disk } from './disk.js';
import { parseJson } from './parse-json.js';

/** A saved state: weights, buffers and optimizer state after `version` steps. */
export interface Checkpoint {
  readonly version: number;
  /** `specHashAt` its version, of the run it belongs to. */
  readonly specHash: string;
  /** SHA-256 (hex) of the weights alone, as in `run-finished`. */
  readonly weightsSha256: string;
  /** The weights, the buffers, then each of the optimizer's slots, as little-endian float32. */
  readonly state: Uint8Array;
}

const FOLDER = 'checkpoints';
const MAGIC = 'lockstep-checkpoint-1\n';
const DIGEST_BYTES = 32;
const NAME = /^step-(\d{9})\.ckpt$/;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const headerSchema = z.object({
  version: z.int().nonnegative(),
  specHash: z.string(),
  weightsSha256: sha256,
  stateBytes: z.int().nonnegative(),
});

/**
 * Saves a checkpoint so that a crash at any moment leaves either the whole of it or none: temporary
 * file, fsync, rename, fsync of the folder. The file is a magic line, a JSON header line, the
 * state's bytes and the SHA-256 of all that.
 *
 * @param keep how many checkpoints stay, newest first
 * @param kept a version whose checkpoint stays, however old
 * @returns bytes written
 */
export async function saveCheckpoint(
  disk: Disk,
  checkpoint: Checkpoint,
  keep: number,
  kept?: number,
): Promise<number> {
  const { state, ...header } = checkpoint;
  const head = Buffer.from(
    `${MAGIC}${JSON.stringify({ ...header, stateBytes: state.byteLength })}\n`,
  );
  const digest = createHash('sha256').update(head).update(state).digest();
  await disk.makeFolder(FOLDER);
  await replaceFile(disk, FOLDER, fileName(checkpoint.version), [head, state, digest]);
  const versions = await listCheckpoints(disk);
  for (const version of versions.slice(0, -keep)) {
    if (version !== kept) await disk.remove(`${FOLDER}/${fileName(version)}`);
  }
  return head.byteLength + state.byteLength + digest.byteLength;
}

/**
 * Removes what a crash while saving has left behind; for the run's writer alone. A replacement that a
 * superseded coordinator has begun fails from then on, since its temporary file is gone.
 */
export async function tidyRunFolder(disk: Disk): Promise<void> {
  for (const folder of ['.', FOLDER]) await removeLeftovers(disk, folder);
}

/** Removes the checkpoints of a version and of those after it. */
export async function removeCheckpoints(disk: Disk, from: number): Promise<void> {
  const removed = (await listCheckpoints(disk)).filter((version) => version >= from);
  for (const version of removed) await disk.remove(`${FOLDER}/${fileName(version)}`);
  if (removed.length > 0) await disk.syncFolder(FOLDER);
}

/** Versions with a checkpoint file, ascending; a file's name says nothing of its soundness. */
export async function listCheckpoints(disk: Disk): Promise<readonly number[]> {
  const names = await disk.list(FOLDER);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * The newest sound checkpoint not beyond `atMost`. Damaged ones are passed over and named.
 */
export async function loadLastCheckpoint(
  disk: Disk,
  spec: RunSpec,
  atMost = Infinity,
): Promise<{ checkpoint?: Checkpoint; damaged: readonly string[] }> {
  const damaged: string[] = [];
  for (const version of [...(await listCheckpoints(disk))].reverse()) {
    if (version > atMost) continue;
    try {
      return { checkpoint: await loadCheckpoint(disk, version, spec), damaged };
    } catch (error) {
      damaged.push(LockstepError.from(error).message);
    }
  }
  return { damaged };
}

/**
 * Reads one checkpoint and checks all of it.
 *
 * @throws LockstepError `run-damaged` when it is missing, torn, altered or of another run
 */
export async function loadCheckpoint(
  disk: Disk,
  version: number,
  spec: RunSpec,
): Promise<Checkpoint> {
  const name = fileName(version);
  const bad = (what: string, cause?: unknown): LockstepError =>
    new LockstepError('run-damaged', `checkpoint ${name} ${what}`, {
      remedy: 'an earlier checkpoint is used where there is one',
      cause,
    });
  const bytes = await disk.read(`${FOLDER}/${name}`).catch((cause: unknown) => {
    throw bad('cannot be read', cause);
  });
  if (!bytes) throw bad('is missing');
  const body = bytes.subarray(0, Math.max(0, bytes.byteLength - DIGEST_BYTES));
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(bytes.subarray(body.byteLength))) throw bad('is torn or altered');
  const { header, state } = parseBody(body) ?? {};
  if (!header || !state) throw bad('is no checkpoint of this version of Lockstep');
  const specHash = specHashAt(spec, version);
  if (header.specHash !== specHash) throw bad('belongs to a run with another spec');
  if (header.version !== version) throw bad(`holds version ${header.version}`);
  return { version, specHash, weightsSha256: header.weightsSha256, state };
}

function parseBody(
  body: Uint8Array,
): { header: z.infer<typeof headerSchema>; state: Uint8Array } | undefined {
  const magic = Buffer.from(body.subarray(0, MAGIC.length)).toString('latin1');
  const headerEnd = body.indexOf(0x0a, MAGIC.length);
  if (magic !== MAGIC || headerEnd < 0) return undefined;
  const header = parseJson(headerSchema, body.subarray(MAGIC.length, headerEnd));
  // A copy of its own: typed arrays over it need 4-byte alignment.
  const state = Uint8Array.from(body.subarray(headerEnd + 1));
  return header && header.stateBytes === state.byteLength ? { header, state } : undefined;
}

/** Where a version's checkpoint lies in the run's folder, if there is one. */
export function checkpointPath(version: number): string {
  return `${FOLDER}/${fileName(version)}`;
}

function fileName(version: number): string {
  return `step-${String(version).padStart(9, '0')}.ckpt`;
}
