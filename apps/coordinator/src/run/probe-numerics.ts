import type { RunSpec } from '@lockstep/core';
import { fingerprintFields, type Engine } from '@lockstep/engine';

/** The numerics of the coordinator's machine, which its workers must match. */
export interface RunNumerics {
  /** SHA-256 (hex) of the probe's results. */
  readonly fingerprint: string;
  /** Facts that explain a mismatch: TensorFlow's version, the CPU, the backend. */
  readonly fields: Record<string, string>;
}

/** Probes the numerics of an engine that is prepared for the run. */
export async function probeNumerics(engine: Engine, spec: RunSpec): Promise<RunNumerics> {
  const { fingerprint } = await engine.run('probe', undefined);
  return { fingerprint, fields: fingerprintFields(engine.facts, spec) };
}
