import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What a reader of a how-to page does: add files, insert lines, run commands, in this order. */
export interface HowTo {
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly insertions: readonly { readonly path: string; readonly hunk: string }[];
  readonly commands: readonly string[];
}

const FENCE = /^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$/gms;

/**
 * Reads the fenced blocks of a page: a block of TypeScript with a path is a new file, a `diff` block
 * with a path inserts its `+` lines between its other lines, and `sh` blocks hold commands.
 */
export function readHowTo(markdown: string): HowTo {
  const blocks = [...markdown.matchAll(FENCE)].map(
    ([, indent = '', language = '', path, content = '']) => ({
      language,
      path,
      content: content.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
  return {
    files: blocks.flatMap(({ language, path, content }) =>
      path !== undefined && language !== 'diff' ? [{ path, content }] : [],
    ),
    insertions: blocks.flatMap(({ language, path, content }) =>
      path !== undefined && language === 'diff' ? [{ path, hunk: content }] : [],
    ),
    commands: blocks.flatMap(({ language, path, content }) =>
      language === 'sh' && path === undefined ? content.trim().split('\n') : [],
    ),
  };
}

/**
 * Inserts the `+` lines of a hunk.
 *
 * @throws Error unless its other lines occur exactly once in `text`, one after another
 */
export function insertLines(text: string, hunk: string): string {
  const lines = hunk.trimEnd().split('\n');
  const linesOf = (signs: string): string =>
    lines
      .filter((line) => signs.includes(line[0] ?? ' '))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const before = linesOf(' ');
  const parts = text.split(before);
  if (parts.length !== 2)
    throw new Error(`these lines occur ${parts.length - 1} times:\n${before}`);
  return parts.join(linesOf(' +'));
}

/** Does what a page says in a working copy, but for its commands. */
export function applyHowTo({ files, insertions }: HowTo, folder: string): void {
  for (const { path, content } of files) {
    if (existsSync(join(folder, path))) throw new Error(`${path} exists already`);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  for (const { path, hunk } of insertions) {
    writeFileSync(join(folder, path), insertLines(readFileSync(join(folder, path), 'utf8'), hunk));
  }
}

/** Copies the built checkout `root` to `folder`; its packages import each other, not those of `root`. */
export function copyCheckout(root: string, folder: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
  });
  const packages = ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  const built = packages
    .flatMap((name) => [join(name, 'dist'), join(name, 'src', 'generated')])
    .concat('.lockstep');
  for (const path of [...listed.toString().split('\0').filter(Boolean), ...built]) {
    if (existsSync(join(root, path)))
      cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  for (const parent of ['.', ...packages]) {
    linkPackages(join(root, parent, 'node_modules'), join(folder, parent, 'node_modules'));
  }
}

/** Links to installed packages; a workspace's package is a relative link, which is made anew. */
function linkPackages(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name === '@lockstep')
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(from, name), join(to, name));
  }
}
