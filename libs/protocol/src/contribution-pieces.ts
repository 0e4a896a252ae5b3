import { encodeStateUploadPart, encodeSubmitPart } from './encode-parts.js';
import type { ContributionBegin, ContributionRest, StateUploadHeader } from './messages.js';
import type { UploadPiece } from './upload.js';
import { writeSubmitHeader, writeSubmitRest } from './wire-messages.js';

/** The end of a contribution. */
export interface ContributionEnd extends ContributionRest {
  /** The dense section's wire bytes; must not change until they are sent. */
  readonly dense: Uint8Array;
}

/** The first piece of a contribution: its header and factored section. */
export function contributionBegin(
  begin: ContributionBegin,
  factored: Uint8Array,
  trace?: string,
): UploadPiece {
  const value = writeSubmitHeader(begin, factored.length, trace);
  return { head: encodeSubmitPart({ $case: 'header', value }), payload: factored };
}

/** The second piece of a contribution: everything else and the dense section. */
export function contributionEnd({ dense, ...rest }: ContributionEnd): UploadPiece {
  const value = writeSubmitRest(rest, dense.length);
  return { head: encodeSubmitPart({ $case: 'rest', value }), payload: dense };
}

/** An upload of a state, in one piece. */
export function stateUpload(header: StateUploadHeader, state: Uint8Array): UploadPiece {
  const value = { ...header, stateBytes: state.length };
  return { head: encodeStateUploadPart({ $case: 'header', value }), payload: state };
}
