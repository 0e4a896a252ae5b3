import { prettyLine } from '../output/pretty-line.js';

/**
 * What TensorFlow's library says as it is loaded, before its own log level counts: no setting keeps
 * these two lines back, and none of what it says when something is wrong looks like them.
 */
const GREETINGS = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^I0000 \S+ +\d+ port\.cc:\d+\] oneDNN custom operations are on\./,
];

/**
 * Passes on what a process started by this one prints on stderr, line by line, but for TensorFlow's
 * greetings.
 *
 * @param stream this process's own stderr
 */
export function passOnStderr(
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stderr,
): (line: string) => void {
  return (line) => {
    if (GREETINGS.some((greeting) => greeting.test(line))) return;
    stream.write(stream.isTTY ? prettyLine(`${line}\n`) : `${line}\n`);
  };
}
