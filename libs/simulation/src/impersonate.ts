import { randomBytes } from 'node:crypto';
import { parseRunSpec } from '@lockstep/core';
import { PROCESS_KEY_BYTES } from '@lockstep/protocol';
import type { Scene, SceneWorker } from './scene.js';

/**
 * Another process registers with everything that others can know of a member: id, host and pid. It may
 * join, but neither with the member's id nor in its place.
 */
export async function impersonate(scene: Scene, worker: SceneWorker): Promise<void> {
  const { leader } = scene;
  const id = leader?.idOf(worker.session);
  if (id === undefined || leader?.process.state !== 'running') return;
  const { specJson, specSha256 } = await leader.handlers.describe();
  const outcome = await leader.handlers.register({
    ...{ name: id, host: worker.host, pid: worker.pid, backend: 'native' },
    ...{ specSha256, dataSha256: parseRunSpec(specJson, 'the coordinator').data.sha256 },
    ...{ fingerprint: 'same', fingerprintFields: {}, processKey: randomBytes(PROCESS_KEY_BYTES) },
  });
  scene.world.say(() => `impersonated ${id}: ${JSON.stringify(outcome)}`);
  scene.mustBe(leader.idOf(worker.session) === id, `another process took ${id}'s membership`);
  scene.mustBe(
    outcome.kind === 'accepted' && outcome.workerId !== id,
    `another process was not given an id of its own: ${JSON.stringify(outcome)}`,
  );
}
