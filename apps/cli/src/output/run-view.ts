import type { RunEvent } from '@lockstep/core';
import pc from 'picocolors';
import { createLiveBar } from './live-bar.js';

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
  const bar = createLiveBar(stream);
  const facts: [string, string][] = [];
  let steps = 0;
  let started = false;
  let lastAccuracy = '';

  const line = (text: string): void => {
    // The bar is cleared and drawn again below, so that the line stays above it.
    if (bar && started) stream.write('\r\x1b[K');
    stream.write(`${text}\n`);
    if (bar && started) bar.render();
  };
  const header = (event: Extract<RunEvent, { event: 'run-started' }>): void => {
    steps = event.steps;
    line(`${pc.bold('Lockstep')}  run ${pc.bold(event.runId)}`);
    const rows: [string, string][] = [
      ['model', `${event.model}, ${number.format(event.parameterCount)} parameters`],
      ['data', dataRow(event)],
      [
        'steps',
        `${number.format(event.steps)} of ${event.batch} samples in ${event.shardsPerStep} shards: at most ${event.usefulWorkers} workers are useful`,
      ],
      ['backend', event.backend],
      ['numerics', `${event.numerics}, fingerprint ${event.fingerprint.slice(0, 12)}`],
      ...facts,
      ['folder', event.folder],
    ];
    if (event.resumedAt !== undefined) rows.push(['resumed', `after step ${event.resumedAt}`]);
    for (const [name, value] of rows) line(`  ${pc.dim(name.padEnd(9))} ${value}`);
    started = true;
    bar?.start(event.steps, event.resumedAt ?? 0, emptyPayload);
  };
  const step = (event: Extract<RunEvent, { event: 'step' }>): void => {
    const { loss, samplesPerSecond, workers, trainAccuracy } = event;
    if (trainAccuracy !== undefined) lastAccuracy = percent(trainAccuracy);
    bar?.update(event.step, {
      loss: loss.toFixed(4),
      accuracy: lastAccuracy || '–',
      rate: Math.round(samplesPerSecond),
      workers,
    });
    if (trainAccuracy === undefined) return;
    const figures = bar
      ? ''
      : `  (of ${steps}; loss ${loss.toFixed(4)}, ${Math.round(samplesPerSecond)} samples/s, ${workers} workers)`;
    line(`step ${event.step}, training accuracy ${percent(trainAccuracy)}${figures}`);
  };

  const show = (event: RunEvent): void => {
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
          : line(`${pc.yellow(event.state)}: ${event.reason}`);
      case 'scaled':
        return line(pc.dim(`${event.workers} workers requested: ${event.reason}`));
      case 'alarm':
        return line(`${pc.red('alarm')} ${event.code}: ${event.message}`);
      case 'run-finished':
        bar?.stop();
        started = false;
        line(
          `test accuracy ${pc.bold(percent(event.testAccuracy))} after ${event.step} steps in ${event.seconds.toFixed(1)} s`,
        );
        line(`weights ${event.weightsSha256}`);
        return line(`model saved in ${event.model}`);
      case 'listening':
        if (event.dashboard !== undefined) facts.push(['page', pc.cyan(event.dashboard)]);
        else if (event.http !== undefined) facts.push(['api', event.http]);
        return undefined;
      case 'checkpoint':
      case 'reissue':
        return undefined;
    }
  };
  return {
    show,
    fact: (name, value) => facts.push([name, value]),
    note: (message) => line(message),
    close: () => {
      if (started) bar?.stop();
      started = false;
    },
  };
}

function dataRow(event: Extract<RunEvent, { event: 'run-started' }>): string {
  const { data, inputShape, classes, unusedLabels = [] } = event;
  const counts = `${number.format(event.trainCount)} training and ${number.format(event.testCount)} test samples`;
  const row = `${data}, ${counts} of ${inputShape.join('×')}, ${classes} classes`;
  return unusedLabels.length === 0 ? row : `${row} (${unusedText(unusedLabels)})`;
}

/** So many labels are named. */
const MOST_LABELS = 5;

function unusedText(labels: readonly number[]): string {
  const more = labels.length > MOST_LABELS ? ', …' : '';
  const word = labels.length === 1 ? 'label' : 'labels';
  return `no training sample has ${word} ${labels.slice(0, MOST_LABELS).join(', ')}${more}`;
}

const emptyPayload = { loss: '–', accuracy: '–', rate: '–', workers: 0 };
