import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureTensorFlow } from './ensure-tensorflow.js';
import { loadTensorFlow, type LoadedTensorFlow } from './load-tensorflow.js';
import { tensorFlowEnvironment } from './tensorflow-environment.js';

const index = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const hasNative = (await ensureTensorFlow(() => undefined)).backend === 'native';

describe.runIf(hasNative)('the native backend', () => {
  let loaded: LoadedTensorFlow;
  beforeAll(async () => {
    loaded = await loadTensorFlow({ threads: 1, backend: 'native' });
  });

  it('reports its version', () => {
    expect(loaded).toMatchObject({
      backend: 'native',
      version: expect.stringMatching(/^2\.\d+/) as string,
    });
    expect(loaded.tf.getBackend()).toBe('tensorflow');
  });

  it('computes, and knows the gradients', () => {
    const { tf } = loaded;
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const gradient = tf.grad((a) => tf.sum(tf.square(a)))(x);
    expect([...gradient.dataSync()]).toEqual([2, 4, 6, 8]);
    expect([...tf.topk(x, 1).values.dataSync()]).toEqual([2, 4]); // calls util.isNullOrUndefined
  });

  it('reaches the raw kernels', () => {
    const { tf } = loaded;
    const backend = tf.backend() as unknown as { executeSingleOutput: unknown };
    expect(backend.executeSingleOutput).toBeTypeOf('function');
  });

  it('loads once, however often it is asked for', async () => {
    const again = await loadTensorFlow({ threads: 1, backend: 'native' });
    expect(again.tf).toBe(loaded.tf);
  });

  it('leaves the union package complete for later imports', () => {
    const union = createRequire(import.meta.url)('@tensorflow/tfjs') as Record<string, unknown>;
    expect(union['layers']).toBeTypeOf('object');
    expect(union['loadGraphModel']).toBeTypeOf('function');
    expect(loaded.tf.getBackend()).toBe('tensorflow');
  });

  it('loads in a thread, and refuses one whose process has other thread counts', async () => {
    const script = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(index)})
        .then(({ loadTensorFlow }) => loadTensorFlow({ threads: 1, backend: 'native' }))
        .then(({ version }) => parentPort.postMessage(version), (e) => parentPort.postMessage(e.code));`;
    const inThread = async (env: NodeJS.ProcessEnv) => {
      const worker = new Worker(script, { eval: true, env });
      const answer = await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
      return answer;
    };
    expect(await inThread({ ...process.env, ...tensorFlowEnvironment(1) })).toBe(loaded.version);
    expect(await inThread({ ...process.env, ...tensorFlowEnvironment(2) })).toBe('internal');
  });

  it('fails without a GPU if one is required', async () => {
    const gpu = { threads: 1, backend: 'native', device: 'gpu' } as const;
    const wrong = await loadTensorFlow(gpu).catch((error: unknown) => error);
    if (loaded.device === 'cpu') expect(wrong).toMatchObject({ code: 'device-unavailable' });
    expect(tensorFlowEnvironment(1)).toMatchObject({ CUDA_VISIBLE_DEVICES: '-1' });
    expect(tensorFlowEnvironment(1, 'gpu')).toMatchObject({
      TF_DETERMINISTIC_OPS: '1',
      NVIDIA_TF32_OVERRIDE: '0',
    });
  });

  it('does not crash the process when its thread has ended', () => {
    const thread = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(index)})
        .then(({ loadTensorFlow }) => loadTensorFlow({ threads: 1, backend: 'native' }))
        .then(() => parentPort.postMessage('loaded'));`;
    const script = `
      import { Worker } from 'node:worker_threads';
      const worker = new Worker(${JSON.stringify(thread)}, { eval: true, execArgv: [] });
      worker.once('message', (message) =>
        worker.terminate().then(() => process.stdout.write(message)));`;
    const env = { ...process.env, ...tensorFlowEnvironment(1) };
    const args = ['--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', env })).toBe('loaded');
  });

  it('gives the same bits in every process', () => {
    const script = `
      import { createHash } from 'node:crypto';
      import { loadTensorFlow } from ${JSON.stringify(index)};
      const { tf } = await loadTensorFlow({ threads: 1, backend: 'native' });
      const x = tf.randomNormal([32, 28, 28, 4], 0, 1, 'float32', 7);
      const w = tf.randomNormal([5, 5, 4, 8], 0, 1, 'float32', 8);
      const y = tf.sum(tf.conv2d(x, w, 1, 'same'), [0, 1, 2]);
      process.stdout.write(createHash('sha256').update(y.dataSync()).digest('hex'));`;
    const bits = () =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(bits()).toBe(bits());
  });
});
