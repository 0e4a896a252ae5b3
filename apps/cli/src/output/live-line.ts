/** One line at the bottom of a terminal that changes; everything else is printed above it. */
export interface LiveLine {
  /** Shows what `draw` returns, now and after each resize. */
  show(draw: Draw): void;
  /** Removes the line. */
  end(): void;
}

/** @param columns widest text that does not wrap */
export type Draw = (columns: number) => string;

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'on' | 'off'>;

const REDRAW_MS = 100;
const USUAL_COLUMNS = 80;
/** From the cursor to the end of the screen: also the rows of a line that a resize has wrapped. */
const ERASE = '\r\x1b[J';

/**
 * A live line on `stream`; undefined where it is no terminal that can redraw a line.
 *
 * While the line is shown, it is the only writer of the terminal: `write` of all `streams` is
 * replaced, so that a log line, a warning of Node or a child's output never lands inside it. The
 * cursor stays at the beginning of the line, which holds for a resize and for an echoed `^C` too.
 *
 * @param streams those that may show on the same terminal
 */
export function createLiveLine(
  stream: Stream,
  streams: readonly Stream[] = [process.stdout, process.stderr],
  environment: NodeJS.ProcessEnv = process.env,
): LiveLine | undefined {
  if (!stream.isTTY || environment['TERM'] === 'dumb' || environment['CI']) return undefined;
  const shared = new Set([stream, ...streams.filter(({ isTTY }) => isTTY)]);
  const originals = new Map([...shared].map((each) => [each, each.write] as const));
  let draw: Draw | undefined;
  let isShown = false;
  let isMidLine = false;
  let drawnAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const print = (text: string): void => {
    const write = originals.get(stream);
    if (write) Reflect.apply(write, stream, [text]);
  };
  const erase = (): void => {
    if (isShown) print(ERASE);
    isShown = false;
  };
  const redraw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!draw || isMidLine) return;
    // One column less than there are: a full line would wrap when the cursor moves on.
    print(`${ERASE}${draw((stream.columns || USUAL_COLUMNS) - 1)}\r`);
    isShown = true;
    drawnAt = performance.now();
  };
  const replaceWrite = (each: Stream, original: Stream['write']): void => {
    each.write = (...args: unknown[]): boolean => {
      erase();
      const result = Reflect.apply(original, each, args) as boolean;
      isMidLine = endsMidLine(args[0], isMidLine);
      redraw();
      return result;
    };
  };
  const end = (): void => {
    if (!draw) return;
    draw = undefined;
    clearTimeout(timer);
    erase();
    for (const [each, original] of originals) each.write = original;
    stream.off('resize', redraw);
    process.off('exit', end);
  };

  return {
    show: (next) => {
      if (!draw) {
        for (const [each, original] of originals) replaceWrite(each, original);
        stream.on('resize', redraw);
        process.on('exit', end);
      }
      draw = next;
      const wait = drawnAt + REDRAW_MS - performance.now();
      if (wait <= 0) redraw();
      else timer ??= setTimeout(redraw, wait).unref();
    },
    end,
  };
}

/** @param before whether what was written before ended within a line */
function endsMidLine(chunk: unknown, before: boolean): boolean {
  if (!(typeof chunk === 'string' || chunk instanceof Uint8Array)) return before;
  if (chunk.length === 0) return before;
  return typeof chunk === 'string' ? !chunk.endsWith('\n') : chunk.at(-1) !== 0x0a;
}
