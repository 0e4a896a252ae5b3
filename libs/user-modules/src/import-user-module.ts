import { realpath } from 'node:fs/promises';
import { extname } from 'node:path';
import { types } from 'node:util';
import { LockstepError, type ErrorCode } from '@lockstep/core';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/** What a module of the user's is loaded as. */
export interface UserModuleKind {
  /** For messages: `model file`. */
  readonly noun: string;
  /** Code of its errors. */
  readonly code: ErrorCode;
  /** The last line of such a module, for messages. */
  readonly ending: string;
  /** The names under which it imports Lockstep, wherever the file is, with what each exports. */
  readonly packages: Readonly<Record<string, object>>;
}

/** Whether a path has the extension of a module. */
export function isModulePath(path: string): boolean {
  return EXTENSIONS.includes(extname(path).toLowerCase());
}

/**
 * The default export of a user's module, or its `module.exports`; TypeScript or JavaScript, an ES module
 * or CommonJS. Its imports of Lockstep resolve to `kind.packages`, all others from the file's own folder.
 *
 * @param file absolute path of a file that can be read
 * @throws LockstepError `kind.code`, with file and line where the module fails
 */
export async function importUserModule(file: string, kind: UserModuleKind): Promise<unknown> {
  if (!isModulePath(file)) {
    const extension = extname(file);
    const found = extension === '' ? 'has no extension' : `has the extension ${extension}`;
    throw invalid(kind, `${file} ${found}, expected one of ${EXTENSIONS.join(', ')}`);
  }
  const exported = await evaluate(file, kind);
  const definition = defaultOf(exported);
  if (definition !== undefined && !isEmpty(definition)) return definition;
  throw new LockstepError(kind.code, `${file} has no default export`, {
    remedy: `End the file with \`${kind.ending}\`.`,
  });
}

type Exports = Readonly<Record<string, unknown>>;

async function evaluate(file: string, kind: UserModuleKind): Promise<Exports> {
  try {
    // Loaded only for a user's module: it brings a TypeScript compiler with it.
    const { createJiti } = await import('jiti');
    const jiti = createJiti(import.meta.url, {
      fsCache: false, // it would stay in the temporary folder
      interopDefault: false,
      virtualModules: { ...kind.packages },
    });
    // As Node does: what a linked file imports is looked for beside the file itself.
    const exported = await jiti.import<unknown>(await realpath(file));
    return typeof exported === 'object' && exported !== null ? (exported as Exports) : {};
  } catch (cause) {
    throw invalid(kind, `${file} cannot be loaded: ${reasonOf(cause)}`, cause);
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

/** Whether a place is in one of Lockstep's packages, bundled or not, or in the compiler. */
function isOwnCode(place: string): boolean {
  const packages = new URL('../..', import.meta.url).pathname;
  return place.startsWith(packages) || place.includes('/node_modules/');
}

function invalid(kind: UserModuleKind, message: string, cause?: unknown): LockstepError {
  return new LockstepError(kind.code, message, {
    remedy:
      (cause instanceof LockstepError ? cause.remedy : undefined) ??
      `A ${kind.noun} is a TypeScript or JavaScript module that runs in Node.`,
    cause,
  });
}
