import { openRunFolder, type RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { defineCommand } from '../command.js';
import { option } from '../options/option.js';
import { jsonOption, outOption } from '../options/run-options.js';
import { onOff } from '../options/schemas.js';
import { predictions } from '../predict/predictions.js';
import {
  csvFormat,
  detailedFormat,
  jsonFormat,
  textFormat,
  type PredictionFormat,
} from '../predict/write-predictions.js';
import { withSavedRun } from './saved-run.js';

export const predict = defineCommand({
  name: 'predict',
  loadsTensorFlow: 'always',
  describe: 'classify pictures or rows of tables, or predict their values, with a run’s model',
  positional: [
    { syntax: '<run>', describe: 'id or folder of the run' },
    {
      syntax: '<files...>',
      describe:
        'pictures (PNG, JPEG, WebP, GIF, TIFF, AVIF), folders of them, tables (CSV, TSV), or .npy files',
    },
  ],
  options: {
    out: outOption,
    ...jsonOption,
    csv: option(onOff.default(false), {
      describe: 'print a table: a row per sample, a column per class',
    }),
  },
  examples: [
    'lockstep predict RUN cat.jpg',
    'lockstep predict RUN pictures/ --csv > predictions.csv',
    'lockstep predict RUN new-rows.csv',
  ],
  run: async ({ options: { out, json, csv }, words: [run = '', ...paths] }) => {
    if (json && csv) {
      throw new LockstepError('bad-option', '--json and --csv exclude each other', {
        remedy: 'omit one of them',
      });
    }
    await openRunFolder(out, run); // refused before TensorFlow is loaded
    return withSavedRun(out, run, false, async ({ engine, record }) => {
      let format: PredictionFormat | undefined;
      for await (const found of predictions(engine, record, paths)) {
        if (!format) {
          format = formatOf(record, { json, csv, isOnly: found.length === 1 });
          process.stdout.write(format.head);
        }
        process.stdout.write(found.map(format.line).join(''));
      }
      return 0;
    });
  },
});

interface Choice {
  readonly json: boolean;
  readonly csv: boolean;
  /** Whether there is one sample in all. */
  readonly isOnly: boolean;
}

function formatOf(
  { runId, spec, traits }: RunRecord,
  { json, csv, isOnly }: Choice,
): PredictionFormat {
  const { target, inputShape } = spec.data;
  const run = { runId, target, inputShape, classNames: traits?.classNames };
  if (json) return jsonFormat(run);
  if (csv) return csvFormat(run);
  return isOnly ? detailedFormat(run) : textFormat(run);
}
