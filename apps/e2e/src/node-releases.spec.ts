import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';
import { NODE_RELEASES, nodeRelease, type NodeMajor } from './node-releases.js';

const runtime = createRequire(import.meta.url).resolve('@lockstep/runtime');
const majors = Object.keys(NODE_RELEASES).map(Number) as NodeMajor[];

describe('TensorFlow and Redis under every supported Node', () => {
  const script = `
    import { createHash } from 'node:crypto';
    import { loadTensorFlow, startRedis } from ${JSON.stringify(runtime)};
    const redis = await startRedis();
    const { tf, backend } = await loadTensorFlow({ threads: 1 });
    const x = tf.randomNormal([16, 28, 28, 1], 0, 1, 'float32', 7);
    const w = tf.randomNormal([5, 5, 1, 8], 0, 1, 'float32', 8);
    const gradient = tf.grad((w) => tf.sum(tf.relu(tf.conv2d(x, w, 1, 'same'))))(w);
    tf.topk(gradient.flatten(), 1);
    const bits = createHash('sha256').update(await gradient.data()).digest('hex');
    await redis.stop();
    console.log(JSON.stringify({ backend, bits, major: parseInt(process.versions.node) }));`;

  async function runUnder(major: NodeMajor): Promise<{ bits: string; major: number }> {
    const args = ['--input-type=module', '-e', script];
    const output = execFileSync(await nodeRelease(major), args, { encoding: 'utf8' });
    return JSON.parse(output) as { bits: string; major: number };
  }

  it('gives the same bits', { timeout: 300_000 }, async () => {
    const results = [];
    for (const major of majors) results.push(await runUnder(major));
    expect(results.map((result) => result.major)).toEqual(majors);
    expect(new Set(results.map((result) => result.bits)).size).toBe(1);
  });
});

describe('a training under every supported Node', () => {
  // The reference run was trained under the Node that runs now.
  const others = majors.filter((major) => !process.versions.node.startsWith(`${major}.`));

  it.each(others)('ends with the same weights under Node %i', async (major) => {
    const sandbox = createSandbox();
    const node = await nodeRelease(major);
    const run = startReference(sandbox, ['--workers', '1'], { node });
    expect(await finished(run)).toBe(referenceSha256());
    await sandbox.empty();
  });
});
