import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readEventFiles } from '../testing/event-files.js';
import { smallRun, stepEvent } from '../testing/small-run.js';
import { TensorBoardTracker } from './tensorboard-tracker.js';

const BEGAN = 1_700_000_000_000;
const spread = { low: -1, high: 1, counts: [1, 0, 0, 3], mean: 0.25, deviation: 0.5 };
const equal = { low: 2, high: 2, counts: [4, 0], mean: 2, deviation: 0 };

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tensorboard-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A run of three steps, and one that takes it up after the first. */
async function writeTwice(folder: string): Promise<void> {
  const alarm = vi.fn();
  const first = new TensorBoardTracker(folder, smallRun(), alarm, () => BEGAN);
  for (const step of [1, 2, 3]) first.observe(stepEvent(step), BEGAN + 500 * step);
  first.spreads(3, [{ name: 'conv1/weights', weights: spread, gradient: equal }]);
  await first.close();
  const later = BEGAN + 60_000;
  const second = new TensorBoardTracker(folder, smallRun({ version: 1 }), alarm, () => later);
  for (const step of [2, 3, 4]) second.observe(stepEvent(step), later + 500 * step);
  second.observe(
    {
      event: 'evaluation',
      step: 4,
      testAccuracy: 0.75,
      testLoss: 0.5,
      metrics: { accuracy: 0.75 },
    },
    later,
  );
  await second.close();
  expect(alarm).not.toHaveBeenCalled();
}

describe('TensorBoard’s files', () => {
  it('contain each step’s named numbers, in records with valid checksums', async () => {
    const folder = folderOf();
    await writeTwice(folder);
    const [head, begin, one, two, , histograms, , goOn] = readEventFiles(join(folder, 'run-1'));
    expect(head?.what).toEqual({ $case: 'fileVersion', value: 'brain.Event:2' });
    expect(begin).toMatchObject({ step: 1, what: { $case: 'sessionLog', value: { status: 1 } } });
    expect(one).toMatchObject({ step: 1, wallTime: BEGAN / 1000 + 0.5 });
    const scalar = (tag: string, simpleValue: number) => ({
      tag,
      value: { $case: 'simpleValue', value: simpleValue },
    });
    expect(two?.what).toEqual({
      $case: 'summary',
      value: {
        value: [
          scalar('train/loss', 0.5),
          scalar('train/learning_rate', 0.5),
          scalar('speed/samples_per_second', 100),
          scalar('speed/step_seconds', 0.5),
        ],
      },
    });
    expect(histograms).toMatchObject({
      step: 3,
      what: {
        value: {
          value: [
            {
              tag: 'weights/conv1/weights',
              value: {
                value: {
                  ...{ min: -1, max: 1, num: 4, sum: 1, sumSquares: 1.25 },
                  ...{ bucketLimit: [-0.5, 0, 0.5, 1], bucket: [1, 0, 0, 3] },
                },
              },
            },
            {
              tag: 'updates/conv1/weights',
              value: { value: { bucketLimit: [2], bucket: [4], sum: 8, sumSquares: 16 } },
            },
          ],
        },
      },
    });
    expect(goOn).toMatchObject({ step: 2, what: { $case: 'sessionLog' } });
  });

  it.skipIf(!hasTensorBoard())(
    'are read by TensorBoard: one curve, without what is void',
    async () => {
      const folder = folderOf();
      await writeTwice(folder);
      const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
print(json.dumps({
  'tags': events.Tags()['scalars'],
  'loss': [[e.step, e.value] for e in events.Scalars('train/loss')],
  'test': [[e.step, e.value] for e in events.Scalars('test/accuracy')],
}))`;
      const said = execFileSync('python3', ['-c', script, join(folder, 'run-1')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { tags, loss, test } = JSON.parse(said) as Record<string, unknown[]>;
      expect(tags).toContain('speed/step_seconds');
      expect(loss).toEqual([1, 2, 3, 4].map((step) => [step, Math.fround(1 / step)]));
      expect(test).toEqual([[4, 0.75]]);
    },
  );

  it('that cannot be written are reported once, and cause no other failure', async () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'file'), '');
    const alarm = vi.fn();
    const tracker = new TensorBoardTracker(join(folder, 'file'), smallRun(), alarm);
    tracker.observe(stepEvent(1), BEGAN);
    await tracker.close();
    expect(alarm).toHaveBeenCalledExactlyOnceWith(
      'tensorboard-unwritable',
      expect.stringContaining('ENOTDIR'),
    );
  });
});

function hasTensorBoard(): boolean {
  try {
    execFileSync('python3', ['-c', 'import tensorboard'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
