import { failureIn, failureMessage, LockstepError, printable, redactSecrets } from '@lockstep/core';
import { hasParent } from './parent.js';
import { errColours as pc } from './output/colours.js';
import { asTypedHere } from './program-name.js';

/** Passes the error of a process that this one started on to the one that started this one. */
export function relayFailure(message: unknown): void {
  const failure = failureIn(message);
  if (failure && hasParent()) process.send?.(failureMessage(failure));
}

/**
 * Prints on stderr what was wrong and what to do, and sends it to the process that started this one.
 *
 * @returns the exit code
 */
export function reportError(thrown: unknown): number {
  const error = LockstepError.from(thrown);
  // It may quote a file, or another process.
  const lines = redactSecrets(error.message).split('\n').map(printable);
  const head = `${pc.red('error')} ${pc.dim(error.code)}`;
  const body =
    lines.length === 1 ? [`${head} ${lines[0] ?? ''}`] : [head, ...lines.map((l) => `  ${l}`)];
  if (error.remedy !== undefined) {
    body.push(`  ${pc.bold('what to do:')} ${asTypedHere(redactSecrets(error.remedy))}`);
  }
  // Only for a defect of Lockstep does a stack help.
  if (error.code === 'internal') body.push(redactSecrets(stackOf(error)));
  process.stderr.write(`${body.join('\n')}\n`);
  if (hasParent()) process.send?.(failureMessage(error));
  return error.exitCode;
}

function stackOf(error: LockstepError): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  return pc.dim(cause.stack ?? '');
}
