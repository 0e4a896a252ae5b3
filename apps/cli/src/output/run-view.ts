import type { RunEvent } from '@lockstep/core';
import { coloursOf } from './colours.js';
import { createLiveLine } from './live-line.js';
import { createRunLine } from './run-line.js';

/** Shows a run to a person: a header, a live line, and what is worth a line of its own. */
export interface RunView {
  show(event: RunEvent): void;
  /** Adds a fact to the header that is still to come. */
  fact(name: string, value: string): void;
  note(message: string): void;
  close(): void;
}

const number = new Intl.NumberFormat('en-US');
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** A view on a stream, with a live line where that is a terminal. */
export function createRunView(stream: NodeJS.WriteStream): RunView {
  const pc = coloursOf(stream);
  const live = createLiveLine(stream);
  const runLine = createRunLine();
  const facts = new Map<string, string>();
  let steps = 0;

  const line = (text: string): void => void stream.write(`${text}\n`);
  const header = (event: Extract<RunEvent, { event: 'run-started' }>): void => {
    steps = event.steps;
    line(`${pc.bold('Lockstep')}  run ${pc.bold(event.runId)}`);
    const rows: [string, string][] = [
      ['model', `${event.model}, ${number.format(event.parameterCount)} parameters`],
      ['data', dataRow(event)],
      [
        'steps',
        `${number.format(event.steps)} of ${event.batch} samples in ${counted(event.shardsPerStep, 'shard')}: up to ${counted(event.usefulWorkers, 'worker')} useful`,
      ],
      ['backend', event.backend],
      ['numerics', `${event.numerics}, fingerprint ${event.fingerprint.slice(0, 12)}`],
      ...facts,
      ['folder', event.folder],
    ];
    if (event.resumedAt !== undefined) rows.push(['resumed', `after step ${event.resumedAt}`]);
    for (const [name, value] of rows) line(`  ${pc.dim(name.padEnd(9))} ${value}`);
  };
  const step = (event: Extract<RunEvent, { event: 'step' }>): void => {
    const { loss, samplesPerSecond, workers, trainAccuracy } = event;
    if (trainAccuracy === undefined) return;
    const figures = live
      ? ''
      : `  (of ${steps}; loss ${loss.toFixed(4)}, ${Math.round(samplesPerSecond)} samples/s, ${workers} workers)`;
    line(`step ${event.step}, training accuracy ${percent(trainAccuracy)}${figures}`);
  };

  const print = (event: RunEvent): void => {
    switch (event.event) {
      case 'run-started':
        return header(event);
      case 'step':
        return step(event);
      case 'evaluation':
        return line(
          `step ${event.step}, ${pc.bold(`test accuracy ${percent(event.testAccuracy)}`)}`,
        );
      case 'worker':
        return line(
          pc.dim(`worker ${event.id} (pid ${event.pid}) ${event.state}: ${event.reason}`),
        );
      case 'state':
        return event.state === 'running' || event.state === 'finished'
          ? undefined
          : line(`${pc.yellow(event.state.replaceAll('-', ' '))}: ${event.reason}`);
      case 'scaled':
        return line(pc.dim(`${event.workers} workers requested: ${event.reason}`));
      case 'alarm':
        return line(`${pc.red('alarm')} ${event.code}: ${event.message}`);
      case 'run-finished':
        line(
          `test accuracy ${pc.bold(percent(event.testAccuracy))} after ${event.step} steps in ${event.seconds.toFixed(1)} s`,
        );
        line(`weights ${event.weightsSha256}`);
        return line(`model saved in ${event.model}`);
      case 'listening':
        if (event.dashboard !== undefined)
          facts.set('page', pc.cyan(event.dashboard) + moved(event));
        else if (event.http !== undefined) facts.set('api', event.http + moved(event));
        return undefined;
      case 'checkpoint':
      case 'reissue':
        return undefined;
    }
  };
  return {
    show: (event) => {
      runLine.observe(event);
      if (event.event === 'run-finished') live?.end();
      print(event);
      if (isOnLiveLine(event)) live?.show(runLine.draw);
    },
    fact: (name, value) => void facts.set(name, value),
    note: (message) => line(message),
    close: () => live?.end(),
  };
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function dataRow(event: Extract<RunEvent, { event: 'run-started' }>): string {
  const { data, inputShape, classes, unusedLabels = [] } = event;
  const counts = `${number.format(event.trainCount)} training and ${number.format(event.testCount)} test samples`;
  const row = `${data}, ${counts}, ${inputShape.join('×')}, ${classes} classes`;
  return unusedLabels.length === 0 ? row : `${row} (${unusedText(unusedLabels)})`;
}

/** So many labels are named. */
const MOST_LABELS = 5;

function unusedText(labels: readonly number[]): string {
  const more = labels.length > MOST_LABELS ? ', …' : '';
  const word = labels.length === 1 ? 'label' : 'labels';
  return `no training sample has ${word} ${labels.slice(0, MOST_LABELS).join(', ')}${more}`;
}

/** The live line begins with the run and follows what changes it. */
function isOnLiveLine({ event }: RunEvent): boolean {
  return event === 'run-started' || event === 'step' || event === 'state';
}

function moved({ taken }: Extract<RunEvent, { event: 'listening' }>): string {
  return taken === undefined ? '' : ` (${taken} is taken)`;
}
