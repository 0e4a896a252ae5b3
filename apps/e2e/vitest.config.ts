import { shared } from '../../vitest.shared.js';

/** Whole systems take turns: each has the machine to itself. */
export default shared({
  globalSetup: ['src/harness/reference-run.ts'],
  fileParallelism: false,
  testTimeout: 300_000,
  hookTimeout: 300_000,
});
