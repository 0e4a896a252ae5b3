import type { RunEvent } from '@lockstep/core';
import { startChild } from '../local/child.js';
import { TrainingRecord } from './training-record.js';

/** A `lockstep train` that runs or has ended. */
export interface Training {
  readonly record: TrainingRecord;
  /** The last lines that it and its processes wrote on stderr. */
  readonly said: readonly string[];
  /** Resolves to its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Whether no fault can be injected any more. */
  isOver(): boolean;
  /** Ends it in good order; the second time at once. */
  stop(): void;
}

const MOST_LINES = 200;
/** A run without any event for this long hangs: it is stopped, and that is a finding. */
const STALL_MS = 240_000;
/** `lockstep train` ends everything by force before this. */
const STOP_GRACE_MS = 40_000;

/** @param args of `lockstep train`, without `--json` */
export function startTraining(args: readonly string[]): Training {
  const record = new TrainingRecord();
  const said: string[] = [];
  const say = (line: string): void => void (said.push(line) > MOST_LINES && said.shift());
  const child = startChild(['train', ...args, '--json'], {
    onLine: (line) => {
      stalled.refresh();
      record.hear(JSON.parse(line) as RunEvent, performance.now());
    },
    onError: say,
  });
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  const stalled = setTimeout(() => {
    say(`nothing happened for ${STALL_MS / 1000} s, so it was stopped`);
    stop();
  }, STALL_MS);
  let gone = false;
  const ended = child.ended.then((how) => {
    gone = true;
    clearTimeout(stalled);
    return how;
  });
  const isOver = (): boolean => gone || record.finished !== undefined;
  return { record, said, ended, isOver, stop };
}
