import { afterEach, describe, expect, it } from 'vitest';
import { readBackendChoice } from './backend-choice.js';
import { ensureTensorFlow } from './ensure-tensorflow.js';

afterEach(() => {
  delete process.env['LOCKSTEP_BACKEND'];
});

async function ensure(): Promise<{ said: string[]; backend: string }> {
  const said: string[] = [];
  const { backend } = await ensureTensorFlow((line) => said.push(line));
  return { said, backend };
}

describe('ensureTensorFlow', () => {
  it('keeps the choice of an earlier set-up, and only warns that it is the slow one', async () => {
    const { backend } = await ensure();
    const again = await ensure();
    expect(again.backend).toBe(backend);
    expect(again.said).toHaveLength(backend === 'native' ? 0 : 1);
    expect(readBackendChoice()?.backend).toBe(backend);
  });

  it('uses wasm if it is forced, reports that, and keeps the stored choice', async () => {
    const before = readBackendChoice();
    process.env['LOCKSTEP_BACKEND'] = 'wasm';
    const { backend, said } = await ensure();
    expect(backend).toBe('wasm');
    expect(said.join()).toContain('LOCKSTEP_BACKEND=wasm');
    expect(readBackendChoice()).toEqual(before);
  });

  it('refuses a backend that it does not know', async () => {
    process.env['LOCKSTEP_BACKEND'] = 'cuda';
    await expect(ensure()).rejects.toMatchObject({ code: 'bad-option' });
  });
});
