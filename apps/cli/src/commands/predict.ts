import { openRunFolder, type RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { defineCommand } from '../command.js';
import { jsonOption, outOption } from '../options/run-options.js';
import { readPicture, type Picture, type PictureTarget } from '../pictures/read-picture.js';
import { withSavedRun } from './saved-run.js';

export const predict = defineCommand({
  name: 'predict',
  loadsTensorFlow: 'always',
  describe: 'classify a PNG picture, or predict its values, with a run’s model',
  positional: [
    { syntax: '<run>', describe: 'id or folder of the run' },
    { syntax: '<picture>', describe: 'a PNG file' },
  ],
  options: { out: outOption, ...jsonOption },
  run: async ({ options: { out, json }, words: [run = '', path = ''] }) => {
    const target = targetOf((await openRunFolder(out, run)).record);
    const { values, ...picture } = await readPicture(path, target);
    return withSavedRun(out, run, false, async ({ engine, record: { runId, spec } }) => {
      const { probabilities: answers } = await engine.run('predict', { images: values });
      const isRegression = 'values' in spec.data.target;
      const found = isRegression ? valuesIn(answers) : classesIn(answers);
      process.stdout.write(
        json
          ? `${JSON.stringify({ runId, ...found.json, picture })}\n`
          : `${found.text}${pictureLine(picture, target)}`,
      );
      return 0;
    });
  },
});

interface Prediction {
  readonly json: object;
  readonly text: string;
}

function classesIn(answers: Float32Array): Prediction {
  const probabilities = [...answers];
  const ranked = probabilities
    .map((probability, digit) => ({ digit, probability }))
    .sort((a, b) => b.probability - a.probability);
  const [best] = ranked;
  return {
    json: { digit: best?.digit, probabilities },
    text: `${best?.digit}\n${ranked.slice(0, 3).map(percentLine).join('')}`,
  };
}

function valuesIn(answers: Float32Array): Prediction {
  const values = [...answers];
  return { json: { values }, text: `${values.join(' ')}\n` };
}

/** Older runs do not record the background: theirs is MNIST's. */
function targetOf({ runId, spec, traits }: RunRecord): PictureTarget {
  const background = traits === undefined ? 'dark' : traits.background;
  const [height, width, channels, ...others] = spec.data.inputShape;
  if (height && width && channels && others.length === 0) {
    return { shape: [height, width, channels], ...(background && { background }) };
  }
  throw new LockstepError(
    'bad-option',
    `the samples of run ${runId} are [${spec.data.inputShape.join(', ')}], not pictures`,
    { remedy: 'predict takes a picture: choose a run of a network for pictures' },
  );
}

function percentLine({ digit, probability }: { digit: number; probability: number }): string {
  return `  ${digit}  ${(100 * probability).toFixed(1).padStart(5)} %\n`;
}

function pictureLine(picture: Omit<Picture, 'values'>, { shape }: PictureTarget): string {
  const { width, height, format, transparentOn, inverted } = picture;
  const [frameHeight, frameWidth, channels] = shape;
  const facts = [
    `${width}×${height}, ${format}`,
    ...(transparentOn === undefined ? [] : [`transparent parts read as ${transparentOn}`]),
    `read as ${frameWidth}×${frameHeight} in ${channels === 1 ? 'grey' : 'colours'}`,
    ...(inverted ? ['inverted to match the background of the training data'] : []),
  ];
  return `picture: ${facts.join('; ')}\n`;
}
