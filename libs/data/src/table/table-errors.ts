import { LockstepError } from '@lockstep/core';

interface Details {
  /** From 1. */
  readonly line?: number | undefined;
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** The error for a file that is not a well-formed table. */
export function tableDamaged(
  file: string,
  found: string,
  { line, remedy = 'correct the file, or export it again', cause }: Details = {},
): LockstepError {
  return new LockstepError('data-damaged', `${place(file, line)}: ${found}`, { remedy, cause });
}

/** The error for a well-formed table that cannot be trained on. */
export function tableInvalid(
  file: string,
  found: string,
  { line, remedy, cause }: Details = {},
): LockstepError {
  return new LockstepError('data-invalid', `${place(file, line)}: ${found}`, {
    ...(remedy !== undefined && { remedy }),
    cause,
  });
}

function place(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}, line ${line}`;
}

/** Most characters of a cell that a message repeats. */
const MOST_SHOWN = 40;

/** A cell as a message shows it. */
export function quoted(cell: string): string {
  const shown = cell.length > MOST_SHOWN ? `${cell.slice(0, MOST_SHOWN)}…` : cell;
  return JSON.stringify(shown);
}
