import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import type { DataFiles } from './assemble-data-set.js';

const STEMS: DataFiles<string> = {
  trainImages: 'train-images',
  trainLabels: 'train-labels',
  testImages: 't10k-images',
  testLabels: 't10k-labels',
};

/**
 * Finds the four files of the tutorial's `MNIST_data/` form in a folder: `train-images-idx3-ubyte`,
 * also spelled `train-images.idx3-ubyte`, plain or with `.gz` (plain wins).
 *
 * @throws LockstepError `data-not-found`, naming every file that is missing
 */
export async function locateFiles(folder: string): Promise<DataFiles<string>> {
  const present = new Set(await listFolder(folder));
  const missing: string[] = [];
  const find = (stem: string, ranks: readonly number[]): string => {
    const spellings = ranks.flatMap((rank) => spellingsOf(stem, rank));
    const name = spellings.find((spelling) => present.has(spelling));
    if (name === undefined) missing.push(`${spellings[0]}[.gz]`);
    return join(folder, name ?? '');
  };
  const files: DataFiles<string> = {
    trainImages: find(STEMS.trainImages, [3, 4]),
    trainLabels: find(STEMS.trainLabels, [1]),
    testImages: find(STEMS.testImages, [3, 4]),
    testLabels: find(STEMS.testLabels, [1]),
  };
  if (missing.length > 0) {
    throw new LockstepError('data-not-found', `${folder} lacks ${missing.join(', ')}`, {
      remedy: 'Put the four idx files of MNIST there, plain or gzipped, or use --data mnist.',
    });
  }
  return files;
}

function spellingsOf(stem: string, rank: number): string[] {
  const plain = [`${stem}-idx${rank}-ubyte`, `${stem}.idx${rank}-ubyte`];
  return [...plain, ...plain.map((name) => `${name}.gz`)];
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new LockstepError('data-not-found', `there is no data set or folder ${folder}`, {
      remedy:
        'Use --data mnist, --data fashion-mnist, or a folder with the four idx files of MNIST.',
      cause,
    });
  }
}
