// Every command is a process of its own, and one that a person waits for: as few files as possible
// load three times as fast as the hundreds they are made of.
import { defineConfig } from 'rolldown';

/** Loaded, or started as processes and threads, by their file. */
const programs = {
  main: 'src/main.ts',
  'set-up': '@lockstep/runtime/set-up',
  'engine-thread': '@lockstep/engine/engine-thread',
  'data-thread': '@lockstep/data/data-thread',
  'ceiling-child': 'src/bench/ceiling-child.ts',
};

export default defineConfig({
  input: programs,
  platform: 'node',
  // These find files of their own by where they lie: native code, a compiler for TypeScript, a page.
  external: [
    ...[/^@tensorflow\//, 'msgpackr-extract', /^jiti(\/|$)/, /^@bull-board\//, 'h5wasm', 'sharp'],
  ],
  output: {
    dir: 'dist',
    // Flat: a program is looked for beside the file that starts it.
    chunkFileNames: '[name]-[hash].js',
    cleanDir: true,
    sourcemap: true,
  },
});
