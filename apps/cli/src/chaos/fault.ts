/** Kinds of faults that can be injected into a training. */
export const faultKinds = [
  'kill-worker',
  'freeze-worker',
  'kill-coordinator',
  'freeze-coordinator',
  'restart-redis',
  'scale',
  'contradict',
  'flood',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault with its parameters. */
export type Fault =
  /** SIGKILL. The local mode starts another worker or coordinator, the keeper another Redis. */
  | { readonly kind: 'kill-worker' | 'kill-coordinator' | 'restart-redis' }
  /** SIGSTOP, and after so many seconds SIGCONT or SIGKILL. */
  | {
      readonly kind: 'freeze-worker' | 'freeze-coordinator';
      readonly seconds: number;
      readonly thenKill: boolean;
    }
  /** A worker contributes other bytes for a shard of a committed step. */
  | { readonly kind: 'contradict' }
  /** Another number of workers, by the HTTP API. */
  | { readonly kind: 'scale'; readonly workers: number }
  /** Connections that send nothing to all ports of the coordinator, for so many seconds. */
  | { readonly kind: 'flood'; readonly seconds: number };

/** Longer than the heartbeat timeout's default: a frozen worker is lost and joins again. */
const USUAL_SECONDS = 3;

/**
 * A fault as text: `kill-worker`, `freeze-worker 3s`, `freeze-worker 3s kill`, `scale 4`, `flood 3s`.
 */
export function faultText(fault: Fault): string {
  if (fault.kind === 'scale') return `scale ${fault.workers}`;
  if (!('seconds' in fault)) return fault.kind;
  const then = 'thenKill' in fault && fault.thenKill ? ' kill' : '';
  return `${fault.kind} ${fault.seconds}s${then}`;
}

/** Reads what `faultText` writes; one without seconds lasts three. Undefined when it is none. */
export function parseFault(text: string): Fault | undefined {
  const [kind, ...rest] = text.trim().split(/\s+/);
  const argument = rest.join(' ');
  switch (kind) {
    case 'kill-worker':
    case 'kill-coordinator':
    case 'restart-redis':
    case 'contradict':
      return argument === '' ? { kind } : undefined;
    case 'freeze-worker':
    case 'freeze-coordinator': {
      const found = /^(?:(\d+(?:\.\d+)?)s)?\s*(kill)?$/.exec(argument);
      if (!found) return undefined;
      const seconds = Number(found[1] ?? USUAL_SECONDS);
      return seconds > 0 ? { kind, seconds, thenKill: found[2] !== undefined } : undefined;
    }
    case 'flood': {
      const [whole, digits = USUAL_SECONDS] = /^(?:(\d+(?:\.\d+)?)s)?$/.exec(argument) ?? [];
      const seconds = whole === undefined ? 0 : Number(digits);
      return seconds > 0 ? { kind, seconds } : undefined;
    }
    case 'scale':
      return /^[1-9]\d{0,2}$/.test(argument) ? { kind, workers: Number(argument) } : undefined;
    default:
      return undefined;
  }
}
