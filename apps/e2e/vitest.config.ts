import { shared } from '../../vitest.shared.js';

/** A text without a SHA-256. */
const NO_HASH = /^(?![^]*[0-9a-f]{64})/;

/**
 * Two whole systems run at once: most of a spec's time is waiting. What depends on the machine's load is
 * tried twice, except where hashes differ; `npm test` lists each test that needed that.
 */
export default shared({
  globalSetup: ['src/harness/reference-run.ts'],
  maxWorkers: 2,
  retry: { count: 1, condition: NO_HASH },
  testTimeout: 300_000,
  hookTimeout: 300_000,
});
