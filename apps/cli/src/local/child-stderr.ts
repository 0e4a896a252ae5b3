import { prettyLine } from '../output/pretty-line.js';

/**
 * The banner that TensorFlow's library prints while it loads, before its log level is set: no setting
 * suppresses these two lines. No error message matches them.
 */
const BANNER = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^I0000 \S+ +\d+ port\.cc:\d+\] oneDNN custom operations are on\./,
];

/**
 * Passes on what a child process prints on stderr, line by line, without TensorFlow's banner.
 *
 * @param stream this process's own stderr
 */
export function passOnStderr(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stderr,
): (line: string) => void {
  return (line) => {
    if (BANNER.some((pattern) => pattern.test(line))) return;
    stream.write(stream.isTTY ? prettyLine(`${line}\n`) : `${line}\n`);
  };
}
