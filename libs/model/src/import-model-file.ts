import { realpath } from 'node:fs/promises';
import { extname } from 'node:path';
import { types } from 'node:util';
import { LockstepError } from '@lockstep/core';
import * as api from './user-api.js';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/** The names under which a model file imports this package, wherever the file is. */
const PACKAGE_NAMES = ['lockstep', '@lockstep/model'];

/**
 * The default export of a user's model file, or its `module.exports`. Its imports of `lockstep` and
 * `@lockstep/model` resolve to this package, all others from the file's own folder.
 *
 * @param file absolute path of a file that can be read
 * @throws LockstepError `model-invalid`, with file and line where the module fails
 */
export async function importModelFile(file: string): Promise<unknown> {
  const extension = extname(file);
  if (!EXTENSIONS.includes(extension.toLowerCase())) {
    const found = extension === '' ? 'has no extension' : `has the extension ${extension}`;
    throw invalid(`${file} ${found}, expected one of ${EXTENSIONS.join(', ')}`);
  }
  const exported = await evaluate(file);
  const definition = defaultOf(exported);
  if (definition !== undefined && !isEmpty(definition)) return definition;
  throw new LockstepError('model-invalid', `${file} has no default export`, {
    remedy: 'End the file with `export default defineModel({ … })`.',
  });
}

type Exports = Readonly<Record<string, unknown>>;

async function evaluate(file: string): Promise<Exports> {
  try {
    // Loaded only for a user's model: it brings a TypeScript compiler with it.
    const { createJiti } = await import('jiti');
    const jiti = createJiti(import.meta.url, {
      fsCache: false, // it would stay in the temporary folder
      interopDefault: false,
      virtualModules: Object.fromEntries(PACKAGE_NAMES.map((name) => [name, api])),
    });
    // As Node does: what a linked file imports is looked for beside the file itself.
    const exported = await jiti.import<unknown>(await realpath(file));
    return typeof exported === 'object' && exported !== null ? (exported as Exports) : {};
  } catch (cause) {
    throw invalid(`${file} cannot be loaded: ${reasonOf(cause)}`, cause);
  }
}

function defaultOf(exported: Exports): unknown {
  if ('default' in exported) return exported['default'];
  const isEsModule = types.isModuleNamespaceObject(exported) || exported['__esModule'] === true;
  return isEsModule ? undefined : exported;
}

/** As `module.exports` is before anything is assigned. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The message, with the place where it was thrown unless it names that itself. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const message = cause.message
    .replace(/^ParseError: /, 'syntax error: ')
    .replace(/\(0 , _\w+\.(\w+)\)/g, '$1') // an imported name, as the compiler writes it
    .replace(/\s*\n\s*(?=\/)/, ' at ')
    .replace(/\nRequire stack:\n- (.+)[^]*/, ', imported by $1');
  const place = / at \/|, imported by /.test(message) ? undefined : placeOf(cause);
  return place === undefined ? message : `${message} at ${place}`;
}

/** Path and line of the newest call in a file of the user's own; the compiler keeps no columns. */
function placeOf({ stack = '' }: Error): string | undefined {
  const places = [...stack.matchAll(/^\s+at (?:.*\()?(?:file:\/\/)?(\/.+:\d+):\d+\)?$/gm)];
  return places.map(([, place]) => place).find((place) => !isOwnCode(place ?? ''));
}

/** Whether a place is in this package, bundled or not, or in the compiler. */
function isOwnCode(place: string): boolean {
  const folder = new URL('.', import.meta.url).pathname;
  return place.startsWith(folder) || place.includes('/node_modules/');
}

function invalid(message: string, cause?: unknown): LockstepError {
  return new LockstepError('model-invalid', message, {
    remedy:
      (cause instanceof LockstepError ? cause.remedy : undefined) ??
      'A model file is a TypeScript or JavaScript module that runs in Node.',
    cause,
  });
}
