import { once } from 'node:events';
import { connect, type Settings } from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import { startProtocol } from './testing/start-protocol.js';
import { WINDOW_BYTES } from './wide-windows.js';

it('a worker may send a whole gradient before any of it is acknowledged', async () => {
  const { server } = await startProtocol();
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  let window = 0;
  session.on('remoteSettings', ({ initialWindowSize = 0 }: Settings) => {
    window = initialWindowSize;
  });
  while (window < WINDOW_BYTES) await once(session, 'remoteSettings');
  expect(window).toBe(WINDOW_BYTES);
  // The connection's own window is widened by a frame that follows the settings.
  const ping = () => new Promise((resolve) => session.ping(resolve));
  await ping();
  expect(session.state.remoteWindowSize).toBe(WINDOW_BYTES);
});
