import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '@lockstep/core';
import { recordTraining, type TrainingRecord } from './training-record.js';

/** A `lockstep train` at work, or what has come of it. */
export interface Training {
  readonly record: TrainingRecord;
  /** The last lines that it and its processes wrote on stderr. */
  readonly said: readonly string[];
  /** Resolves to its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Whether there is nothing left to be disturbed. */
  isOver(): boolean;
  /** Ends it in good order; the second time at once. */
  stop(): void;
}

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const MOST_LINES = 200;
/** A run in which nothing happens for so long is one that hangs: a finding, not to be waited for. */
const STALL_MS = 240_000;
/** `lockstep train` ends everything by force before this. */
const STOP_GRACE_MS = 40_000;

/** @param args of `lockstep train`, without `--json` */
export function startTraining(args: readonly string[]): Training {
  // Detached: a terminal's Ctrl-C reaches this process alone, which ends the other in order.
  const child = spawn(process.execPath, [MAIN, 'train', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const { record, hear } = recordTraining();
  const said: string[] = [];
  const say = (line: string): void => void (said.push(line) > MOST_LINES && said.shift());
  let gone = false;
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  const stalled = setTimeout(() => {
    say(`nothing happened for ${STALL_MS / 1000} s, so it was stopped`);
    stop();
  }, STALL_MS);
  if (child.stderr) createInterface({ input: child.stderr }).on('line', say);
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      stalled.refresh();
      hear(JSON.parse(line) as RunEvent, performance.now());
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    const end = (how: number | string): void => {
      gone = true;
      clearTimeout(stalled);
      resolve(how);
    };
    child.once('error', () => end(1));
    // `close` and not `exit`: everything it printed has been read by then.
    child.once('close', (code, signal) => end(code ?? signal ?? 1));
  });
  const isOver = (): boolean => gone || record.finished !== undefined;
  return { record, said, ended, isOver, stop };
}
