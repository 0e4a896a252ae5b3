import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSpec } from '@lockstep/core';

export interface LedgerLine {
  readonly step: number;
  readonly term: number;
  readonly skipped?: true;
  readonly shards: readonly {
    readonly index: number;
    readonly worker: string;
    readonly attempt: number;
  }[];
}

/** The ledger's lines as they stand, read by other code than the product's. */
export function readLedger(runFolder: string): readonly LedgerLine[] {
  const path = join(runFolder, 'ledger.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LedgerLine);
}

/** How many shards each worker was counted for. */
export function countedShards(ledger: readonly LedgerLine[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { worker } of ledger.flatMap(({ shards }) => shards)) {
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  return counts;
}

export function readSpec(runFolder: string): RunSpec {
  return (JSON.parse(readFileSync(join(runFolder, 'spec.json'), 'utf8')) as { spec: RunSpec }).spec;
}

/** Versions of the checkpoints, ascending. */
export function checkpointVersions(runFolder: string): readonly number[] {
  const folder = join(runFolder, 'checkpoints');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => (name.endsWith('.ckpt') ? Number(/\d+/.exec(name)?.[0]) : []));
}

/**
 * SHA-256 of the weights in the last checkpoint, computed from its bytes: a magic line, a header
 * line, the state (weights first) and 32 bytes of digest.
 */
export function weightsHashOfLastCheckpoint(runFolder: string): string {
  const bytes = newestCheckpoint(runFolder);
  const start = bytes.indexOf(0x0a, bytes.indexOf(0x0a) + 1) + 1;
  const parameters = readSpec(runFolder).model.parameters;
  const values = parameters
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, size) => sum + size, 0);
  return createHash('sha256')
    .update(bytes.subarray(start, start + 4 * values))
    .digest('hex');
}

/** SHA-256 of the newest checkpoint's file: equal where the whole state is, and the spec. */
export function newestCheckpointSha256(runFolder: string): string {
  return createHash('sha256').update(newestCheckpoint(runFolder)).digest('hex');
}

function newestCheckpoint(runFolder: string): Buffer {
  const folder = join(runFolder, 'checkpoints');
  return readFileSync(join(folder, readdirSync(folder).sort().at(-1) ?? ''));
}
