import { printable, type RunEvent } from '@lockstep/core';
import { coloursOf, type Colours } from './colours.js';
import { createLiveLine, type LiveLine } from './live-line.js';
import { metricText, metricsText } from './metrics-text.js';
import { RunLine } from './run-line.js';

type EventNamed<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

const number = new Intl.NumberFormat('en-US');
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** A regression has no training accuracy: its loss is printed as often. */
const LOSS_EVERY = 100;

/** Shows a run on a stream: a header, a live line where it is a terminal, and notable events. */
export class RunView {
  readonly #stream: NodeJS.WriteStream;
  readonly #pc: Colours;
  readonly #live: LiveLine | undefined;
  readonly #runLine = new RunLine();
  readonly #facts = new Map<string, string>();
  #steps = 0;
  #hasClasses = true;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#pc = coloursOf(stream);
    this.#live = createLiveLine(stream);
  }

  show(event: RunEvent): void {
    this.#runLine.observe(event);
    if (event.event === 'run-finished') this.#live?.end();
    this.#print(event);
    if (isOnLiveLine(event)) this.#live?.show((columns) => this.#runLine.draw(columns));
  }

  /** Adds a fact to the header, which is still to come. */
  fact(name: string, value: string): void {
    this.#facts.set(name, value);
  }

  note(message: string): void {
    this.#line(message);
  }

  close(): void {
    this.#live?.end();
  }

  #line(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  #print(event: RunEvent): void {
    const pc = this.#pc;
    switch (event.event) {
      case 'run-started':
        return this.#header(event);
      case 'step':
        return this.#step(event);
      case 'evaluation':
        return this.#line(
          `step ${event.step}, ${pc.bold(metricsText(event.metrics))}${bestText(event)}`,
        );
      case 'worker':
        return this.#line(
          pc.dim(`worker ${event.id} (pid ${event.pid}) ${event.state}: ${event.reason}`),
        );
      case 'state':
        return event.state === 'running' || event.state === 'finished'
          ? undefined
          : this.#line(`${pc.yellow(event.state.replaceAll('-', ' '))}: ${event.reason}`);
      case 'scaled':
        return this.#line(pc.dim(`${event.workers} workers requested: ${event.reason}`));
      case 'alarm':
        return this.#line(`${pc.red('alarm')} ${event.code}: ${event.message}`);
      case 'run-finished':
        return this.#finished(event);
      case 'listening':
        return this.#listening(event);
      case 'checkpoint':
      case 'reissue':
        return undefined;
    }
  }

  #header(event: EventNamed<'run-started'>): void {
    const pc = this.#pc;
    this.#steps = event.steps;
    this.#hasClasses = event.classes !== undefined;
    this.#line(`${pc.bold('Lockstep')}  run ${pc.bold(event.runId)}`);
    const rows: [string, string][] = [
      ['model', `${event.model}, ${number.format(event.parameterCount)} parameters`],
      ['data', dataRow(event)],
      ...(event.dataNotes ?? []).map((note, i): [string, string] => [
        i === 0 ? 'read as' : '',
        note,
      ]),
      ...initialRow(event),
      ...selectionRow(event),
      [
        'steps',
        `${number.format(event.steps)} of ${event.batch} samples in ${counted(event.shardsPerStep, 'shard')}: up to ${counted(event.usefulWorkers, 'worker')} useful`,
      ],
      ['backend', event.backend],
      ['numerics', `${event.numerics}, fingerprint ${event.fingerprint.slice(0, 12)}`],
      ...this.#facts,
      ['folder', event.folder],
    ];
    if (event.resumedAt !== undefined) rows.push(['resumed', `after step ${event.resumedAt}`]);
    for (const [name, value] of rows) this.#line(`  ${pc.dim(name.padEnd(9))} ${value}`);
  }

  #step({ step, loss, samplesPerSecond, workers, trainAccuracy }: EventNamed<'step'>): void {
    const isRegression = !this.#hasClasses && step % LOSS_EVERY === 0;
    if (trainAccuracy === undefined && !isRegression) return;
    if (trainAccuracy === undefined) {
      const speed = `${Math.round(samplesPerSecond)} samples/s, ${workers} workers`;
      const detail = this.#live ? '' : `  (of ${this.#steps}; ${speed})`;
      return this.#line(`step ${step}, loss ${loss.toPrecision(4)}${detail}`);
    }
    const figures = this.#live
      ? ''
      : `  (of ${this.#steps}; loss ${loss.toFixed(4)}, ${Math.round(samplesPerSecond)} samples/s, ${workers} workers)`;
    this.#line(`step ${step}, training accuracy ${percent(trainAccuracy)}${figures}`);
  }

  #finished(event: EventNamed<'run-finished'>): void {
    this.#line(
      `${this.#pc.bold(metricsText(event.metrics))} after ${event.step} steps in ${event.seconds.toFixed(1)} s`,
    );
    this.#line(`weights ${event.weightsSha256}`);
    const { best, skippedSteps = 0 } = event;
    if (skippedSteps > 0) {
      this.#line(`${counted(skippedSteps, 'step')} skipped: no finite gradient`);
    }
    const of = best
      ? `, of the best step, ${best.step}: ${best.metric} ${metricText(best.metric, best.value)}`
      : '';
    this.#line(`model saved in ${event.model}${of}`);
  }

  #listening(event: EventNamed<'listening'>): void {
    const { dashboard, http } = event;
    if (dashboard !== undefined) this.fact('page', this.#pc.cyan(dashboard) + moved(event));
    else if (http !== undefined) this.fact('api', http + moved(event));
  }
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function dataRow(event: EventNamed<'run-started'>): string {
  const { data, inputShape, classes, values = 1, unusedLabels = [], classNames } = event;
  const target =
    classes === undefined
      ? counted(values, 'target value')
      : `${classes} classes${classNames ? `: ${listed(classNames, MOST_NAMES)}` : ''}`;
  const counts = `${number.format(event.trainCount)} training and ${number.format(event.testCount)} test samples`;
  const row = `${data}, ${counts}, ${inputShape.join('×')}, ${target}`;
  return unusedLabels.length === 0 ? row : `${row} (${unusedText(unusedLabels)})`;
}

/** How many of the parameters that begin anew are named. */
const MOST_FRESH = 6;

function initialRow({ initial }: EventNamed<'run-started'>): [string, string][] {
  if (!initial) return [];
  const { from, taken, fresh } = initial;
  const others = fresh.length === 0 ? '' : `; new: ${listed(fresh, MOST_FRESH)}`;
  return [['begins', `with ${taken} of ${taken + fresh.length} weights of ${from}${others}`]];
}

function selectionRow({ selection }: EventNamed<'run-started'>): [string, string][] {
  if (!selection) return [];
  const { evalEvery, earlyStopping, keepBest } = selection;
  const parts = [
    `evaluated every ${counted(evalEvery, 'step')}`,
    ...(keepBest ? ['the best version is the model'] : []),
    ...(earlyStopping === undefined
      ? []
      : [`ends after ${counted(earlyStopping, 'evaluation')} without a better one`]),
  ];
  return [['selection', parts.join('; ')]];
}

/** How an evaluation compares with the best one, where that matters to the run. */
function bestText({ step, best }: EventNamed<'evaluation'>): string {
  if (!best) return '';
  if (best.step === step) return ' (the best so far)';
  return ` (best: ${metricText(best.metric, best.value)} at step ${best.step})`;
}

/** How many labels are named. */
const MOST_LABELS = 5;
/** How many classes are named. */
const MOST_NAMES = 10;

function unusedText(labels: readonly number[]): string {
  const word = labels.length === 1 ? 'label' : 'labels';
  return `no training sample has ${word} ${listed(labels.map(String), MOST_LABELS)}`;
}

/** The first `most` of the names. */
function listed(names: readonly string[], most: number): string {
  return `${names.slice(0, most).map(printable).join(', ')}${names.length > most ? ', …' : ''}`;
}

/** The live line begins with the run and follows what changes it. */
function isOnLiveLine({ event }: RunEvent): boolean {
  return event === 'run-started' || event === 'step' || event === 'state';
}

function moved({ taken }: EventNamed<'listening'>): string {
  return taken === undefined ? '' : ` (${taken} is taken)`;
}
