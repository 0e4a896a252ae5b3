import { createHash } from 'node:crypto';
import { LockstepError, type Measured } from '@lockstep/core';
import { z } from 'zod';
import { listCheckpoints, removeCheckpoints } from './checkpoints.js';
import { diskError, replaceFile, type AppendFile, type Disk } from './disk.js';
import { EVENTS_FILE } from './event-log.js';

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
  /** Mean cross-entropy over the batch, in nats; null where it is not finite. */
  readonly loss: number | null;
  /** The step's gradient was not finite, and it changed nothing. */
  readonly skipped?: true;
  /** The evaluation of the version before the step, where evaluations decide about the run. */
  readonly evaluation?: Measured;
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

/** The ledger's name in a run's folder. */
export const LEDGER_FILE = 'ledger.jsonl';

const count = z.int().nonnegative();
const entrySchema = z.object({
  step: count,
  term: count,
  shards: z.array(
    z.object({
      index: count,
      sampleCount: count,
      worker: z.string(),
      attempt: count,
      sha256: z.string(),
    }),
  ),
  loss: z.number().nullable(),
  skipped: z.literal(true).exactOptional(),
  evaluation: z.object({ version: count, value: z.number() }).exactOptional(),
});
const lineSchema = entrySchema.extend({ chain: z.string() });

/**
 * Opens a run's ledger, dropping a torn end. The file is replaced by a copy, so that a coordinator
 * of an earlier term that still holds the old one open writes into nothing.
 *
 * @throws LockstepError `run-damaged` when another line is damaged, `disk-full`
 */
export async function openLedger(disk: Disk, runId: string): Promise<OpenedLedger> {
  const { entries, chain, droppedBytes } = await readLedger(disk, runId);
  await replaceFile(disk, '.', LEDGER_FILE, [
    Buffer.from(entries.map((entry) => entry.text).join('')),
  ]);
  const file = disk.openAppend(LEDGER_FILE);
  return {
    ledger: writerFrom(file, chain),
    entries: entries.map(({ entry }) => entry),
    droppedBytes,
  };
}

/**
 * Removes the lines of a step and of those after it, whose weights follow from it, and their checkpoints:
 * a resumed run computes them again. The lines removed are kept in a file of their own. Nothing may be
 * appended to an open ledger afterwards.
 *
 * @throws LockstepError `disk-full` or `disk-failed`
 */
export async function retractSteps(disk: Disk, runId: string, from: number): Promise<void> {
  const { entries } = await readLedger(disk, runId);
  const lines = (of: typeof entries): Buffer => Buffer.from(of.map(({ text }) => text).join(''));
  await replaceFile(disk, '.', `refuted-from-${from}.jsonl`, [lines(entries.slice(from - 1))]);
  await replaceFile(disk, '.', LEDGER_FILE, [lines(entries.slice(0, from - 1))]);
  await removeCheckpoints(disk, from);
}

/**
 * Reads a ledger without changing it. A machine's crash may tear every line that had not been
 * synced: those after the newest checkpoint, which syncs the ledger before it is written. Such an
 * end is dropped, since its steps are computed again. Damage before it, or lines that are missing, are
 * no crash's doing.
 *
 * @throws LockstepError `run-damaged`
 */
export async function readLedger(
  disk: Disk,
  runId: string,
): Promise<{
  entries: readonly { entry: LedgerEntry; text: string }[];
  chain: string;
  droppedBytes: number;
}> {
  const found = await disk.read(LEDGER_FILE);
  const bytes = Buffer.from(found ?? []);
  const entries: { entry: LedgerEntry; text: string }[] = [];
  let chain = chainStart(runId);
  let offset = 0;
  while (offset < bytes.length) {
    const end = bytes.indexOf(0x0a, offset);
    const text = bytes.subarray(offset, end < 0 ? bytes.length : end + 1).toString('utf8');
    const line = end < 0 ? undefined : parseLine(text, chain, entries.length + 1);
    if (!line) break;
    ({ chain } = line);
    entries.push({ entry: line.entry, text });
    offset = end + 1;
  }
  const droppedBytes = bytes.length - offset;
  if (droppedBytes > 0) {
    const isLastLine = [-1, bytes.length - 1].includes(bytes.indexOf(0x0a, offset));
    await mustBeUnsynced(disk, entries.length + 1, isLastLine);
  } else {
    await (found ? mustBeWhole(disk, entries.length) : mustBeNew(disk));
  }
  return { entries, chain, droppedBytes };
}

/**
 * What looks like a torn last line may be several whose line ends are damaged: it must not reach
 * further back than the line of the newest checkpoint.
 */
async function mustBeUnsynced(disk: Disk, lineNumber: number, isLastLine: boolean): Promise<void> {
  const synced = (await listCheckpoints(disk)).at(-1) ?? 0;
  if (lineNumber > synced || (isLastLine && lineNumber === synced)) return;
  throw new LockstepError('run-damaged', `line ${lineNumber} of ${LEDGER_FILE} is damaged`, {
    remedy: 'restore the file from a backup; the checkpoints before that step are unaffected',
  });
}

/** A checkpoint is written after the lines up to its step: fewer lines mean that some were lost. */
async function mustBeWhole(disk: Disk, lines: number): Promise<void> {
  const newest = (await listCheckpoints(disk)).at(-1) ?? 0;
  if (lines >= newest) return;
  throw new LockstepError(
    'run-damaged',
    `${LEDGER_FILE} has the lines of ${lines} steps, although there is a checkpoint of step ${newest}`,
    {
      remedy: `restore the file from a backup, or remove the checkpoints after step ${lines} to continue from there`,
    },
  );
}

/** The ledger is the first file that a coordinator creates beside the spec. */
async function mustBeNew(disk: Disk): Promise<void> {
  const checkpoints = await listCheckpoints(disk);
  if (checkpoints.length === 0 && !disk.has(EVENTS_FILE)) return;
  throw new LockstepError('run-damaged', `${LEDGER_FILE} is missing, although the run has begun`, {
    remedy: 'restore it from a backup; to train from step 0 again, start a new run',
  });
}

function writerFrom(file: AppendFile, start: string): Ledger {
  let chain = start;
  return {
    append: (given) => {
      const entry = entrySchema.parse(given); // keys in one order, as they are read
      const next = nextChain(chain, entry);
      const line: LedgerLine = { ...entry, chain: next };
      try {
        file.append(Buffer.from(`${JSON.stringify(line)}\n`));
      } catch (cause) {
        throw diskError(cause, LEDGER_FILE);
      }
      chain = next;
    },
    sync: () =>
      file.sync().catch((cause: unknown) => {
        const error = LockstepError.from(diskError(cause, LEDGER_FILE));
        if (error.code !== 'disk-failed') throw error;
        // The kernel may have dropped lines that it could not write: repeating this proves nothing.
        const { code, message, remedy = '' } = error;
        throw new LockstepError(code, message, { remedy, cause });
      }),
    close: () => file.close(),
  };
}

/** The entry that a line holds, if the line is, byte for byte, what was written for it. */
function parseLine(
  text: string,
  before: string,
  step: number,
): { entry: LedgerEntry; chain: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success || parsed.data.step !== step) return undefined;
  const { chain, ...entry } = parsed.data;
  const written: LedgerLine = { ...entry, chain: nextChain(before, entry) };
  return text === `${JSON.stringify(written)}\n` ? { entry, chain } : undefined;
}

function chainStart(runId: string): string {
  return createHash('sha256').update(`lockstep ledger of ${runId}`).digest('hex');
}

function nextChain(before: string, entry: LedgerEntry): string {
  return createHash('sha256').update(before).update(JSON.stringify(entry)).digest('hex');
}
