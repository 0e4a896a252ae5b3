/** One line of `lockstep doctor`. */
export interface Finding {
  readonly topic: string;
  /** `problem`: nothing can run; `warning`: it runs, but slower or not everywhere. */
  readonly status: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** What the user can do about it, in one sentence. */
  readonly remedy?: string;
}

export function ok(topic: string, detail: string): Finding {
  return { topic, status: 'ok', detail };
}

export function warning(topic: string, detail: string, remedy: string): Finding {
  return { topic, status: 'warning', detail, remedy };
}

export function problem(topic: string, detail: string, remedy: string): Finding {
  return { topic, status: 'problem', detail, remedy };
}
