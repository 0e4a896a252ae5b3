// eslint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[0-9;]*m/g;
/** vitest's summary, `Tests  1 failed | 9 passed | 2 skipped (12)`; nx replays it from its cache. */
const SUMMARY = /(?:^|\s)Tests\s+((?:\d+ \w+(?: \| )?)+)\s*\(\d+\)/;
/** nx's list of failed tasks, `- @lockstep/core:lint`. */
const FAILED_TASK = /^\s*[-✖]\s+(?:nx run )?(\S+:(?:lint|typecheck|test|build))\b/;
/** vitest's heading of a failed test in its list of failures; the lines after it have the error. */
const FAILURE = /^(?:(\S+):)?\s+FAIL\s+(\S+\.spec\.ts\b.*)$/;
/** What follows an error: its stack, the code around it, or the next test. */
const AFTER_ERROR = /^(?:\S+:)?\s*(?:❯|⎯|FAIL\s|at\s|- Expected)/;
const MOST_ERROR_LINES = 12;
/** A test that passed when it was tried again, `✓ title 1234ms (retry x1)`. */
const REPEATED = /^(?:(\S+):)?\s+✓ (.*\(retry x\d+\))/;

/** Adds up the tests of all packages from the output of nx. */
export class TestCount {
  #totals = { passed: 0, failed: 0, skipped: 0 };
  #failedTasks = new Set();
  /** Each failed test, with its error: a log is often cut, and the closing lines are kept. */
  #failures = [];
  #errorLines = 0;
  #repeated = [];

  read(coloured) {
    const line = coloured.replace(COLOUR, '');
    for (const part of SUMMARY.exec(line)?.[1]?.split(' | ') ?? []) {
      const [number, what] = part.trim().split(' ');
      const kind = what === 'todo' ? 'skipped' : what;
      if (kind in this.#totals) this.#totals[kind] += Number(number);
    }
    if (AFTER_ERROR.test(line)) this.#errorLines = 0;
    if (this.#errorLines > 0) this.#readError(line.replace(/^@\S+:\s*/, '').trim());
    const [, project, title] = FAILURE.exec(line) ?? [];
    if (title !== undefined) this.#failures.push([project, title].filter(Boolean).join(' '));
    if (title !== undefined) this.#errorLines = MOST_ERROR_LINES;
    const [, of, repeated] = REPEATED.exec(line) ?? [];
    if (repeated !== undefined) this.#repeated.push([of, repeated].filter(Boolean).join(' '));
    const task = FAILED_TASK.exec(line)?.[1];
    if (task !== undefined) this.#failedTasks.add(task);
  }

  #readError(line) {
    if (line === '') return;
    this.#errorLines -= 1;
    this.#failures.push(`  ${line.slice(0, 300)}`);
  }

  /** The failed tests, each with the first lines of its error, and the failed tasks. */
  get failures() {
    // A test that was tried twice is listed twice, with the same error.
    return [...new Set([...this.#failures, ...this.#failedTasks])];
  }

  /** The tests that passed only when they were tried again. */
  get repeated() {
    return this.#repeated;
  }

  /** The closing line. A task that failed without a failed test (lint, types, a crash) counts too. */
  close(exitCode) {
    const { passed, skipped } = this.#totals;
    const others = [...this.#failedTasks].filter((task) => !task.endsWith(':test')).length;
    let failed = this.#totals.failed + others;
    if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    return { line: `${passed} passed, ${failed} failed${tail}`, failed: failed > 0 };
  }
}
