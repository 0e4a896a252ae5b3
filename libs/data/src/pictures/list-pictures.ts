import { join } from 'node:path';
import { LockstepError, messageOf } from '@lockstep/core';
import { folderEntries, type FolderEntries } from './folder-entries.js';

/** A picture and its class. */
export interface PictureFile {
  readonly path: string;
  readonly label: number;
}

/** The pictures of a data set, class by class, in each sorted by name. */
export interface ListedPictures {
  readonly classNames: readonly string[];
  readonly train: readonly PictureFile[];
  /** Absent where the folder has no test set of its own. */
  readonly test?: ListedTest;
}

interface ListedTest {
  readonly folder: string;
  readonly files: readonly PictureFile[];
  /** Folders that could be the test set as well, such as `val` beside `test`; their pictures are not used. */
  readonly unused: readonly string[];
}

const TRAINING = ['train', 'training'];
/** The first that is there is the test set. */
const TESTING = ['test', 'testing', 'validation', 'valid', 'val'];

const LAYOUT =
  'Put the pictures of each class into a folder of its name: FOLDER/CLASS/…, or FOLDER/train/CLASS/… and FOLDER/test/CLASS/….';

/**
 * Finds the pictures of a folder: `FOLDER/CLASS/…`, or `FOLDER/train/CLASS/…` and, where it is there,
 * `FOLDER/test/CLASS/…`. Reads no picture.
 *
 * @throws LockstepError `data-not-found` or `data-invalid`
 */
export async function listPictures(folder: string): Promise<ListedPictures> {
  const { folders } = await entriesOf(folder);
  const training = await trainingFolder(folder, folders);
  const listed = await listClasses(training ?? folder);
  const [only] = listed.classNames;
  if (listed.classNames.length === 1) {
    const found = `${training ?? folder} holds a single class, ${only}`;
    throw invalid(`${found}: there is nothing to tell apart`, LAYOUT);
  }
  const [testing, ...unused] = foldersNamed(TESTING, folders).map((name) => join(folder, name));
  if (training === undefined || testing === undefined) return listed;
  const files = await listTest(testing, listed.classNames, training);
  return { ...listed, test: { folder: testing, files, unused } };
}

/** @param training the folder that has the classes `classNames` */
async function listTest(
  folder: string,
  classNames: readonly string[],
  training: string,
): Promise<readonly PictureFile[]> {
  const own = await listClasses(
    folder,
    `Give --data ${training}, of which a part becomes the test set, or sort the pictures by class.`,
  );
  const labels = own.classNames.map((name) => {
    const label = classNames.indexOf(name);
    if (label >= 0) return label;
    throw invalid(
      `${join(folder, name)} is a class that ${training} lacks`,
      'Give both folders the same classes.',
    );
  });
  return own.train.map(({ path, label }) => ({ path, label: labels[label] }));
}

/** A folder `train` with pictures in it is a class of that name, beside `bus` and `tram`. */
async function trainingFolder(
  folder: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const [name] = foldersNamed(TRAINING, folders);
  if (name === undefined) return undefined;
  const path = join(folder, name);
  const inside = await entriesOf(path);
  const isClass = inside.folders.length === 0 && foldersNamed(TESTING, folders).length === 0;
  return isClass ? undefined : path;
}

/** In the order of the names, in any case. */
function foldersNamed(names: readonly string[], folders: readonly string[]): readonly string[] {
  return names.flatMap((name) => folders.filter((each) => each.toLowerCase() === name));
}

async function listClasses(folder: string, remedy = LAYOUT): Promise<ListedPictures> {
  const { folders, files } = await entriesOf(folder);
  const [first] = files;
  if (folders.length === 0) {
    const found = first === undefined ? 'is empty' : `holds ${first} and no folder`;
    throw invalid(`${folder} ${found}, expected a folder for each class`, remedy);
  }
  const train: PictureFile[] = [];
  for (const [label, name] of folders.entries()) {
    for (const path of await listClass(join(folder, name))) train.push({ path, label });
  }
  return { classNames: folders, train };
}

async function listClass(folder: string): Promise<readonly string[]> {
  const { folders, files } = await entriesOf(folder);
  const [inner] = folders;
  if (inner !== undefined) {
    const remedy =
      files.length === 0
        ? `Give --data ${folder} if its folders are the classes. ${LAYOUT}`
        : LAYOUT;
    throw invalid(`${folder} is a class, but holds the folder ${inner}`, remedy);
  }
  if (files.length > 0) return files.map((name) => join(folder, name));
  throw invalid(
    `the folder ${folder} holds no pictures`,
    'Put the pictures of this class into it, or remove it.',
  );
}

async function entriesOf(folder: string): Promise<FolderEntries> {
  try {
    return await folderEntries(folder);
  } catch (cause) {
    throw new LockstepError('data-not-found', `${folder} cannot be read: ${messageOf(cause)}`, {
      remedy:
        'Check that the folder exists, that its links lead somewhere, and that this user may read it.',
      cause,
    });
  }
}

function invalid(message: string, remedy: string): LockstepError {
  return new LockstepError('data-invalid', message, { remedy });
}
