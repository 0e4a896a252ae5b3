import { createHash } from 'node:crypto';
import { LockstepError } from '@lockstep/core';
import { replaceFile, type AppendFile, type Disk } from './disk.js';

/** Which contribution counted for a shard. */
export interface LedgerShard {
  readonly index: number;
  readonly sampleCount: number;
  readonly worker: string;
  readonly attempt: number;
  /** `contributionHash`, hex. */
  readonly sha256: string;
}

/** One committed step. */
export interface LedgerEntry {
  readonly step: number;
  readonly term: number;
  readonly shards: readonly LedgerShard[];
  /** Mean cross-entropy over the batch, in nats. */
  readonly loss: number;
}

/** A line of `ledger.jsonl`: an entry chained to the line before it. */
interface LedgerLine extends LedgerEntry {
  /** SHA-256 (hex) of the chain before and of this entry: a flipped byte anywhere breaks it. */
  readonly chain: string;
}

/** The append-only record of which contribution was counted for which shard of which step. */
export interface Ledger {
  /** Writes a step's line; on the disk, though not synced, when this returns. */
  append(entry: LedgerEntry): void;
  sync(): Promise<void>;
  close(): void;
}

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** The good entries found, in step order. */
  readonly entries: readonly LedgerEntry[];
  /** Bytes of a torn last line that were dropped. */
  readonly droppedBytes: number;
}

const FILE = 'ledger.jsonl';

/**
 * Opens a run's ledger, dropping a torn last line. The file is replaced by a copy, so that a
 * coordinator of an earlier term that still holds the old one open writes into nothing.
 *
 * @throws LockstepError `run-damaged` when a line other than the last is damaged
 */
export async function openLedger(disk: Disk, runId: string): Promise<OpenedLedger> {
  const { entries, chain, droppedBytes } = await readLedger(disk, runId);
  await replaceFile(disk, '.', FILE, [Buffer.from(entries.map((entry) => entry.text).join(''))]);
  const file = disk.openAppend(FILE);
  return {
    ledger: writerFrom(file, chain),
    entries: entries.map(({ entry }) => entry),
    droppedBytes,
  };
}

/** Reads a ledger without changing it. */
export async function readLedger(
  disk: Disk,
  runId: string,
): Promise<{
  entries: readonly { entry: LedgerEntry; text: string }[];
  chain: string;
  droppedBytes: number;
}> {
  const text = Buffer.from((await disk.read(FILE)) ?? []).toString('utf8');
  const entries: { entry: LedgerEntry; text: string }[] = [];
  let chain = chainStart(runId);
  let offset = 0;
  while (offset < text.length) {
    const end = text.indexOf('\n', offset);
    const line = text.slice(offset, end < 0 ? undefined : end);
    const parsed = end < 0 ? undefined : parseLine(line, chain, entries.length + 1);
    if (!parsed) {
      if (end < 0 || end === text.length - 1) break; // a torn tail
      throw new LockstepError('run-damaged', `line ${entries.length + 1} of ${FILE} is damaged`, {
        remedy: 'restore the file from a backup; the checkpoints before that step are unaffected',
      });
    }
    chain = parsed.chain;
    entries.push({ entry: parsed, text: `${line}\n` });
    offset = end + 1;
  }
  return { entries, chain, droppedBytes: text.length - offset };
}

function writerFrom(file: AppendFile, start: string): Ledger {
  let chain = start;
  return {
    append: (entry) => {
      chain = nextChain(chain, entry);
      const line: LedgerLine = { ...entry, chain };
      file.append(Buffer.from(`${JSON.stringify(line)}\n`));
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

function parseLine(line: string, before: string, step: number): LedgerLine | undefined {
  try {
    const { chain, ...entry } = JSON.parse(line) as LedgerLine;
    return entry.step === step && chain === nextChain(before, entry)
      ? { ...entry, chain }
      : undefined;
  } catch {
    return undefined;
  }
}

function chainStart(runId: string): string {
  return createHash('sha256').update(`lockstep ledger of ${runId}`).digest('hex');
}

function nextChain(before: string, entry: LedgerEntry): string {
  return createHash('sha256').update(before).update(JSON.stringify(entry)).digest('hex');
}
