import { printable, type Target } from '@lockstep/core';
import type { PictureFacts } from './fit-picture.js';
import type { Prediction } from './predictions.js';

/** What of a run its predictions are printed by. */
export interface PredictedRun {
  readonly runId: string;
  readonly target: Target;
  readonly inputShape: readonly number[];
  /** Absent where the data do not name them. */
  readonly classNames?: readonly string[] | undefined;
}

/** How predictions are printed. */
export interface PredictionFormat {
  /** Before the first prediction. */
  readonly head: string;
  readonly line: (prediction: Prediction) => string;
}

/** A JSON object per line. */
export function jsonFormat({ runId, target, classNames }: PredictedRun): PredictionFormat {
  return {
    head: '',
    line: ({ source, answers, picture }) => {
      const numbers = [...answers];
      const digit = indexOfLargest(answers);
      const className = classNames?.[digit];
      const found =
        'values' in target
          ? { values: numbers }
          : { digit, ...(className !== undefined && { className }), probabilities: numbers };
      return `${JSON.stringify({ runId, source, ...found, ...(picture && { picture }) })}\n`;
    },
  };
}

/** A table: a row per sample with its class and the probability of each class, or its values. */
export function csvFormat(run: PredictedRun): PredictionFormat {
  const { target } = run;
  const named = classNamer(run);
  const columns =
    'values' in target
      ? Array.from({ length: target.values }, (_, i) => `value ${i}`)
      : ['class', ...Array.from({ length: target.classes }, (_, label) => named(label))];
  return {
    head: csvRow(['source', ...columns]),
    line: ({ source, answers }) => {
      const found = 'values' in target ? [] : [named(indexOfLargest(answers))];
      return csvRow([source, ...found, ...Array.from(answers, String)]);
    },
  };
}

/** One line per sample: `98.1 %  cat  pictures/1.png`. */
export function textFormat(run: PredictedRun): PredictionFormat {
  const named = classNamer(run);
  return {
    head: '',
    line: ({ source, answers }) => {
      if ('values' in run.target) return `${answers.join(' ')}  ${printable(source)}\n`;
      const label = indexOfLargest(answers);
      return `${percent(answers[label])}  ${printable(named(label))}  ${printable(source)}\n`;
    },
  };
}

/** Several lines for a single sample: its class, the three most probable ones, and how it was read. */
export function detailedFormat(run: PredictedRun): PredictionFormat {
  const named = classNamer(run);
  return {
    head: '',
    line: ({ answers, picture }) => {
      const read = picture ? pictureLine(picture, run.inputShape) : '';
      if ('values' in run.target) return `${answers.join(' ')}\n${read}`;
      const ranked = Array.from(answers.keys()).sort((a, b) => answers[b] - answers[a]);
      const lines = ranked
        .slice(0, 3)
        .map((label) => `  ${printable(named(label))}  ${percent(answers[label])}\n`);
      return `${printable(named(ranked[0]))}\n${lines.join('')}${read}`;
    },
  };
}

/** The name of a class, or its number where the data do not name it. */
function classNamer({ classNames }: PredictedRun): (label: number) => string {
  return (label) => classNames?.[label] ?? String(label);
}

function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

const percent = (share: number): string => `${(100 * share).toFixed(1).padStart(5)} %`;

/** As RFC 4180: quoted where a field has a comma, a quote or a line break. */
function csvRow(fields: readonly string[]): string {
  const quoted = fields.map((field) =>
    /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(',')}\n`;
}

function pictureLine(
  picture: PictureFacts,
  [frameHeight, frameWidth, channels]: readonly number[],
): string {
  const { width, height, format, transparentOn, inverted } = picture;
  const facts = [
    `${width}×${height}, ${format}`,
    ...(transparentOn === undefined ? [] : [`transparent parts read as ${transparentOn}`]),
    `read as ${frameWidth}×${frameHeight} in ${channels === 1 ? 'grey' : 'colours'}`,
    ...(inverted ? ['inverted to match the background of the training data'] : []),
  ];
  return `picture: ${facts.join('; ')}\n`;
}
