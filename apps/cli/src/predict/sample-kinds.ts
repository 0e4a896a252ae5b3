import { arraySamples } from './array-samples.js';
import { pictureSamples } from './picture-samples.js';
import { tableSamples } from './table-samples.js';
import type { SampleKind } from './sample.js';

/** What `predict` reads, one line each; the first that takes a path reads it. Pictures are last: what nothing takes is read as one. */
export const sampleKinds: readonly SampleKind[] = [tableSamples, arraySamples, pictureSamples];
