// The published library: one file of code, and one of types, since the packages that it is made of
// are not published. `scripts/pack.mjs` runs this.
import { defineConfig } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/** Packages that the published one depends on, by their own types. */
const external = [/^@tensorflow\//, /^zod(\/|$)/];
const dir = 'package/library';

export default defineConfig([
  { input: { index: 'dist/index.js' }, platform: 'node', output: { dir, cleanDir: true } },
  {
    input: { index: 'dist/index.d.ts' },
    platform: 'node',
    external,
    plugins: [dts({ dtsInput: true, emitDtsOnly: true })],
    output: { dir },
  },
]);
