import type { CommandDefinition } from '../command.js';
import { jsonOption, leadOptions } from '../options/option-table.js';
import { readPicture } from '../read-picture.js';
import { loadSavedRun } from './saved-run.js';

export const predict: CommandDefinition = {
  name: 'predict',
  describe: 'the class a run’s model sees in a PNG picture',
  positional: [
    { syntax: '<run>', describe: 'id or folder of the run' },
    { syntax: '<picture>', describe: 'a PNG file' },
  ],
  options: [...leadOptions.filter(({ flag }) => flag === 'out'), jsonOption],
  run: async (options, [run = '', picture = '']) => {
    const { engine, spec, runId } = await loadSavedRun(options['out'] as string, run, false);
    try {
      const images = await readPicture(picture, spec.data.imageShape);
      const { probabilities } = await engine.run('predict', { images });
      const ranked = [...probabilities]
        .map((probability, digit) => ({ digit, probability }))
        .sort((a, b) => b.probability - a.probability);
      const [best] = ranked;
      process.stdout.write(
        options['json'] === true
          ? `${JSON.stringify({ runId, digit: best?.digit, probabilities: [...probabilities] })}\n`
          : `${best?.digit}\n${ranked.slice(0, 3).map(percentLine).join('')}`,
      );
      return 0;
    } finally {
      await engine.close();
    }
  },
};

function percentLine({ digit, probability }: { digit: number; probability: number }): string {
  return `  ${digit}  ${(100 * probability).toFixed(1).padStart(5)} %\n`;
}
