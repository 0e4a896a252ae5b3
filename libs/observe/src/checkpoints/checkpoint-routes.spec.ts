import { createHash } from 'node:crypto';
import { saveCheckpoint } from '@lockstep/store';
import { describe, expect, it } from 'vitest';
import { ask, problem, startServer } from '../testing/server.js';

describe('a checkpoint', () => {
  it('can be downloaded as it is on the disk', async () => {
    const { url, folder } = await startServer();
    const state = new Uint8Array(3_000_000).fill(7);
    const weightsSha256 = createHash('sha256').update(state).digest('hex');
    await saveCheckpoint(folder.disk, { version: 2, specHash: 'aa', weightsSha256, state }, 5);
    const response = await fetch(`${url}/api/checkpoints/2/download`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="run-1-step-000000002.ckpt"',
    );
    const got = Buffer.from(await response.arrayBuffer());
    expect(Number(response.headers.get('content-length'))).toBe(got.length);
    const kept = await folder.disk.read('checkpoints/step-000000002.ckpt');
    expect(got.equals(kept ?? Buffer.alloc(0))).toBe(true);
  });

  it('that is not kept, or is invalid, is refused', async () => {
    const { url } = await startServer();
    for (const version of ['3', 'x', '-1', '..%2f..%2fspec.json']) {
      expect(await ask(url, `/api/checkpoints/${version}/download`)).toMatchObject({
        status: 400,
        body: problem('bad-request'),
      });
    }
  });
});
