/** Steps that are kept: more are thinned out evenly, as they are for the page. */
const MOST_STEPS = 100_000;
/** Newest events that are kept of the kinds that come with every hundred steps or so. */
const MOST_RESULTS = 10_000;
/** Newest events that are kept of each other kind. */
const MOST_OTHERS = 1_000;

const STEP = /^\{"event":"step",.*?"step":(\d+)/;
const KIND = /^\{"event":"([a-z-]+)"(?:.*?,"state":"(refused)")?/;

interface Line {
  /** Its place in the log. */
  readonly number: number;
  readonly text: string;
}

/** The newest lines of one kind. */
interface Kind {
  readonly lines: Line[];
  /** Events that are not kept, or were left out before. */
  dropped: number;
}

/**
 * Reduces the lines of an event log to a bounded number, without what a reader no longer needs: many
 * steps are thinned out, of every other kind the newest events are kept. The oldest that is kept of a
 * kind counts the dropped ones as `omitted`.
 */
export class EventCompactor {
  readonly #most: { readonly steps: number; readonly results: number; readonly others: number };
  readonly #kinds = new Map<string, Kind>();
  #steps: (Line & { readonly step: number })[] = [];
  #stride = 1;
  #lastStep: Line | undefined;
  #number = 0;

  constructor(most = { steps: MOST_STEPS, results: MOST_RESULTS, others: MOST_OTHERS }) {
    this.#most = most;
  }

  /** Adds the next line; one that is torn or no event is dropped. */
  add(text: string): void {
    const line = { number: (this.#number += 1), text };
    if (!text.endsWith('}')) return;
    const [, step] = STEP.exec(text) ?? [];
    if (step !== undefined) return this.#addStep({ ...line, step: Number(step) });
    const [, event, refused] = KIND.exec(text) ?? [];
    if (event === undefined) return;
    const name = refused ?? event;
    const kind = this.#kinds.get(name) ?? { lines: [], dropped: 0 };
    this.#kinds.set(name, kind);
    kind.lines.push(line);
    const isResult = name === 'evaluation' || name === 'checkpoint';
    const most = isResult ? this.#most.results : this.#most.others;
    // Cut in blocks, since moving the array at every line would take long.
    if (kind.lines.length >= 2 * most) cut(kind, most);
  }

  /** The lines that are kept, in their order. */
  lines(): readonly string[] {
    const { results, others } = this.#most;
    for (const [name, kind] of this.#kinds) {
      cut(kind, name === 'evaluation' || name === 'checkpoint' ? results : others);
    }
    const rest = [...this.#kinds.values()].flatMap(withOmitted);
    const last = this.#lastStep;
    const steps = last && this.#steps.at(-1)?.number !== last.number ? [last] : [];
    return [...this.#steps, ...steps, ...rest]
      .sort((a, b) => a.number - b.number)
      .map(({ text }) => text);
  }

  #addStep(line: Line & { readonly step: number }): void {
    this.#lastStep = line;
    if (line.step % this.#stride === 0) this.#steps.push(line);
    if (this.#steps.length <= this.#most.steps) return;
    this.#stride *= 10;
    this.#steps = this.#steps.filter(({ step }) => step % this.#stride === 0);
  }
}

function cut(kind: Kind, most: number): void {
  const dropped = kind.lines.splice(0, Math.max(0, kind.lines.length - most));
  kind.dropped += dropped.reduce((sum, { text }) => sum + 1 + omittedIn(text), 0);
}

function withOmitted({ lines: [oldest, ...others], dropped }: Kind): readonly Line[] {
  if (!oldest || dropped === 0) return oldest ? [oldest, ...others] : [];
  const omitted = dropped + omittedIn(oldest.text);
  const text = oldest.text
    .replace(OMITTED, '')
    .replace(/^\{"event":"[a-z-]+"/, (start) => `${start},"omitted":${omitted}`);
  return [{ ...oldest, text }, ...others];
}

const OMITTED = /,"omitted":(\d+)/;

function omittedIn(text: string): number {
  return Number(OMITTED.exec(text)?.[1] ?? 0);
}
