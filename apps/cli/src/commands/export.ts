import { resolve } from 'node:path';
import { exportFormats, type ExportFormat } from '@lockstep/export';
import { defineCommand } from '../command.js';
import { option } from '../options/option.js';
import { jsonOption, outOption } from '../options/run-options.js';
import { oneOf, text } from '../options/schemas.js';
import { withSavedRun } from './saved-run.js';

export const exportRun = defineCommand({
  name: 'export',
  loadsTensorFlow: 'always',
  describe: 'save a run’s model for TensorFlow.js, Keras or ONNX',
  positional: [{ syntax: '<run>', describe: 'id or folder of the run' }],
  options: {
    format: option(oneOf(...exportFormats), {
      value: 'NAME',
      describe:
        'tfjs: a folder with model.json; keras: a .keras file of Keras 3; onnx: an .onnx file',
      typedOnly: true,
    }),
    to: option(text.optional(), {
      value: 'PATH',
      describe: 'file or, for tfjs, folder to write; an existing one is replaced',
      defaultText: 'RUN.keras, RUN.onnx or RUN-tfjs, in the working folder',
      typedOnly: true,
    }),
    out: outOption,
    ...jsonOption,
  },
  examples: [
    'lockstep export RUN --format onnx',
    'lockstep export RUN --format keras --to digits.keras',
  ],
  run: ({ options: { format, to, out, json }, words: [run = ''] }) =>
    withSavedRun(out, run, false, async ({ engine, record: { runId }, version, versionText }) => {
      const path = resolve(to ?? defaultPath(runId, format));
      if (format === 'tfjs') await engine.run('saveModel', { folder: path });
      else await engine.run('exportModel', { format, path });
      process.stdout.write(
        json
          ? `${JSON.stringify({ event: 'exported', runId, step: version, format, path })}\n`
          : `run ${runId}, ${versionText}: ${path}\n`,
      );
      return 0;
    }),
});

function defaultPath(runId: string, format: ExportFormat): string {
  return format === 'tfjs' ? `${runId}-tfjs` : `${runId}.${format}`;
}
