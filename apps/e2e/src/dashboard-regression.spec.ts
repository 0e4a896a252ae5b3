import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { browserPath, look, startBrowser } from './harness/browser.js';
import { startLockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';

const PATIENCE = { timeout: 60_000 };
const example = fileURLToPath(new URL('../../../examples/regression', import.meta.url));

it.skipIf(browserPath === undefined)(
  'the page of a regression has its metrics, and neither classes nor pictures (needs chromium)',
  async () => {
    const sandbox = createSandbox();
    const own = ['--data', `${example}/houses.mjs`, '--model', `${example}/model.mjs`];
    const size = ['--steps', '100000', '--eval-every', '100', '--workers', '1'];
    const where = ['--out', sandbox.runs, '--json'];
    const run = startLockstep(sandbox, ['train', ...own, ...size, ...where]);
    const { dashboard = '' } = await run.event('listening');
    await run.event('evaluation');
    const browser = await startBrowser();
    onTestFinished(() => browser.close());
    const { page, defects } = await look(browser, dashboard);
    await page.getByText('Test mae').first().waitFor(PATIENCE);
    const views = page.getByRole('navigation', { name: 'Views' });
    expect(await views.innerText()).not.toContain('Draw');
    expect(await page.getByRole('main').innerText()).not.toMatch(/accuracy/i);

    await views.getByRole('link', { name: 'Evaluation' }).click();
    await page.getByText('Test rmse').first().waitFor(PATIENCE);
    expect(await page.getByRole('main').innerText()).not.toMatch(/confusion|class|image/i);

    await views.getByRole('link', { name: 'Network' }).click();
    await page.getByText('values per sample').first().waitFor(PATIENCE);
    await page.goto(`${dashboard}#/draw`);
    await page.getByText('Nothing to draw').waitFor(PATIENCE);
    expect(defects).toEqual([]);
  },
);
