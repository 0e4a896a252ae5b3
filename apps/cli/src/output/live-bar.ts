import cliProgress, { type SingleBar } from 'cli-progress';

/** The live line of a run; none where `stream` is no terminal. */
export function createLiveBar(stream: NodeJS.WriteStream): SingleBar | undefined {
  if (!stream.isTTY) return undefined;
  return new cliProgress.SingleBar({
    stream,
    format:
      'step {value}/{total} {bar} loss {loss}  accuracy {accuracy}  {rate} samples/s  {workers} workers  {eta_formatted} left',
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    fps: 5,
    etaBuffer: 100,
    clearOnComplete: false,
    linewrap: false,
    gracefulExit: false,
  });
}
