import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { browserPath, look, seriousFindings, startBrowser, type Look } from './harness/browser.js';
import { lockstep, startLockstep, type Lockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';

const PATIENCE = { timeout: 60_000 };

describe.skipIf(browserPath === undefined)('the login in a browser (needs chromium)', () => {
  const undo: (() => unknown)[] = [];
  let sandbox: Sandbox;
  let run: Lockstep;
  let browser: Browser;
  let desk: Look;
  let tokens = { admin: '', viewer: '' };

  beforeAll(async () => {
    sandbox = createSandbox((each) => undo.push(each));
    tokens = { admin: await newToken(sandbox, 'admin'), viewer: await newToken(sandbox, 'viewer') };
    const files = ['admin', 'viewer'].flatMap((role) => [
      `--${role}-token-file`,
      join(sandbox.folder, role),
    ]);
    run = startLockstep(sandbox, [
      ...['train', '--steps', '100000', '--batch', '50', '--shard-size', '25', '--workers', '1'],
      ...['--data', inject('smallData'), '--out', sandbox.runs, '--json', ...files],
    ]);
    const { dashboard = '' } = await run.event('listening');
    await run.event('step');
    browser = await startBrowser();
    desk = await look(browser, dashboard);
  });
  afterAll(async () => {
    await browser?.close();
    for (const each of undo) await each();
  });

  it('shows nothing of the run before, and reports a wrong token', async () => {
    const { page } = desk;
    await page.getByLabel('Token').waitFor(PATIENCE);
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    await logIn(page, `${tokens.viewer}x`);
    await page.getByRole('alert').getByText('Unknown token.').waitFor(PATIENCE);
    expect(await status(page, 'GET', 'api/run')).toBe(401);
  });

  it('gives a viewer read access only', async () => {
    const { page } = desk;
    await logIn(page, tokens.viewer);
    await page.getByText('Running', { exact: true }).first().waitFor(PATIENCE);
    await page.getByText('Read only', { exact: false }).waitFor(PATIENCE);
    for (const name of ['Pause', 'Stop', 'Add a worker']) {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
    expect(await status(page, 'POST', 'api/run/pause')).toBe(403);
    expect(await status(page, 'GET', 'api/run')).toBe(200);
  });

  it('lets an admin control the run', async () => {
    const { page } = desk;
    await page.getByRole('button', { name: 'Log out' }).click(PATIENCE);
    await logIn(page, tokens.admin);
    await page.getByRole('button', { name: 'Pause' }).click(PATIENCE);
    await run.event('state', ({ state }) => state === 'paused');
    await page.getByRole('button', { name: 'Resume' }).click(PATIENCE);
  });

  it('requires another login when the token is replaced while the page is open', async () => {
    const { page, defects } = desk;
    const replaced = await newToken(sandbox, 'admin');
    await page.getByLabel('Token').waitFor(PATIENCE);
    await logIn(page, tokens.admin);
    await page.getByRole('alert').getByText('Unknown token.').waitFor(PATIENCE);
    await logIn(page, replaced);
    await page.getByRole('button', { name: 'Pause' }).waitFor(PATIENCE);
    expect(defects).toEqual([]);
  });
});

/** Puts a token into a role's file. */
async function newToken(sandbox: Sandbox, role: string): Promise<string> {
  const { stdout } = await lockstep(sandbox, ['token', 'secret']);
  writeFileSync(join(sandbox.folder, role), stdout);
  return stdout.trim();
}

async function logIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token, PATIENCE);
  await page.getByRole('button', { name: 'Log in' }).click(PATIENCE);
}

/** The status of the coordinator's response to a request of this session. */
function status(page: Page, method: string, path: string): Promise<number> {
  const asked = JSON.stringify({ method });
  return page.evaluate<number>(`fetch('${path}', ${asked}).then(({ status }) => status)`);
}
