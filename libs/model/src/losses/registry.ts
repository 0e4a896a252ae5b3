import { Registry, type SettingsOf } from '@lockstep/core';
import type { Loss } from './loss.js';
import * as registered from './registered.js';

/** The settings of all losses by name, each optional. */
export type LossSettings = SettingsOf<(typeof registered)[keyof typeof registered]['schema']>;

/** Every loss, by name. */
export const losses = new Registry<Loss>('loss', Object.values(registered));
