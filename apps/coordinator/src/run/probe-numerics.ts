import type { RunSpec } from '@lockstep/core';
import { fingerprintFields, type Engine } from '@lockstep/engine';

/** What the coordinator's own machine computes, that its workers must compute too. */
export interface RunNumerics {
  /** SHA-256 (hex) of the probe's results. */
  readonly fingerprint: string;
  /** What explains it: TensorFlow's version, the CPU, the backend. */
  readonly fields: Record<string, string>;
}

/** Probes the numerics of an engine that is prepared for the run. */
export async function probeNumerics(engine: Engine, spec: RunSpec): Promise<RunNumerics> {
  const { fingerprint } = await engine.run('probe', undefined);
  return { fingerprint, fields: fingerprintFields(engine.facts, spec) };
}
