import type { BestVersion, RunSpec } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { loadCheckpoint, type LedFolder, type RunLock } from '@lockstep/store';
import type { DiskSpace } from '../state/disk-space.js';
import type { Replica } from '../state/replica.js';
import type { Selection } from './selection.js';

export interface RunModelParts {
  readonly spec: RunSpec;
  readonly folder: Pick<LedFolder, 'path' | 'disk'>;
  readonly lock: Pick<RunLock, 'mustHold'>;
  readonly engine: Pick<Engine, 'run'>;
  readonly replica: Pick<Replica, 'newest'>;
  readonly diskSpace: Pick<DiskSpace, 'untilFree'>;
  readonly selection: Pick<Selection, 'keepsBest' | 'best'>;
}

/** A saved model. */
export interface SavedModel {
  readonly folder: string;
  /** The version that it is of, where that is the best one. */
  readonly best?: BestVersion;
}

/** The model of a run: its newest weights, or those of its best evaluation so far. */
export class RunModel {
  readonly #parts: RunModelParts;
  #pinned: number | undefined;

  constructor(parts: RunModelParts) {
    this.#parts = parts;
  }

  /** The version that is saved, which the engine has pinned; undefined where that is the newest one. */
  get pinned(): number | undefined {
    return this.#pinned;
  }

  /** Saves the model, after the last step. */
  async save(): Promise<SavedModel> {
    const { folder, lock, replica, diskSpace, selection } = this.#parts;
    const path = `${folder.path}/model`;
    const best = selection.keepsBest ? selection.best : undefined;
    const weightsSha256 = best && (await this.#pin(best.step));
    await diskSpace.untilFree(async () => {
      await lock.mustHold(); // the engine writes by itself
      const pinned = this.#pinned;
      return replica.newest('saveModel', {
        folder: path,
        ...(pinned === undefined ? {} : { pinned }),
      });
    });
    return { folder: path, ...(best && weightsSha256 && { best: { ...best, weightsSha256 } }) };
  }

  /** @returns the hash of the version's weights */
  async #pin(version: number): Promise<string> {
    const { spec, folder, engine } = this.#parts;
    const { state, weightsSha256 } = await loadCheckpoint(folder.disk, version, spec);
    await engine.run('pin', { version, state });
    this.#pinned = version;
    return weightsSha256;
  }
}
