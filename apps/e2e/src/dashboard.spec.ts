import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRunAddress, RUN_ADDRESS_FILE } from '@lockstep/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { browserPath, look, seriousFindings, startBrowser, type Look } from './harness/browser.js';
import { startLockstep, type EventNamed, type Lockstep } from './harness/lockstep.js';
import { processesOf } from './harness/processes.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { until } from './harness/until.js';

/** The documented limit. */
const LOST_WITHIN_MS = 2_000;
const PATIENCE = { timeout: 60_000 };
const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const PHONE = { viewport: { width: 390, height: 844 } } as const;

/** One training, monitored and controlled through the page from beginning to end. */
describe.skipIf(browserPath === undefined)('the dashboard in a browser (needs chromium)', () => {
  const undo: (() => unknown)[] = [];
  let sandbox: Sandbox;
  let run: Lockstep;
  let browser: Browser;
  let url = '';
  let folder = '';
  let desk: Look;

  beforeAll(async () => {
    sandbox = createSandbox((each) => undo.push(each));
    const size = ['--steps', '100000', '--batch', '50', '--shard-size', '10', '--workers', '2'];
    const often = ['--eval-every', '50', '--checkpoint-every', '50'];
    const where = ['--data', inject('smallData'), '--out', sandbox.runs, '--json'];
    run = startLockstep(sandbox, ['train', ...where, ...size, ...often]);
    const { dashboard = '' } = await run.event('listening');
    url = dashboard;
    ({ folder } = await run.event('run-started'));
    await run.event('step');
    browser = await startBrowser();
    desk = await look(browser, url);
  });
  afterAll(async () => {
    await browser?.close();
    for (const each of undo) await each();
  });

  it('shows the run, live', async () => {
    const { page } = desk;
    await page.getByText('Running', { exact: true }).first().waitFor(PATIENCE);
    expect(await page.getByRole('banner').innerText()).toContain('step');
    const first = await stepShown(page);
    await until('the step advances', async () => (await stepShown(page)) > first);
  });

  it('pauses the run', async () => {
    const { page } = desk;
    await page.getByRole('button', { name: 'Pause' }).click();
    await run.event('state', ({ state }) => state === 'paused');
    await page.getByRole('button', { name: 'Resume' }).click(PATIENCE);
    const again = await until('it is resumed', () => {
      const paused = run.events.findLastIndex((each) => isState(each, 'paused'));
      const resumed = run.events.findLastIndex((each) => isState(each, 'running'));
      return resumed > paused && { paused, resumed };
    });
    // The open step is finished, and no further one is opened.
    const between = run.events.slice(again.paused, again.resumed);
    expect(between.filter(({ event }) => event === 'step').length).toBeLessThanOrEqual(1);
  });

  it('starts a worker process', async () => {
    const { page } = desk;
    await page.getByText('2 workers', { exact: true }).waitFor(PATIENCE);
    const before = workerPids(sandbox);
    await page.getByRole('button', { name: 'Add a worker' }).click(PATIENCE);
    const added = await until('a third process', () =>
      workerPids(sandbox).find((pid) => !before.includes(pid)),
    );
    await run.event('worker', ({ pid, state }) => pid === added && state === 'joined');
    await page.getByRole('button', { name: 'Remove a worker' }).click(PATIENCE);
    await run.event('worker', ({ state }) => state === 'left');
  });

  it(`shows a killed worker as lost within ${LOST_WITHIN_MS / 1000} s`, async () => {
    const { page } = desk;
    await goTo(page, 'Workers');
    const took: number[] = [];
    // The machine may be busy at that moment, but not three times.
    for (let tries = 1; tries <= 3 && Math.min(...took) > LOST_WITHIN_MS; tries++) {
      const victim = await until('two workers', () => {
        const present = living(run);
        return present.length === 2 && present[0];
      });
      const row = page.getByRole('row').filter({ hasText: String(victim.pid) });
      await row
        .getByText(/^(Ready|Straggling)$/)
        .first()
        .waitFor(PATIENCE);
      process.kill(victim.pid, 'SIGKILL');
      const killed = performance.now();
      await row.getByText('Lost', { exact: true }).first().waitFor(PATIENCE);
      took.push(performance.now() - killed);
    }
    expect(Math.min(...took)).toBeLessThan(LOST_WITHIN_MS);
  });

  it('predicts 7 for a drawn 7', async () => {
    const { page } = desk;
    await run.event('evaluation', ({ testAccuracy = 0 }) => testAccuracy > 0.9, 240_000);
    await goTo(page, 'Draw a picture');
    const sheet = page.getByRole('application', { name: 'Canvas to draw on' });
    await sheet.waitFor(PATIENCE);
    const box = await sheet.boundingBox();
    if (!box) throw new Error('the canvas is not visible');
    const at = (x: number, y: number): [number, number] => [
      box.x + x * box.width,
      box.y + y * box.height,
    ];
    await page.mouse.move(...at(0.28, 0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.72, 0.25), { steps: 8 });
    await page.mouse.move(...at(0.45, 0.82), { steps: 10 });
    await page.mouse.up();
    await until('it is a 7', async () => (await page.getByTestId('digit').innerText()) === '7');
  });

  it('shows nothing as current while the coordinator is stopped', async () => {
    const { page } = desk;
    await goTo(page, 'Overview');
    const { pid } = addressIn(folder);
    process.kill(pid, 'SIGSTOP');
    try {
      await page.getByText(/has not responded since \d\d:\d\d:\d\d/).waitFor(PATIENCE);
      expect(await page.getByText('Running', { exact: true }).count()).toBe(0);
      for (const name of ['Pause', 'Stop', 'Add a worker']) {
        expect(await page.getByRole('button', { name, exact: true }).isDisabled()).toBe(true);
      }
      expect(await page.title()).toContain('Not responding');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await page.getByText('Running', { exact: true }).first().waitFor(PATIENCE);
    expect(await page.title()).not.toContain('Not responding');
  });

  it('survives the end of the coordinator', async () => {
    const { page } = desk;
    await goTo(page, 'Overview');
    await page.evaluate('globalThis.unchanged = true');
    const { pid, term } = addressIn(folder);
    process.kill(pid, 'SIGKILL');
    await until(
      'another coordinator takes over',
      () => addressIn(folder).term > term && addressIn(folder),
    );
    const shown = await stepShown(page);
    await until('the page shows new steps', async () => (await stepShown(page)) > shown, 120_000);
    expect(await page.evaluate('globalThis.unchanged')).toBe(true);
    const restarted = page.getByText(/Coordinator restarted, resumed at step \d+/);
    await restarted.first().waitFor(PATIENCE);
    const { page: other } = await look(browser, url);
    await other
      .getByText(/Coordinator restarted, resumed at step \d+/)
      .first()
      .waitFor(PATIENCE);
    await other.context().close();
  });

  it.each([
    ['light', {}],
    ['dark', {}],
    ['light', PHONE],
  ] as const)('is accessible in every view: %s %j', async (colorScheme, size) => {
    const seen = await look(browser, url, { colorScheme, ...size });
    const titles = await viewTitles(seen.page);
    expect(titles.length).toBeGreaterThanOrEqual(2);
    const findings: string[] = [];
    for (const title of titles) {
      await goTo(seen.page, title);
      const found = await seriousFindings(seen.page);
      findings.push(...found.map((finding) => `${title}: ${finding}`));
      const wide = await seen.page.evaluate<number>(TOO_WIDE);
      if (wide > 0) findings.push(`${title}: ${wide} pixels wider than the screen`);
    }
    expect(findings).toEqual([]);
    expect([seen.foreign, seen.defects]).toEqual([[], []]);
    await seen.page.context().close();
  });

  it('contacts no other host, has no errors, and stops the run', async () => {
    const { page, foreign, defects } = desk;
    await goTo(page, 'Overview');
    await page.getByRole('button', { name: 'Stop', exact: true }).click(PATIENCE);
    await page.getByRole('button', { name: 'Stop run' }).click(PATIENCE);
    await run.event('state', ({ state }) => state === 'stopped');
    await run.ended;
    await page.getByText('The run has ended, and so has its coordinator.').waitFor(PATIENCE);
    expect(await page.getByText(/of \d+ ready/).count()).toBe(0);
    expect([foreign, defects]).toEqual([[], []]);
    await sandbox.empty();
  });
});

async function stepShown(page: Page): Promise<number> {
  const text = await page.getByRole('banner').innerText();
  return Number((/step\s+([\d,. ]+)\s*\//.exec(text)?.[1] ?? '').replaceAll(/\D/g, ''));
}

function viewTitles(page: Page): Promise<string[]> {
  const links = page.getByRole('navigation', { name: 'Views' }).getByRole('link');
  return links
    .first()
    .waitFor(PATIENCE)
    .then(() => links.allInnerTexts());
}

async function goTo(page: Page, title: string): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: title });
  await link.click(PATIENCE);
  // Nothing is loading any more.
  await page
    .locator('main')
    .locator('[aria-busy="true"]')
    .first()
    .waitFor({
      ...PATIENCE,
      state: 'detached',
    });
}

function isState(event: Lockstep['events'][number], state: string): boolean {
  return event.event === 'state' && event.state === state;
}

function workerPids({ folder }: Sandbox): readonly number[] {
  return processesOf(folder)
    .filter(({ command }) => command.includes('main.js worker'))
    .map(({ pid }) => pid);
}

/** The workers that have joined and not left. */
function living(run: Lockstep): EventNamed<'worker'>[] {
  const present = new Map<string, EventNamed<'worker'>>();
  for (const event of run.events) {
    if (event.event !== 'worker') continue;
    if (event.state === 'joined') present.set(event.id, event);
    else present.delete(event.id);
  }
  return [...present.values()];
}

function addressIn(folder: string): { pid: number; term: number } {
  const text = readFileSync(join(folder, RUN_ADDRESS_FILE), 'utf8');
  return parseRunAddress(text) ?? { pid: 0, term: 0 };
}
