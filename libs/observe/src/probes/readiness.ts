import type { CurrentRun } from '../server/current-run.js';

/** What `/readyz` responds. */
export interface Readiness {
  /** 200 while a run is led, else 503. */
  readonly status: number;
  readonly body: { readonly status: string; readonly reason?: string };
}

export function readinessOf({
  isLed,
  waitingFor: reason,
}: Pick<CurrentRun, 'isLed' | 'waitingFor'>): Readiness {
  const status = isLed ? 200 : 503;
  const body = { status: isLed ? 'leading' : 'not leading' };
  return { status, body: isLed || reason === undefined ? body : { ...body, reason } };
}
