import type { Evaluation, Measured, RunSpec } from '@lockstep/core';
import { measureOf } from '@lockstep/model/objective';
import type { LedgerEntry } from '@lockstep/store';

/**
 * What the evaluations of a run measured, of versions up to one: those that the ledger records, and those
 * whose results the run's folder still has, as that of its last version.
 */
export function measuredUpTo(
  spec: RunSpec,
  version: number,
  entries: readonly LedgerEntry[],
  evaluations: readonly Evaluation[],
): readonly Measured[] {
  const recorded = entries.flatMap(({ evaluation }) => evaluation ?? []);
  const measure = measureOf(spec);
  const found = evaluations.map((each) => ({ version: each.version, value: measure.of(each) }));
  const known = new Map([...found, ...recorded].map((each) => [each.version, each]));
  return [...known.values()].filter((each) => each.version <= version);
}
