import { createHash } from 'node:crypto';
import { storedForm } from './run-format-1.js';
import type { RunSpec } from './run-spec.js';

/** SHA-256 (hex) of the stored spec's canonical JSON: keys sorted at every depth, no white space. */
export function specHash(spec: RunSpec): string {
  return createHash('sha256')
    .update(canonicalJson(storedForm(spec)))
    .digest('hex');
}

/** JSON with keys sorted at every depth, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
