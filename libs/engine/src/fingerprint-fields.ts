import { cpus } from 'node:os';
import type { RunSpec } from '@lockstep/core';
import type { EngineFacts } from './engine-protocol.js';

/** Asked once: the system takes a millisecond to say. */
const cpu = cpus()[0]?.model.trim() ?? 'unknown';

/** What explains a fingerprint, and so a mismatch of two: none of it decides. */
export function fingerprintFields(facts: EngineFacts, spec: RunSpec): Record<string, string> {
  return {
    backend: facts.backend,
    tensorflow: facts.tensorflow,
    threads: String(spec.threads),
    device: facts.device,
    cpu,
    architecture: process.arch,
  };
}
