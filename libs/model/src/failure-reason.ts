import { messageOf } from '@lockstep/core';

/** Why an operation failed, without the status line that native TensorFlow puts before its message. */
export function failureReason(cause: unknown): string {
  return messageOf(cause).replace(/^Invalid TF_Status: \d+\s+Message: /, '');
}
