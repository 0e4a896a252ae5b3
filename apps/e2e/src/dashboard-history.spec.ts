import { createRunFolder, EventLog, openRunFolder } from '@lockstep/store';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { browserPath, look, startBrowser, type Look } from './harness/browser.js';
import { startLockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { until } from './harness/until.js';

const PATIENCE = { timeout: 60_000 };
const STEPS = 20_000;
/** A step with an unusual loss, which the decimated history omits. */
const ODD_ONE = { step: 10_001, loss: 7.25 };
const LONG_RUN = '20250101-000000-long';

describe.skipIf(browserPath === undefined)('a long history in a browser (needs chromium)', () => {
  const undo: (() => unknown)[] = [];
  let sandbox: Sandbox;
  let browser: Browser;
  let desk: Look;

  beforeAll(async () => {
    sandbox = createSandbox((each) => undo.push(each));
    const run = startLockstep(sandbox, [
      ...['train', '--steps', '100000', '--batch', '50', '--shard-size', '25', '--workers', '1'],
      ...['--data', inject('smallData'), '--out', sandbox.runs, '--json'],
    ]);
    const { dashboard = '' } = await run.event('listening');
    const { runId } = await run.event('run-started');
    await run.event('step');
    await writeLongRun(sandbox, runId);
    browser = await startBrowser();
    desk = await look(browser, `${dashboard}#/curves?smooth=0&runs=${LONG_RUN}`);
  });
  afterAll(async () => {
    await browser?.close();
    for (const each of undo) await each();
  });

  it('is shown as a whole, decimated', async () => {
    const { page } = desk;
    await until('the long run is drawn', async () => (await lossAt(page, 0.5)).length > 0);
    expect(await lossAt(page, 0.5)).not.toContain(String(ODD_ONE.loss));
  });

  it('shows every step of a part that is zoomed into', async () => {
    const { page, defects } = desk;
    const box = await boxOf(page);
    // Zoom twice, each time into a part around the middle.
    for (const half of [0.02, 0.1]) {
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + (0.5 - half) * box.width, y);
      await page.mouse.down();
      await page.mouse.move(box.x + (0.5 + half) * box.width, y, { steps: 5 });
      await page.mouse.up();
    }
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor(PATIENCE);
    await until('the odd one is seen', async () => {
      for (let part = 0; part <= 200; part++) {
        if ((await lossAt(page, part / 200)).includes(String(ODD_ONE.loss))) return true;
      }
      return false;
    });
    expect(defects).toEqual([]);
  });
});

/** Writes a run like a coordinator. */
async function writeLongRun(sandbox: Sandbox, like: string): Promise<void> {
  const { record } = await openRunFolder(sandbox.runs, like);
  const { disk } = await createRunFolder(sandbox.runs, { ...record, runId: LONG_RUN });
  let now = Date.parse('2025-01-01');
  const log = new EventLog(disk, () => (now += 60), 1);
  for (let step = 1; step <= STEPS; step++) {
    const loss = step === ODD_ONE.step ? ODD_ONE.loss : 0.1 + Math.exp(-step / 4_000);
    log.write({ event: 'step', step, loss, samplesPerSecond: 800, stepMs: 60, workers: 2 });
  }
  log.write({ event: 'state', state: 'finished', reason: `all ${STEPS} steps are done` });
  log.close();
}

/** The legend of the loss while the pointer is at a fraction of the chart's width. */
async function lossAt(page: Page, part: number): Promise<string> {
  const figure = page.getByRole('figure', { name: 'Loss' });
  const box = await boxOf(page);
  await page.mouse.move(box.x + part * box.width, box.y + box.height / 2);
  const entry = figure.getByRole('listitem').filter({ hasText: LONG_RUN });
  return (await entry.count()) === 0 ? '' : entry.innerText();
}

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** The box of the loss chart, which is redrawn as runs are loaded. */
function boxOf(page: Page): Promise<Box> {
  const chart = page.getByRole('figure', { name: 'Loss' }).locator('.u-over');
  return until('the chart is drawn', async () => (await chart.boundingBox(PATIENCE)) ?? undefined);
}
