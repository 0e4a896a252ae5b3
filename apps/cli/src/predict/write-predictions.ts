import type { RunRecord } from '@lockstep/coordinator';
import { printable } from '@lockstep/core';
import type { PictureFacts } from './fit-picture.js';
import type { Prediction } from './predictions.js';

/** How predictions are printed. */
export interface PredictionFormat {
  /** Before the first prediction. */
  readonly head: string;
  readonly line: (prediction: Prediction) => string;
}

/** A JSON object per line. */
export function jsonFormat({ runId, spec, traits }: RunRecord): PredictionFormat {
  const isRegression = 'values' in spec.data.target;
  return {
    head: '',
    line: ({ source, answers, picture }) => {
      const numbers = [...answers];
      const digit = indexOfLargest(answers);
      const className = traits?.classNames?.[digit];
      const found = isRegression
        ? { values: numbers }
        : { digit, ...(className !== undefined && { className }), probabilities: numbers };
      return `${JSON.stringify({ runId, source, ...found, ...(picture && { picture }) })}\n`;
    },
  };
}

/** A table: a row per sample with its class and the probability of each class, or its values. */
export function csvFormat(record: RunRecord): PredictionFormat {
  const { target } = record.spec.data;
  const named = classNamer(record);
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
export function textFormat(record: RunRecord): PredictionFormat {
  const named = classNamer(record);
  return {
    head: '',
    line: ({ source, answers }) => {
      if ('values' in record.spec.data.target)
        return `${answers.join(' ')}  ${printable(source)}\n`;
      const label = indexOfLargest(answers);
      return `${percent(answers[label])}  ${printable(named(label))}  ${printable(source)}\n`;
    },
  };
}

/** Several lines for a single sample: its class, the three most probable ones, and how it was read. */
export function detailedFormat(record: RunRecord): PredictionFormat {
  const named = classNamer(record);
  const shape = record.spec.data.inputShape;
  return {
    head: '',
    line: ({ answers, picture }) => {
      const read = picture ? pictureLine(picture, shape) : '';
      if ('values' in record.spec.data.target) return `${answers.join(' ')}\n${read}`;
      const ranked = Array.from(answers.keys()).sort((a, b) => answers[b] - answers[a]);
      const lines = ranked
        .slice(0, 3)
        .map((label) => `  ${printable(named(label))}  ${percent(answers[label])}\n`);
      return `${printable(named(ranked[0]))}\n${lines.join('')}${read}`;
    },
  };
}

/** The name of a class, or its number where the data do not name it. */
function classNamer({ traits }: RunRecord): (label: number) => string {
  return (label) => traits?.classNames?.[label] ?? String(label);
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
