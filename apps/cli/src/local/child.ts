import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CHILD } from '../parent.js';
import { reportError } from '../report-error.js';

/**
 * Where every core computes, V8's helper threads for garbage collection take more from the computation
 * than they save.
 */
const NODE_FLAGS = ['--single-threaded-gc'];

/** The bundled command, which has this module in a file beside it. */
const PROGRAM = fileURLToPath(new URL('main.js', import.meta.url));

export interface ChildOptions {
  /** The built `lockstep`; by default the one that this module is part of. */
  readonly program?: string;
  readonly quiet?: boolean;
  /** Called with every line that the child prints on stdout. */
  readonly onLine?: (line: string) => void;
  /** Called with every line it prints on stderr, which otherwise goes to this process's own. */
  readonly onError?: (line: string) => void;
  /** Called with every message on the channel; what it returns is sent back. */
  readonly onMessage?: (message: unknown) => object | undefined;
}

/**
 * A `lockstep …` started by this process, in a process group of its own, so that a terminal's Ctrl-C
 * reaches only this process, which then ends the others in order. The channel between the two closes
 * with this process, however it ends, and the child then ends too.
 */
export class Child {
  readonly pid: number | undefined;
  /** Resolves to the exit code, or to the signal's name, when the process is gone. */
  readonly ended: Promise<number | string>;
  readonly #process: ChildProcess;

  constructor(args: readonly string[], options: ChildOptions) {
    const { program = PROGRAM, quiet, onLine, onError, onMessage } = options;
    const child = spawn(process.execPath, [...NODE_FLAGS, program, ...args], {
      stdio: ['ignore', 'pipe', onError ? 'pipe' : quiet ? 'ignore' : 'inherit', 'ipc'],
      argv0: CHILD,
      detached: true,
    });
    this.pid = child.pid;
    this.ended = endOf(child);
    this.#process = child;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => onLine?.(line));
    if (child.stderr && onError) createInterface({ input: child.stderr }).on('line', onError);
    child.on('message', (message) => {
      const reply = onMessage?.(message);
      if (reply) this.send(reply);
    });
  }

  /** Sends a message over the channel; ignored if the child has ended. */
  send(message: object): void {
    this.#process.send(message, () => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(reportError(error)));
    // `close` and not `exit`: everything it printed has been read by then.
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
}
