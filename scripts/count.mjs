// Counts what tells how hard the code is to read: `node scripts/count.mjs [FOLDER] [--list]`.
// FOLDER is another checkout of this repository, for a comparison; --list names what was counted.
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';
import { cruise } from 'dependency-cruiser';
import ts from 'typescript';
import { root } from './steps.mjs';

const list = process.argv.includes('--list');
const folder = resolve(process.argv.slice(2).find((word) => !word.startsWith('--')) ?? root);

const SOURCE = /\.(?:ts|tsx|mts|mjs|cjs|js)$/;
const SPEC = /\.(?:spec|contract)\.tsx?$|\/testing\/|^apps\/e2e\//;
const GENERATED = /\/generated\//;

const files = execFileSync('git', ['ls-files', '-z'], { cwd: folder, encoding: 'utf8' })
  .split('\0')
  .filter((path) => SOURCE.test(path) && !GENERATED.test(path));
const specs = files.filter((path) => SPEC.test(path));
const sources = files.filter((path) => !SPEC.test(path));

/** Lines that hold a token: neither blank nor comment. */
function codeLines(tree) {
  const lines = new Set();
  const visit = (node) => {
    if (node.getChildCount(tree) > 0) return node.getChildren(tree).forEach(visit);
    if (node.kind === ts.SyntaxKind.EndOfFileToken || node.kind >= ts.SyntaxKind.FirstJSDocNode)
      return;
    const line = (position) => tree.getLineAndCharacterOfPosition(position).line;
    for (let at = line(node.getStart(tree)); at <= line(node.end); at++) lines.add(at);
  };
  visit(tree);
  return lines.size;
}

function parse(path) {
  const text = readFileSync(join(folder, path), 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

const totals = { code: 0, spec: 0, imports: 0, casts: [], long: [], longer: [] };
const interfaces = new Map();
const implementations = new Map();

function countFunction(node, tree, path) {
  if (!ts.isFunctionLike(node) || !node.body || !ts.isBlock(node.body)) return;
  const { line: first } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
  const { line: last } = tree.getLineAndCharacterOfPosition(node.end);
  const lines = last - first + 1;
  const name = `${path}:${first + 1} (${lines} lines)`;
  if (lines > 40) totals.long.push(name);
  if (lines > 80) totals.longer.push(name);
}

/** A class that implements an interface, or a factory that is declared to return it. */
function countImplementation(node, tree, path) {
  if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, path);
  const add = (name) => implementations.set(name, (implementations.get(name) ?? 0) + 1);
  if (ts.isClassLike(node)) {
    for (const { types, token } of node.heritageClauses ?? []) {
      if (token === ts.SyntaxKind.ImplementsKeyword)
        types.forEach(({ expression }) => add(expression.getText(tree)));
    }
  }
  if (!ts.isFunctionDeclaration(node) || !node.name || !node.type) return;
  if (!/^(?:create|start|open|make|connect)/.test(node.name.text)) return;
  const returned = node.type.getText(tree).replace(/^Promise<(.+)>$/s, '$1');
  add(returned.replace(/<.*/s, ''));
}

/** `options['steps'] as number`, `options[key] as Value`. */
function countCast(node, tree, path) {
  if (!ts.isAsExpression(node) || !path.startsWith('apps/cli/')) return;
  const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
  if (/^\(?options(?:\[|$)/.test(node.expression.getText(tree)))
    totals.casts.push(`${path}:${line + 1}`);
}

for (const path of sources) {
  const tree = parse(path);
  totals.code += codeLines(tree);
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) totals.imports += node.getText(tree).split('\n').length;
    countFunction(node, tree, path);
    countImplementation(node, tree, path);
    countCast(node, tree, path);
    ts.forEachChild(node, visit);
  };
  visit(tree);
}
for (const path of specs) totals.spec += codeLines(parse(path));

const { output } = await cruise(
  ['apps', 'libs', 'deploy'],
  {
    baseDir: folder,
    exclude: { path: ['/dist/', '/generated/', 'node_modules'] },
    tsPreCompilationDeps: true,
    ruleSet: { forbidden: [{ name: 'no-cycles', from: {}, to: { circular: true } }] },
    validate: true,
  },
  { extensions: ['.ts', '.tsx', '.mjs', '.js'] },
);
const cycles = output.summary.violations.map(({ from, to }) => `${from} ↔ ${to}`);

const single = [...interfaces]
  .filter(([name]) => implementations.get(name) === 1)
  .map(([name, path]) => `${name} (${path})`);

const counts = {
  'lines of code (not blank, comment, spec, generated)': totals.code,
  'lines of specs and test harness': totals.spec,
  'source files': sources.length,
  'files in all (tracked)': execFileSync('git', ['ls-files'], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n').length,
  'lines of code per source file': Math.round(totals.code / sources.length),
  'import lines': totals.imports,
  'interfaces with a single implementation': single,
  'import cycles (type imports included)': cycles,
  'functions over 40 lines': totals.long,
  'functions over 80 lines': totals.longer,
  'casts of option values': totals.casts,
};
process.stdout.write(`${relative(process.cwd(), folder) || '.'}\n`);
for (const [what, found] of Object.entries(counts)) {
  const isList = Array.isArray(found);
  process.stdout.write(`${String(isList ? found.length : found).padStart(7)}  ${what}\n`);
  if (list && isList) for (const each of found) process.stdout.write(`           ${each}\n`);
}
