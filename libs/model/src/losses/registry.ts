import { Registry } from '@lockstep/core';
import type { Loss } from './loss.js';
import * as registered from './registered.js';

/** Every loss, by name. */
export const losses = new Registry<Loss>('loss', Object.values(registered));
