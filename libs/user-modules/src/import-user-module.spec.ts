import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importUserModule, isModulePath, type UserModuleKind } from './import-user-module.js';

const double = (value: number) => 2 * value;
const KIND: UserModuleKind = {
  noun: 'model file',
  code: 'model-invalid',
  ending: 'export default { … }',
  packages: { lockstep: { double } },
};

describe("a user's module", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-user-module-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function module(name: string, source: string): Promise<string> {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, source);
    return file;
  }

  it.each([
    [
      'a.ts',
      `import { double } from 'lockstep'; const v: number = double(2); export default { v };`,
    ],
    ['a.mts', `import { double } from 'lockstep'; enum K { A = 4 } export default { v: K.A };`],
    ['a.mjs', `import { double } from 'lockstep'; export default { v: double(2) };`],
    ['a.js', `import { double } from 'lockstep'; export default { v: double(2) };`],
    ['b.js', `const { double } = require('lockstep'); module.exports = { v: double(2) };`],
    ['a.cjs', `exports.default = { v: require('lockstep').double(2) };`],
    ['two words/ünï.mjs', `import { double } from 'lockstep'; export default { v: double(2) };`],
    ['later.mjs', `const { double } = await import('lockstep'); export default { v: double(2) };`],
  ])('is loaded from %s, whatever kind of module it is', async (name, source) => {
    const file = await module(name, source);
    expect(isModulePath(file)).toBe(true);
    expect(await importUserModule(file, KIND)).toMatchObject({ v: 4 });
  });

  it('finds what it imports beside the file itself, also through a link', async () => {
    const described = '{ "type": "module", "exports": "./i.js" }';
    await module('own/node_modules/sizes/package.json', described);
    await module('own/node_modules/sizes/i.js', 'export const first = 7;');
    await module('own/units.json', '{ "second": 5 }');
    await module('own/part.ts', `export { double } from 'lockstep';`);
    const file = await module(
      'own/net.mjs',
      `import { double } from 'lockstep';
      import { first } from 'sizes';
      import units from './units.json' with { type: 'json' };
      import { double as same } from './part.ts';
      export default [first, units.second, same === double];`,
    );
    await symlink(file, join(folder, 'linked.mjs'));
    expect(await importUserModule(join(folder, 'linked.mjs'), KIND)).toEqual([7, 5, true]);
  });

  it.each([
    ['no-default.mjs', 'export const model = 1;', 'has no default export'],
    ['empty.cjs', '', 'has no default export'],
    ['syntax.mjs', '\nexport default {,', 'syntax error'],
    ['line.ts', '\nconst a: number = 1;\nexport default {,', 'line.ts:3:'],
    ['name.mts', 'const name = "x";\n\nexport default {\n  name,\n  v: dense(),\n};', 'name.mts:5'],
    [
      'call.mjs',
      'import { doubl } from "lockstep";\nexport default doubl();',
      'doubl is not a function',
    ],
    ['gone.mjs', 'import "./gone.js";', "Cannot find module './gone.js', imported by /"],
    ['pack.cjs', 'require("no-such-package");', "Cannot find module 'no-such-package'"],
    ['net.onnx', 'x', 'has the extension .onnx, expected one of .ts'],
    ['net', 'x', 'has no extension'],
    ['throws.mjs', 'throw new Error("out of luck");', 'out of luck'],
  ])('is refused as %s, with its place', async (name, source, message) => {
    await expect(importUserModule(await module(name, source), KIND)).rejects.toMatchObject({
      name: 'LockstepError',
      code: 'model-invalid',
      message: expect.stringContaining(message) as string,
    });
  });
});
