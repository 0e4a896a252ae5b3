import { fitLine } from './fit-line.js';
import { createLiveLine } from './live-line.js';
import { createRemainingTime, durationText } from './remaining-time.js';

/** A line that counts, on a terminal; nothing elsewhere. */
export interface ProgressLine {
  show(done: number, total: number): void;
  end(): void;
}

export function createProgressLine(
  stream: NodeJS.WriteStream,
  verb: string,
  things: string,
): ProgressLine {
  const line = createLiveLine(stream);
  const remaining = createRemainingTime();
  let before = performance.now();
  return {
    show: (done, total) => {
      const now = performance.now();
      remaining.observe(now - before);
      before = now;
      const left = durationText(remaining.estimate(total - done) ?? 0);
      line?.show((columns) =>
        fitLine(
          [
            { rank: 0, text: `${verb} ${done}/${total} ${things}` },
            { rank: 2, share: done / total },
            { rank: 1, text: `${left} left` },
          ],
          columns,
        ),
      );
    },
    end: () => line?.end(),
  };
}
