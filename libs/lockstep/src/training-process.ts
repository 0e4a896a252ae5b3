import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { failureIn, LockstepError, type RunEvent } from '@lockstep/core';
import { commandFile } from './command.js';
import { Control } from './control.js';

/** By this name the command knows that it works for a program, over a channel to it. */
const CHILD = 'lockstep-child';

/** What a training process says. */
export interface TrainingListeners {
  onEvent(event: RunEvent): void;
  onLog(line: string): void;
  /**
   * It is gone, and all that it printed has been read.
   *
   * @param code its exit code, or the signal's name
   * @param failure the error that it ended with
   */
  onEnd(code: number | string, failure: LockstepError | undefined): void;
}

/**
 * Starts `lockstep train --json` in a process of its own, so that event loop and environment of this
 * one stay as they are. It saves its run and ends when this process is gone.
 *
 * @returns controls the run
 */
export function startTrainingProcess(
  args: readonly string[],
  listeners: TrainingListeners,
): Control {
  const child = spawn(process.execPath, [commandFile(), 'train', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    argv0: CHILD,
    // Not in the terminal's foreground group: a Ctrl-C is this program's.
    detached: true,
  });
  // What cannot be sent has ended, which `close` reports.
  const control = new Control((request) => child.send(request, () => undefined));
  let failure: LockstepError | undefined;
  child.on('message', (message) => {
    failure = failureIn(message) ?? failure;
    control.receive(message);
  });
  child.once('error', (cause) => {
    failure = new LockstepError('internal', `the training cannot be started: ${cause.message}`, {
      cause,
    });
  });
  if (child.stdout) createInterface({ input: child.stdout }).on('line', hear);
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => listeners.onLog(line));
  child.once('close', (code, signal) => {
    control.end();
    listeners.onEnd(code ?? signal ?? 1, failure);
  });
  return control;

  function hear(line: string): void {
    const event = parseEvent(line);
    if (event) listeners.onEvent(event);
    else listeners.onLog(line);
  }
}

/** The command's own lines, among what a model's code prints. */
function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'event' in value
      ? (value as RunEvent)
      : undefined;
  } catch {
    return undefined;
  }
}
