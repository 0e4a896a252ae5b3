import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  startClusterCoordinator,
  startClusterRedis,
  startClusterWorker,
  type ClusterAddresses,
  type Place,
} from './harness/cluster.js';
import { freePort } from './harness/free-port.js';
import { lockstep, type Lockstep } from './harness/lockstep.js';
import { createSandbox, type Sandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';

const RUN = ['--steps', '60', '--batch', '20', '--shard-size', '4', '--checkpoint-every', '5'];

describe('a run’s folder', () => {
  it('that was copied is led beside the original on the same Redis, with a queue of its own', async () => {
    const undisturbed = await finished(startTraining(createSandbox(), [...RUN, '--workers', '1']));
    const here: Place = { address: '127.0.0.1' };
    const sandbox = createSandbox();
    const elsewhere = createSandbox();
    const { url } = await startClusterRedis(sandbox, here, await freePort());
    const redis = new Redis(url);
    onTestFinished(() => redis.disconnect());
    const data = ['--data', inject('smallData')];
    const lead = async (place: Sandbox, id: string, args: readonly string[]) => {
      const addresses: ClusterAddresses = {
        ...{ redis: url, coordinator: here },
        ...{ grpcPort: await freePort(), httpPort: await freePort() },
      };
      const coordinator = startClusterCoordinator(place, addresses, [...args, ...data]);
      startClusterWorker(place, addresses, here, ['--id', id, ...data]);
      const say = (command: 'pause' | 'resume') =>
        fetch(`http://127.0.0.1:${addresses.httpPort}/api/run/${command}`, { method: 'POST' });
      return { coordinator, say };
    };
    /** Attempts that ended without a contribution, as one that another run's worker takes would. */
    const lostAttempts = ({ events }: Lockstep): number =>
      events.filter((each) => each.event === 'reissue' && each.reason.includes('ended')).length;

    const original = await lead(sandbox, 'one', RUN);
    const { runId } = await original.coordinator.event('run-started');
    await original.coordinator.event('step', ({ step }) => step === 6);
    await original.say('pause');
    await original.coordinator.event('state', ({ state }) => state === 'paused');
    cpSync(join(sandbox.runs, runId), join(elsewhere.runs, runId), { recursive: true });

    const copy = await lead(elsewhere, 'two', ['--resume', runId]);
    await copy.coordinator.event('state', ({ state }) => state === 'running');
    const queues = await redis.keys('*:shards:meta');
    await original.say('resume');
    expect(await finished(copy.coordinator)).toBe(undisturbed);
    expect(await finished(original.coordinator)).toBe(undisturbed);
    expect(queues).toHaveLength(2);
    expect(lostAttempts(copy.coordinator) + lostAttempts(original.coordinator)).toBe(0);
    expect(await redis.keys('*')).toEqual([]);
  }, 400_000);

  it('whose ledger is missing is refused by name, and not trained from step 0', async () => {
    const sandbox = createSandbox();
    const run = startTraining(sandbox, [...RUN, '--workers', '1']);
    const { runId } = await run.event('run-started');
    await finished(run);
    rmSync(join(sandbox.runs, runId, 'ledger.jsonl'));
    const args = ['train', '--resume', runId, '--out', sandbox.runs, '--workers', '1', '--json'];
    const { code, stderr, stdout } = await lockstep(sandbox, args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/run-damaged|ledger.jsonl is missing/);
    expect(stdout).not.toContain('"event":"step"');
  });
});
