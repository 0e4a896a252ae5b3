/** @param columns widest text that does not wrap */
export type Draw = (columns: number) => string;

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'on' | 'off'>;

const REDRAW_MS = 100;
const USUAL_COLUMNS = 80;
/** From the cursor to the end of the screen: also the rows of a line that a resize has wrapped. */
const ERASE = '\r\x1b[J';

/** A live line on `stream`; undefined where it is no terminal that can redraw a line. */
export function createLiveLine(
  stream: Stream,
  streams: readonly Stream[] = [process.stdout, process.stderr],
  environment: NodeJS.ProcessEnv = process.env,
): LiveLine | undefined {
  if (!stream.isTTY || environment['TERM'] === 'dumb' || environment['CI']) return undefined;
  return new LiveLine(stream, [stream, ...streams.filter(({ isTTY }) => isTTY)]);
}

/**
 * One line at the bottom of a terminal that changes; everything else is printed above it.
 *
 * While the line is shown, it is the only writer of the terminal: `write` of all streams is
 * replaced, so that a log line, a warning of Node or a child's output never lands inside it. The
 * cursor stays at the beginning of the line, which holds for a resize and for an echoed `^C` too.
 */
export class LiveLine {
  readonly #stream: Stream;
  readonly #originals: ReadonlyMap<Stream, Stream['write']>;
  #draw: Draw | undefined;
  #isShown = false;
  #isMidLine = false;
  #drawnAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** @param streams all that show on the terminal of `stream`, itself included */
  constructor(stream: Stream, streams: readonly Stream[]) {
    this.#stream = stream;
    this.#originals = new Map(streams.map((each) => [each, each.write] as const));
  }

  /** Shows what `draw` returns, now and after each resize. */
  show(draw: Draw): void {
    if (!this.#draw) {
      for (const [each, original] of this.#originals) this.#replaceWrite(each, original);
      this.#stream.on('resize', this.#redraw);
      process.on('exit', this.end);
    }
    this.#draw = draw;
    const wait = this.#drawnAt + REDRAW_MS - performance.now();
    if (wait <= 0) this.#redraw();
    else this.#timer ??= setTimeout(this.#redraw, wait).unref();
  }

  /** Removes the line. */
  readonly end = (): void => {
    if (!this.#draw) return;
    this.#draw = undefined;
    clearTimeout(this.#timer);
    this.#erase();
    for (const [each, original] of this.#originals) each.write = original;
    this.#stream.off('resize', this.#redraw);
    process.off('exit', this.end);
  };

  readonly #redraw = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#draw || this.#isMidLine) return;
    // One column less than there are: a full line would wrap when the cursor moves on.
    this.#print(`${ERASE}${this.#draw((this.#stream.columns || USUAL_COLUMNS) - 1)}\r`);
    this.#isShown = true;
    this.#drawnAt = performance.now();
  };

  #replaceWrite(stream: Stream, original: Stream['write']): void {
    stream.write = (...args: unknown[]): boolean => {
      this.#erase();
      const result = Reflect.apply(original, stream, args) as boolean;
      this.#isMidLine = endsMidLine(args[0], this.#isMidLine);
      this.#redraw();
      return result;
    };
  }

  #erase(): void {
    if (this.#isShown) this.#print(ERASE);
    this.#isShown = false;
  }

  #print(text: string): void {
    const write = this.#originals.get(this.#stream);
    if (write) Reflect.apply(write, this.#stream, [text]);
  }
}

/** @param before whether what was written before ended within a line */
function endsMidLine(chunk: unknown, before: boolean): boolean {
  if (!(typeof chunk === 'string' || chunk instanceof Uint8Array)) return before;
  if (chunk.length === 0) return before;
  return typeof chunk === 'string' ? !chunk.endsWith('\n') : chunk.at(-1) !== 0x0a;
}
