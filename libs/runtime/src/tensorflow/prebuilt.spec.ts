import { afterEach, expect, it } from 'vitest';
import { addonState } from './native-addon.js';
import { installPrebuilt } from './prebuilt.js';

afterEach(() => {
  delete process.env['LOCKSTEP_UNPINNED'];
  delete process.env['TFJS_NODE_CDN_STORAGE'];
});

it('the package’s own download, which is not pinned, needs the user’s permission', async () => {
  const before = addonState();
  const said: string[] = [];
  // Nothing listens there: a request would be reported as another failure.
  process.env['TFJS_NODE_CDN_STORAGE'] = 'http://127.0.0.1:1/';
  const refused = await installPrebuilt((line) => said.push(line));
  expect(refused.ok ? 'ok' : refused.reason).toContain('LOCKSTEP_UNPINNED=1');
  process.env['LOCKSTEP_UNPINNED'] = '1';
  const permitted = await installPrebuilt((line) => said.push(line));
  expect(permitted).toEqual({ ok: false, reason: 'its storage host cannot be reached' });
  expect(said).toEqual([]);
  expect(addonState()).toEqual(before);
});
