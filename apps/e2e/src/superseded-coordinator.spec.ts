import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '@lockstep/core';
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
import { createSandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';

const RUN = ['--steps', '60', '--batch', '20', '--shard-size', '4', '--checkpoint-every', '5'];
const RUN_LOCKED = 2;

type Line = RunEvent & { readonly term?: number };

const linesOf = (folder: string): readonly Line[] =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

describe('a coordinator that was suspended, and that another one has superseded', () => {
  it.each([
    ['wakes up', []],
    ['wakes up to be stopped', ['SIGTERM']],
  ] as const)(
    'changes nothing when it %s',
    async (_, signals) => {
      const undisturbed = await finished(
        startTraining(createSandbox(), [...RUN, '--workers', '1']),
      );
      const sandbox = createSandbox();
      const here: Place = { address: '127.0.0.1' };
      const { url } = await startClusterRedis(sandbox, here, await freePort());
      const places = async (): Promise<ClusterAddresses> => ({
        ...{ redis: url, coordinator: here },
        ...{ grpcPort: await freePort(), httpPort: await freePort() },
      });
      const redis = new Redis(url);
      onTestFinished(() => redis.disconnect());
      const queues = (): Promise<string[]> => redis.keys('*:shards:meta');
      const data = ['--data', inject('smallData')];

      const firstPlace = await places();
      const first = startClusterCoordinator(sandbox, firstPlace, [...RUN, ...data]);
      startClusterWorker(sandbox, firstPlace, here, ['--id', 'one', ...data]);
      const { runId, folder } = await first.event('run-started');
      await first.event('step', ({ step }) => step === 6);
      first.kill('SIGSTOP');
      const old = await queues();

      const secondPlace = await places();
      const second = startClusterCoordinator(sandbox, secondPlace, ['--resume', runId, ...data]);
      await second.event('run-started');
      const address = readFileSync(join(folder, 'address.json'), 'utf8');
      const lines = linesOf(folder).length;
      for (const signal of signals) first.kill(signal);
      first.kill('SIGCONT');
      expect(await first.ended).toBe(RUN_LOCKED);
      expect(readFileSync(join(folder, 'address.json'), 'utf8')).toBe(address);
      expect(JSON.parse(address)).toMatchObject({ term: 2, pid: second.pid });
      expect(
        linesOf(folder)
          .slice(lines)
          .filter(({ term }) => term !== 2),
      ).toEqual([]);
      // The queue of the second one is there, and none of the first one's.
      const now = await queues();
      expect(now).toHaveLength(1);
      expect(old).not.toContain(now[0]);

      startClusterWorker(sandbox, secondPlace, here, ['--id', 'two', ...data]);
      expect(await finished(second)).toBe(undisturbed);
      const terms = linesOf(folder).map(({ term }) => term);
      expect(terms).toEqual([...terms].sort());
      expect(await redis.keys('*')).toEqual([]);
    },
    400_000,
  );
});
