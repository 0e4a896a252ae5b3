import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readEventFiles } from '@lockstep/tracking/testing';
import { describe, expect, it } from 'vitest';
import { processesOf } from './harness/processes.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

describe('a run that is recorded', () => {
  it('continues one curve after its coordinator was killed, with histograms, although MLflow is unreachable', async () => {
    const sandbox = createSandbox();
    const logs = join(sandbox.folder, 'logs');
    const run = startReference(sandbox, [
      ...['--workers', '2', '--eval-every', '5', '--checkpoint-every', '2'],
      ...['--tensorboard', logs, '--mlflow', `http://127.0.0.1:${await unusedPort()}`],
    ]);
    await run.event('step', ({ step }) => step === 6);
    // A checkpoint is saved in parallel with later steps: wait for one to resume from.
    await run.event('checkpoint', ({ step }) => step >= 2);
    const [coordinator] = processesOf(sandbox.folder).filter(({ command }) =>
      command.includes(' coordinator '),
    );
    process.kill(coordinator?.pid ?? 0, 'SIGKILL');
    expect(await finished(run)).toBe(referenceSha256());
    await run.event('alarm', ({ code }) => code === 'mlflow-unreachable');

    const events = readEventFiles(join(logs, sandbox.runNames()[0] ?? ''));
    const takenUp = events.findLast(({ what }) => what?.$case === 'sessionLog')?.step ?? 0;
    expect(takenUp).toBeGreaterThan(1);
    const losses = new Set(stepsWith('train/loss'));
    expect([...losses].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n + 1));
    for (const tag of ['test/accuracy', 'weights/conv1/weights', 'updates/fc1/weights']) {
      expect(stepsWith(tag)).toContain(10);
    }

    function stepsWith(tag: string): number[] {
      return events.flatMap(({ step, what }) =>
        what?.$case === 'summary' && what.value.value.some((value) => value.tag === tag)
          ? [step]
          : [],
      );
    }
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
