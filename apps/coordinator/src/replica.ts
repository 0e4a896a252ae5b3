import { LockstepError, updateBytes, type StepUpdate } from '@lockstep/core';
import type { CommandName, Engine, EngineCommands } from '@lockstep/engine';
import { createUpdateLog, type AppliedUpdate } from './update-log.js';

/**
 * The coordinator's copy of the weights. It may lag behind the run: updates wait in a log until
 * somebody looks, or are dropped when a worker's state, proved to be the run's, is adopted instead.
 * Either way it comes to the same bits.
 */
export interface Replica {
  /**
   * The engine; brought up to date before any command that looks at the state, but for glances, which
   * are answered at once and bring it nearer.
   */
  readonly engine: Engine;
  /** What waits to be applied. */
  readonly behind: { readonly steps: number; readonly bytes: number };
  /** Notes an update, whose bytes may be the replica's from now on. */
  append(update: AppliedUpdate): void;
  /** Resolves when the engine, should it be slower than the run, has not too much before it. */
  room(): Promise<void>;
  /** Applies what waits, up to `version` or all of it. Resolves when the engine has done it. */
  catchUp(version?: number): Promise<void>;
  /**
   * Puts a state in the place of applying the updates up to it.
   *
   * @returns whether it was of use: the engine was not as far yet
   */
  adopt(version: number, state: Uint8Array<ArrayBuffer>): boolean;
  /**
   * Asks the engine, as it is at one version and before it goes on, in the turn in which it comes to
   * it: at once, by catching up, where nobody will bring that version's state.
   *
   * @throws LockstepError `internal` when the engine is beyond it
   */
  at<Result>(version: number, ask: (engine: Engine) => Promise<Result>): Promise<Result>;
  /** A worker's state of this version is expected: `at` waits for it. */
  expect(version: number): void;
}

/** Commands whose answer depends on the version that the engine is at. */
const LOOKING: ReadonlySet<CommandName> = new Set<CommandName>([
  ...(['hash', 'predict', 'saveModel'] as const),
  ...(['export', 'pin'] as const), // but for a version or a state that is named, see `looks`
]);
/** What is shown to people: with the version that it is of, so that it may be a few steps old. */
const GLANCES: ReadonlySet<CommandName> = new Set<CommandName>([
  'observe',
  'histograms',
  'firstFilters',
]);
/** Steps that are caught up behind a glance: more than are made until the next, and soon done. */
const STEPS_A_GLANCE = 4;

/** Updates that the engine has been handed and has not applied. */
const MOST_UNAPPLIED_BYTES = 64 * 1024 * 1024;
/** Most bytes of updates that wait to be applied; it is for the state audit to see to that. */
export const MOST_WAITING_BYTES = 128 * 1024 * 1024;

/** @param version the engine's state is at it */
export function createReplica(engine: Engine, version: number): Replica {
  let held = version;
  let newest = version;
  const log = createUpdateLog(MOST_WAITING_BYTES);
  let expected: number | undefined;
  let applied: Promise<unknown> = Promise.resolve();
  let unappliedBytes = 0;
  let waiting: { version: number; ask: () => void }[] = [];

  /** Everything asked in this turn comes to the engine before what is asked later. */
  const arrive = (at: number): void => {
    held = at;
    if (expected !== undefined && expected <= at) expected = undefined;
    const due = waiting.filter((each) => each.version <= at);
    waiting = waiting.filter((each) => each.version > at);
    for (const { ask } of due) ask();
  };
  const catchUp = (to = newest): Promise<unknown> => {
    for (const { version: next, update } of log.take(to)) {
      const bytes = updateBytes(update);
      unappliedBytes += bytes;
      applied = engine
        .run('apply', { version: next, update }, buffersOf(update))
        .finally(() => (unappliedBytes -= bytes));
      applied.catch(() => undefined); // whoever waits for it is told
      arrive(next);
    }
    return applied;
  };

  return {
    engine: {
      ...engine,
      run: (command, argument, transfer) => {
        if (looks(command, argument)) void catchUp();
        const answer = engine.run(command, argument, transfer);
        if (GLANCES.has(command)) void catchUp(held + STEPS_A_GLANCE);
        return answer;
      },
    },
    get behind() {
      const { steps, bytes } = log;
      return { steps, bytes };
    },
    append: (update) => {
      newest = update.version;
      log.append(update);
    },
    room: async () => {
      if (unappliedBytes > MOST_UNAPPLIED_BYTES) await applied;
    },
    catchUp: (to) => {
      const done = catchUp(to).then(() => undefined);
      done.catch(() => undefined); // not everybody waits for it
      return done;
    },
    adopt: (adopted, state) => {
      if (adopted <= held || adopted > newest) return false;
      const last = log.skip(adopted);
      const led = last && { update: last.update };
      applied = engine.run('load', { version: adopted, state, ...led }, [state.buffer]);
      applied.catch(() => undefined);
      arrive(adopted);
      return true;
    },
    at: (wanted, ask) =>
      new Promise((resolve, reject) => {
        const answer = (): void => {
          if (held === wanted) return void ask(engine).then(resolve, reject);
          const beyond = `version ${wanted} is gone, the engine is at ${held}`;
          return reject(new LockstepError('internal', beyond));
        };
        if (held >= wanted) return answer();
        waiting.push({ version: wanted, ask: answer });
        if (expected !== wanted) void catchUp(wanted);
        return undefined;
      }),
    expect: (wanted) => (expected = wanted),
  };
}

function looks<Name extends CommandName>(
  command: Name,
  argument: EngineCommands[Name]['argument'],
): boolean {
  const named = typeof argument === 'object' && ('pinned' in argument || 'state' in argument);
  return LOOKING.has(command) && !named;
}

/** An update is given away, not copied. */
function buffersOf({ shards, dense }: StepUpdate): ArrayBuffer[] {
  const arrays = [dense, ...shards.map(({ factored }) => factored)];
  return arrays.filter(({ length }) => length > 0).map(({ buffer }) => buffer as ArrayBuffer);
}
