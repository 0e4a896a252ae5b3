import cliProgress from 'cli-progress';

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
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  const format = `${verb} {value}/{total} ${things} {bar} {eta_formatted} left`;
  const bar = new cliProgress.SingleBar({ stream, format, clearOnComplete: true, barsize: 20 });
  let started = false;
  return {
    show: (done, total) => {
      if (!started) bar.start(total, 0);
      started = true;
      bar.update(done);
    },
    end: () => {
      if (started) bar.stop();
      started = false;
    },
  };
}
