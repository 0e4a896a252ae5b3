import { cpus } from 'node:os';
import type { RunSpec } from '@lockstep/core';
import type { EngineFacts } from './engine-protocol.js';

/** Read once: the call takes a millisecond. */
const cpu = cpus()[0]?.model.trim() ?? 'unknown';

/** Fields that explain a fingerprint mismatch; the comparison itself uses the hash alone. */
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
