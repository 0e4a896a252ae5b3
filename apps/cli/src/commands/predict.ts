import { openRunFolder, type RunRecord } from '@lockstep/coordinator';
import type { CommandDefinition } from '../command.js';
import { jsonOption, leadOptions } from '../options/option-table.js';
import { readPicture, type Picture, type PictureTarget } from '../pictures/read-picture.js';
import { withSavedRun } from './saved-run.js';

export const predict: CommandDefinition = {
  name: 'predict',
  loadsTensorFlow: true,
  describe: 'the class a run’s model sees in a PNG picture',
  positional: [
    { syntax: '<run>', describe: 'id or folder of the run' },
    { syntax: '<picture>', describe: 'a PNG file' },
  ],
  options: [...leadOptions.filter(({ flag }) => flag === 'out'), jsonOption],
  run: async (options, [run = '', path = '']) => {
    const out = options['out'] as string;
    const target = targetOf((await openRunFolder(out, run)).record);
    const { values, ...picture } = await readPicture(path, target);
    return withSavedRun(out, run, false, async ({ engine, record }) => {
      const { probabilities } = await engine.run('predict', { images: values });
      const ranked = [...probabilities]
        .map((probability, digit) => ({ digit, probability }))
        .sort((a, b) => b.probability - a.probability);
      const [best] = ranked;
      const { runId } = record;
      process.stdout.write(
        options['json'] === true
          ? `${JSON.stringify({ runId, digit: best?.digit, probabilities: [...probabilities], picture })}\n`
          : `${best?.digit}\n${ranked.slice(0, 3).map(percentLine).join('')}${pictureLine(picture, target)}`,
      );
      return 0;
    });
  },
};

/** Runs that began before the background was recorded: as in MNIST. */
function targetOf({ spec, traits }: RunRecord): PictureTarget {
  const background = traits === undefined ? 'dark' : traits.background;
  return { shape: spec.data.imageShape, ...(background && { background }) };
}

function percentLine({ digit, probability }: { digit: number; probability: number }): string {
  return `  ${digit}  ${(100 * probability).toFixed(1).padStart(5)} %\n`;
}

function pictureLine(picture: Omit<Picture, 'values'>, { shape }: PictureTarget): string {
  const { width, height, format, transparentOn, inverted } = picture;
  const [frameHeight, frameWidth, channels] = shape;
  const facts = [
    `${width}×${height}, ${format}`,
    ...(transparentOn === undefined ? [] : [`transparent parts taken for ${transparentOn}`]),
    `read as ${frameWidth}×${frameHeight} in ${channels === 1 ? 'grey' : 'colours'}`,
    ...(inverted
      ? ['inverted, as the background of the training data is the other way round']
      : []),
  ];
  return `picture: ${facts.join('; ')}\n`;
}
