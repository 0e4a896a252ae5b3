import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '@lockstep/core';
import type { Sandbox } from './sandbox.js';

export type EventNamed<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

/** A `lockstep …` that has been started. */
export interface Lockstep {
  readonly pid: number;
  /** The events so far (`--json`), in order. */
  readonly events: readonly RunEvent[];
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or the signal's name, once the process is gone. */
  readonly ended: Promise<number | string>;
  /** The first event of this name, past or to come, that fits. Rejects when the process ends first. */
  event<Name extends RunEvent['event']>(
    name: Name,
    fits?: (event: EventNamed<Name>) => boolean,
    limitMs?: number,
  ): Promise<EventNamed<Name>>;
  /** Types on the keyboard of its terminal. */
  type(text: string): void;
  /** As a terminal's Ctrl-C: to the whole process group. */
  interruptGroup(): void;
  kill(signal: NodeJS.Signals): void;
  /** Reads no more of its stdout, as \`head\` does. */
  closeStdout(): void;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The Node to run it with. */
  readonly node?: string;
  /** Whether it runs on a pseudo-terminal, of util-linux's `script`. */
  readonly terminal?: boolean;
  /** A command that runs it elsewhere, such as `ip netns exec NAME`. */
  readonly within?: readonly string[];
}

/** The command line as it was built. */
export const LOCKSTEP = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));

/** Starts `lockstep …` in a sandbox, in a process group of its own as a shell does. */
export function startLockstep(
  sandbox: Sandbox,
  args: readonly string[],
  { environment = {}, node = process.execPath, terminal = false, within = [] }: StartOptions = {},
): Lockstep {
  const command = [...within, node, LOCKSTEP, ...args];
  const [program = '', ...rest] = terminal ? onTerminal(command) : command;
  const child = spawn(program, rest, {
    cwd: sandbox.folder,
    env: { ...inherited(), TMPDIR: sandbox.temporary, ...environment },
    stdio: [terminal ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return watch(child);
}

/** `script` gives the command a terminal, and its exit code back. */
function onTerminal(command: readonly string[]): string[] {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['script', '--quiet', '--return', '--flush', '--command', quoted, '/dev/null'];
}

/** Runs `lockstep …` to its end. */
export async function lockstep(
  sandbox: Sandbox,
  args: readonly string[],
  options: StartOptions = {},
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const started = startLockstep(sandbox, args, options);
  const code = await started.ended;
  return { code, stdout: started.stdout, stderr: started.stderr };
}

/** Without what configures Lockstep, Node or the way to other machines, and what colours pipes. */
export function inherited(): NodeJS.ProcessEnv {
  const own =
    /^(LOCKSTEP_|MLFLOW_|OTEL_|REDIS_URL$|VITEST|NODE_|FORCE_COLOR$|CI$)|^(https?|all|no)_proxy$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

function watch(child: ChildProcess): Lockstep {
  const events: RunEvent[] = [];
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  let ending: number | string | undefined;
  const tell = (): void => listeners.forEach((listener) => listener());

  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  if (child.stdout) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parse(line);
      if (event) events.push(event);
      tell();
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      ending = code ?? signal ?? 'no code';
      resolve(ending);
      tell();
    });
  });
  const story = (): string => `${said.stdout.slice(-2_000)}\n${said.stderr.slice(-2_000)}`;

  return {
    pid: child.pid ?? 0,
    events,
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    ended,
    event: (name, fits = () => true, limitMs = 120_000) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          listeners.delete(check);
          settle();
        };
        const fail = (why: string): void =>
          end(() => reject(new Error(`no such event ${name}: ${why}\n${story()}`)));
        const check = (): void => {
          const found = events.find(
            (event): event is EventNamed<typeof name> => isNamed(event, name) && fits(event),
          );
          if (found) end(() => resolve(found));
          else if (ending !== undefined) fail(`it ended with ${ending}`);
        };
        const timer = setTimeout(() => fail(`not within ${limitMs} ms`), limitMs);
        listeners.add(check);
        check();
      }),
    type: (text) => void child.stdin?.write(text),
    interruptGroup: () => void process.kill(-(child.pid ?? 0), 'SIGINT'),
    kill: (signal) => void child.kill(signal),
    closeStdout: () => void child.stdout?.destroy(),
  };
}

function isNamed<Name extends RunEvent['event']>(
  event: RunEvent,
  name: Name,
): event is EventNamed<Name> {
  return event.event === name;
}

function parse(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}
