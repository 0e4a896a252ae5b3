import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findProgram } from './find-program.js';

/** The browser of this machine; `npm test` installs one where it may. */
export const browserPath = findProgram('chromium', 'chromium-browser', 'google-chrome');

/** A page being looked at. */
export interface Look {
  readonly page: Page;
  /** Requested addresses of other hosts. */
  readonly foreign: readonly string[];
  /** Defects of the page: exceptions, and violations of its policy. */
  readonly defects: readonly string[];
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(browserPath === undefined ? {} : { executablePath: browserPath }),
    // Its own sandbox wants rights that a container's root has not.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

/** Opens an address in a browser that remembers nothing. */
export async function look(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Look> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const foreign: string[] = [];
  const defects: string[] = [];
  const { host } = new URL(url);
  page.on('request', (request) => {
    const address = new URL(request.url());
    const isOwn = address.host === host || ['data:', 'blob:'].includes(address.protocol);
    if (!isOwn) foreign.push(request.url());
  });
  page.on('pageerror', (error) => defects.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) defects.push(message.text());
  });
  await page.goto(url);
  return { page, foreign, defects };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Accessibility violations that are serious or critical; one line each. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // The page's policy forbids foreign scripts, so inject it through the browser.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: 'axe.run()',
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  const { violations } = result.value as AxeResults;
  return violations.flatMap(({ id, impact, help, nodes }) =>
    impact === 'serious' || impact === 'critical'
      ? nodes.map(({ target }) => `${impact} ${id} at ${target.join(' ')}: ${help}`)
      : [],
  );
}
