import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { readEventFiles } from '../testing/event-files.js';
import { EventFile } from './event-file.js';

it('writes every event in order, those that come during a write too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-events-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = new EventFile(folder, Date.now(), (error) => expect.unreachable(String(error)));
  const steps = Array.from({ length: 300 }, (_, n) => n + 1);
  for (const step of steps) {
    file.add({ wallTime: 1, step, what: { $case: 'summary', value: { value: [] } } });
    await setImmediate();
  }
  await file.close();
  const written = readEventFiles(folder).filter(({ what }) => what?.$case === 'summary');
  expect(written.map(({ step }) => step)).toEqual(steps);
});
