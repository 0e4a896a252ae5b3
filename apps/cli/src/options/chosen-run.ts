import type { CoordinatorOptions, RunChanges, RunFolder, RunRequest } from '@lockstep/coordinator';
import { LockstepError, totalSteps } from '@lockstep/core';
import { judge, runOptionNames, type Verdict } from './on-resume.js';
import type { Values } from './option.js';
import type { OptionOrigin, Origins } from './resolve-options.js';
import type { checkpointOption, leadOptions, runOptions } from './run-options.js';
import { runRequest } from './run-request.js';

/** The options that say which run. */
type RunChoice = Values<typeof runOptions> &
  Values<typeof checkpointOption> &
  Pick<Values<typeof leadOptions>, 'out' | 'resume' | 'evalEvery'> & {
    readonly supervised?: boolean;
  };

/** The run that the options describe. */
export interface ChosenRun {
  readonly run: CoordinatorOptions['run'];
  /** What a worker on this machine needs before it connects to the coordinator. */
  readonly here: Pick<RunRequest, 'data' | 'model' | 'threads' | 'device'>;
  /** A sentence for each option that was given, but is not used for a resumed run. */
  readonly notes: readonly string[];
}

/** What to do with values that differ from those of the run that is resumed. */
interface Policy {
  /** Whether a value that the run cannot take is an error, and not a note. */
  refuses(origin: OptionOrigin): boolean;
  /** Whether the run gets this number of steps, which it can take. */
  extends(origin: OptionOrigin, steps: number, total: number): boolean;
}

/**
 * For `--resume`: what was typed takes effect or is refused. The environment and the config file
 * describe new runs, so a resumed run keeps its own values where they differ.
 */
const named: Policy = {
  refuses: ({ from }) => from === 'typed',
  extends: ({ from }) => from === 'typed',
};

/**
 * For a process that gets the same options at every start: more steps take effect, and nothing is
 * refused, because the process would be restarted forever.
 */
const supervised: Policy = {
  refuses: () => false,
  extends: (_origin, steps, total) => steps > total,
};

/**
 * A new run, or one to resume: as named, or the newest one where a supervisor restarts this process.
 *
 * @throws LockstepError `bad-option` with a line for each option that is refused, `run-not-found` or
 *   `run-damaged`
 */
export async function chosenRun(options: RunChoice, origins: Origins): Promise<ChosenRun> {
  const { resume, checkpoint, supervised: isSupervised } = options;
  refuseTwoLengths(origins);
  if (resume !== undefined) return resumed(resume, options, origins, named);
  if (checkpoint !== undefined) throw checkpointAlone(origins);
  const newest = isSupervised === true ? await newestOf(options.out) : undefined;
  if (newest !== undefined) return resumed(newest, options, origins, supervised);
  const request = runRequest(options);
  return { run: { request }, here: request, notes: [] };
}

/**
 * The run that `lockstep train` requests from the coordinator that it starts. It has judged all options
 * and passes the result as typed arguments: environment and config file are not read a second time.
 */
export function runFromParent(options: RunChoice, origins: Origins): ChosenRun['run'] {
  const typed = <Name extends keyof RunChoice>(name: Name): RunChoice[Name] | undefined =>
    origins[name]?.from === 'typed' ? options[name] : undefined;
  const resume = typed('resume');
  if (resume === undefined) return { request: runRequest(options) };
  const checkpoint = typed('checkpoint');
  const [steps, model, data] = [typed('steps'), typed('model'), typed('data')];
  const changes: RunChanges = {
    ...(steps === undefined ? {} : { steps }),
    ...(model === undefined ? {} : { model }),
    ...(data === undefined ? {} : { data }),
  };
  return { resume, changes, ...(checkpoint === undefined ? {} : { checkpoint }) };
}

async function newestOf(out: string): Promise<string | undefined> {
  const { newestRun } = await import('@lockstep/coordinator');
  return newestRun(out);
}

async function resumed(
  resume: string,
  options: RunChoice,
  origins: Origins,
  policy: Policy,
): Promise<ChosenRun> {
  // Loaded only here: a new run does not need it.
  const { openRunFolder } = await import('@lockstep/coordinator');
  const folder = await openRunFolder(options.out, resume);
  const mistakes: string[] = [];
  const notes: string[] = [];
  let changes: RunChanges = {};
  for (const name of runOptionNames) {
    const [origin, value] = [origins[name], options[name]];
    if (origin === undefined || value === undefined) continue;
    const verdict = await judge(name, value, folder);
    const given = `${origin.where} is ${String(value)}`;
    if (verdict.kind === 'changes' && takes(verdict.changes, origin, folder, policy)) {
      changes = { ...changes, ...verdict.changes };
    } else if (verdict.kind === 'contradicts' && policy.refuses(origin)) {
      mistakes.push(`${given}, but ${verdict.why}: ${verdict.remedy}`);
    } else if (verdict.kind !== 'agrees') {
      notes.push(`${given}, but ${noteOf(verdict, folder)}`);
    }
  }
  const evalEvery = folder.record.spec.selection?.evalEvery ?? options.evalEvery;
  const asked = origins['evalEvery'];
  if (asked && evalEvery !== options.evalEvery) {
    const why = `${asked.where} is ${options.evalEvery}, but evaluations every ${evalEvery} steps decide about the run`;
    if (policy.refuses(asked)) mistakes.push(`${why}: omit it`);
    else notes.push(`${why}: not used`);
  }
  if (mistakes.length > 0) {
    throw new LockstepError('bad-option', mistakes.join('\n'), {
      remedy: 'a resumed run keeps what it was begun with; --steps, --data and --model may change',
    });
  }
  const { checkpoint } = options;
  const run = { resume, changes, ...(checkpoint === undefined ? {} : { checkpoint }) };
  const { model, data, spec } = folder.record;
  const { threads, device } = spec;
  return { run, here: { model, data, ...changes, threads, device }, notes };
}

function takes(
  { steps }: RunChanges,
  origin: OptionOrigin,
  { record }: RunFolder,
  policy: Policy,
): boolean {
  return steps === undefined || policy.extends(origin, steps, totalSteps(record.spec));
}

function noteOf(verdict: Exclude<Verdict, { kind: 'agrees' }>, { record }: RunFolder): string {
  if (verdict.kind === 'contradicts') return `${verdict.why}: not used`;
  const total = totalSteps(record.spec);
  return `run ${record.runId} keeps its ${total} steps: resume it with --steps to change them`;
}

/** @throws LockstepError `bad-option` where the run's length is given in steps and in epochs */
function refuseTwoLengths({ steps, epochs }: Origins): void {
  if (!steps || !epochs) return;
  throw new LockstepError('bad-option', `${steps.where} and ${epochs.where} are both given`, {
    remedy: 'give one of them: epochs are converted into steps',
  });
}

function checkpointAlone(origins: Origins): LockstepError {
  const where = origins['checkpoint']?.where ?? '--checkpoint';
  return new LockstepError('bad-option', `${where} is given without --resume`, {
    remedy: 'give --resume RUN as well: a checkpoint belongs to a run',
  });
}
