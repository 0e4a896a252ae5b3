import { faultText, parseFault, type Fault } from './fault.js';

/** When a fault is injected; times count from the first step. */
export type Moment =
  | { readonly at: 'step'; readonly percent: number }
  | { readonly at: 'time'; readonly seconds: number }
  | { readonly at: 'every'; readonly seconds: number };

export interface PlanEntry {
  readonly moment: Moment;
  readonly fault: Fault;
}

/** Which faults are injected into a run, and when: drawn from a seed, or written by a user. */
export type ChaosPlan = readonly PlanEntry[];

/** `every 5s kill-worker; at 20% scale 4; at 7.5s restart-redis`. */
export function planText(plan: ChaosPlan): string {
  return plan.map((entry) => `${momentText(entry.moment)} ${faultText(entry.fault)}`).join('; ');
}

/** Reads what `planText` writes. @returns the plan, and the entries that are not understood */
export function parsePlan(text: string): { plan: ChaosPlan; senseless: readonly string[] } {
  const words = text.split(';').map((entry) => entry.trim());
  const read = words.filter(Boolean).map((entry) => ({ entry, parsed: parseEntry(entry) }));
  return {
    plan: read.flatMap(({ parsed }) => parsed ?? []),
    senseless: read.flatMap(({ entry, parsed }) => (parsed ? [] : entry)),
  };
}

function parseEntry(entry: string): PlanEntry | undefined {
  const [, how, digits, unit, rest = ''] =
    /^(at|every)\s+(\d+(?:\.\d+)?)(%|s)\s+(.+)$/.exec(entry) ?? [];
  const fault = parseFault(rest);
  const moment = how && momentOf(how, Number(digits), unit);
  return moment && fault ? { moment, fault } : undefined;
}

function momentOf(how: string, number: number, unit?: string): Moment | undefined {
  if (unit === '%') {
    return how === 'at' && number < 100 ? { at: 'step', percent: number } : undefined;
  }
  if (how === 'at') return { at: 'time', seconds: number };
  return number > 0 ? { at: 'every', seconds: number } : undefined;
}

function momentText(moment: Moment): string {
  switch (moment.at) {
    case 'step':
      return `at ${moment.percent}%`;
    case 'time':
      return `at ${moment.seconds}s`;
    case 'every':
      return `every ${moment.seconds}s`;
  }
}
