import { createServer, type AddressInfo } from 'node:net';
import { extendSpec, specHash, type RunEvent } from '@lockstep/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { smallRun, stepEvent } from '../testing/small-run.js';
import { startTrackingServer, type TrackingServer } from '../testing/tracking-server.js';
import type { TrackedRun, Tracker } from '../tracker.js';
import { MlflowTracker } from './mlflow-tracker.js';

const finished: RunEvent = {
  event: 'run-finished',
  ...{ runId: 'run-1', step: 4, testAccuracy: 0.9, seconds: 1 },
  metrics: { accuracy: 0.9 },
  ...{ weightsSha256: 'cc', model: '/runs/run-1/model' },
};

function track(url: string, run: Partial<TrackedRun> = {}): { tracker: Tracker; alarm: unknown } {
  const alarm = vi.fn();
  const server = { url, experiment: 'lockstep', authorization: 'Bearer secret' };
  return { tracker: new MlflowTracker(server, smallRun(run), alarm), alarm };
}

const bodies = ({ heard }: TrackingServer, path: string): Record<string, unknown>[] =>
  heard.filter((each) => each.path === path).map(({ body }) => body);

describe('MLflow', () => {
  it('is reached through the proxy of the environment, but not on loopback', async () => {
    const proxy = await startTrackingServer();
    const here = await startTrackingServer();
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
    for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const [url, hears, hearsNot] of [
      [here.url, here, proxy],
      ['http://mlflow.invalid:5000', proxy, here],
    ] as const) {
      const before = hearsNot.heard.length;
      const { tracker, alarm } = track(url);
      tracker.observe(finished, 4000);
      await tracker.close();
      expect(alarm).not.toHaveBeenCalled();
      expect(hears.heard.map(({ path }) => path)).toContain('runs/update');
      expect(hearsNot.heard).toHaveLength(before);
    }
  });

  it('receives a run’s spec, its figures, its end and the model’s path', async () => {
    const server = await startTrackingServer();
    const { tracker, alarm } = track(server.url);
    for (const step of [1, 2])
      tracker.observe(stepEvent(step, { trainAccuracy: 0.5 }), 1000 * step);
    tracker.observe(
      {
        event: 'evaluation',
        step: 2,
        testAccuracy: 0.75,
        testLoss: NaN,
        metrics: { accuracy: 0.75 },
      },
      3000,
    );
    tracker.observe(finished, 4000);
    await tracker.close();
    expect(alarm).not.toHaveBeenCalled();
    expect(bodies(server, 'experiments/create')).toEqual([{ name: 'lockstep' }]);
    expect(bodies(server, 'runs/create')).toMatchObject([
      { experiment_id: '7', run_name: 'run-1', tags: [{ key: 'lockstep.run_id' }, {}] },
    ]);
    const [{ params }] = bodies(server, 'runs/log-batch') as [{ params: unknown }];
    for (const [key, value] of [
      ['model', 'small'],
      ['shards_per_step', '2'],
      ['steps', '4'],
    ]) {
      expect(params).toContainEqual({ key, value });
    }
    expect(server.metrics()).toEqual([
      ...['train/loss 1 1', 'train/accuracy 1 0.5', 'train/learning_rate 1 0.5'],
      'speed/samples_per_second 1 100',
      ...['train/loss 2 0.5', 'train/accuracy 2 0.5', 'train/learning_rate 2 0.5'],
      ...['speed/samples_per_second 2 100', 'speed/step_seconds 2 1'],
      'test/accuracy 2 0.75',
    ]);
    expect(server.heard.map(({ body }) => body['tags'])).toContainEqual([
      { key: 'lockstep.model', value: '/runs/run-1/model' },
      { key: 'lockstep.weights_sha256', value: 'cc' },
    ]);
    expect(bodies(server, 'runs/update')).toEqual([
      { run_id: 'r1', status: 'FINISHED', end_time: 4000 },
    ]);
    expect(new Set(server.heard.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer secret']),
    );
  });

  it('finds a run again that is taken up', async () => {
    const server = await startTrackingServer();
    const first = track(server.url).tracker;
    first.observe(stepEvent(1), 1000);
    await first.close();
    const spec = extendSpec(smallRun().spec, 1, 9);
    const second = track(server.url, { version: 1, spec }).tracker;
    second.observe(stepEvent(2), 2000);
    await second.close();
    expect(bodies(server, 'runs/create')).toHaveLength(1);
    expect(bodies(server, 'runs/update')).toEqual([{ run_id: 'r1', status: 'RUNNING' }]);
    expect(server.metrics()).toContain('train/loss 2 0.5');
    // Its parameters cannot change: tags record an extension.
    const batches = bodies(server, 'runs/log-batch');
    expect(batches.filter(({ params }) => params !== undefined)).toHaveLength(1);
    expect(batches.flatMap(({ tags }) => tags ?? [])).toEqual([
      { key: 'lockstep.steps', value: '9' },
      { key: 'lockstep.spec_sha256', value: specHash(spec) },
    ]);
  });

  it('may be away: one alarm, and all that was kept once it is back', async () => {
    const { port, close } = await startTrackingServer();
    await close();
    const { tracker, alarm } = track(`http://user:pass@127.0.0.1:${port}`);
    tracker.observe(stepEvent(1), 1000);
    await vi.waitFor(() => expect(alarm).toHaveBeenCalledOnce(), { timeout: 10_000 });
    expect(alarm).toHaveBeenCalledWith(
      'mlflow-unreachable',
      expect.stringContaining(`http://127.0.0.1:${port} `),
    );
    const server = await startTrackingServer(port);
    tracker.observe(stepEvent(2), 2000);
    await vi.waitFor(() => expect(server.metrics()).toContain('train/loss 2 0.5'), {
      timeout: 20_000,
    });
    expect(server.metrics()).toContain('train/loss 1 1');
    await tracker.close();
    expect(alarm).toHaveBeenCalledOnce();
  });

  it('that accepts connections and never responds causes no delay', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { tracker } = track(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    tracker.observe(stepEvent(1), 1000);
    await tracker.close();
  });
});
