import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 collect a heap at once instead of in slices beside the program. A step passes tens of
 * megabytes of gradients through buffers outside the heap, and each 64 MB of them makes V8 mark the
 * whole heap, in threads of its own: a sixth of all CPU time in a training, to find next to nothing.
 * Marked at once, which takes some 20 ms, it happens twenty times less often, since buffers that die
 * young are freed before.
 */
export function collectAtOnce(): void {
  setFlagsFromString('--no-incremental-marking');
}
