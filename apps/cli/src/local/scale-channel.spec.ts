import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { build } from 'rolldown';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerScaleRequest } from './scale-channel.js';

/** A child that lets a worker go, then asks for three and reports what came of it. */
const CHILD = `
  import { parentScaler } from './scale-channel.js';
  parentScaler().retireWorker('worker-1');
  const outcome = await parentScaler().scaleTo(3).then(() => 'scaled', (error) => error.code + ': ' + error.message);
  process.send({ outcome }, () => process.disconnect());
`;

async function outcomeWith(answer: (message: unknown) => object | undefined): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-scale-'));
  const file = join(folder, 'child.mjs');
  writeFileSync(file, CHILD);
  await build({
    input: fileURLToPath(new URL('scale-channel.ts', import.meta.url)),
    platform: 'node',
    output: { file: join(folder, 'scale-channel.js') },
    logLevel: 'warn',
  });
  const child = fork(file);
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  let outcome: unknown;
  child.on('message', (message: { outcome?: unknown }) => {
    if (message.outcome !== undefined) return void (outcome = message.outcome);
    const reply = answer(message);
    if (reply) child.send(reply);
  });
  await once(child, 'close');
  return outcome;
}

describe('a coordinator that asks its parent for workers', () => {
  it('gets them', async () => {
    const wishes: unknown[] = [];
    const wish = (what: unknown): void => void wishes.push(what);
    const outcome = await outcomeWith((message) =>
      answerScaleRequest(message, { scaleTo: wish, retireWorker: wish }),
    );
    // In the order they were wished.
    expect({ outcome, wishes }).toEqual({ outcome: 'scaled', wishes: ['worker-1', 3] });
  });

  it('receives the reason of a refusal', async () => {
    const refuse = (): void => {
      throw new LockstepError('cannot-scale', 'no worker has been started yet');
    };
    const outcome = await outcomeWith((message) =>
      answerScaleRequest(message, { scaleTo: refuse, retireWorker: () => undefined }),
    );
    expect(outcome).toBe('cannot-scale: no worker has been started yet');
  });

  it('stops waiting for a parent without a reply, and ignores replies to other requests', async () => {
    const outcome = await outcomeWith(() => ({ lockstep: 'scaled', id: 'another' }));
    expect(outcome).toMatch(/^cannot-scale: /);
  });
});

describe('answerScaleRequest', () => {
  it('ignores other messages', () => {
    const never = (): void => expect.fail('not a wish');
    const strange = [
      { lockstep: 'scale', id: 'x', workers: 'many' },
      { lockstep: 'retire-worker' },
    ];
    for (const message of [null, 7, 'scale', {}, ...strange]) {
      expect(answerScaleRequest(message, { scaleTo: never, retireWorker: never })).toBeUndefined();
    }
  });
});
