/** Why an operation failed, without the status line that native TensorFlow puts before its message. */
export function failureReason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/^Invalid TF_Status: \d+\s+Message: /, '');
}
