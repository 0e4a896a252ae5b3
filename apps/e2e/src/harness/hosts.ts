import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The effect of a link on packets, in each direction. */
export interface CableState {
  readonly delayMs?: number;
  readonly lossPercent?: number;
  readonly mbit?: number;
  readonly cut?: boolean;
}

/** A machine of its own, as far as the network goes: a namespace with one cable. */
export interface Host {
  readonly address: string;
  /** Prefix of a command to run it there. */
  readonly within: readonly string[];
  /** Resolves once the cable is so; without an argument it is a perfect one. */
  cable(state?: CableState): Promise<void>;
  /**
   * Translates a further address to that of another host, as a Kubernetes service does. Connections,
   * and attempts to connect, stay with the host that they began with.
   */
  translate(address: string, target: Host): void;
  /** Connection attempts of this host that have not been answered. */
  outstandingAttempts(): number;
}

export interface Hosts<Name extends string> {
  readonly host: Readonly<Record<Name, Host>>;
  /** Removes the namespaces, whose processes must have ended. */
  remove(): void;
}

const WIRE = fileURLToPath(new URL('../../src/harness/wire.py', import.meta.url));

/** State of a socket in `/proc/net/tcp`. */
const SYN_SENT = '02';

/** Why network namespaces cannot be created here; undefined if they can. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  for (const program of [
    ['ip', 'netns', 'list'],
    ['python3', '--version'],
  ]) {
    const [file = '', ...args] = program;
    try {
      execFileSync(file, args, { stdio: 'ignore' });
    } catch {
      return `“${program.join(' ')}” does not work`;
    }
  }
  return undefined;
}

/** Why addresses cannot be translated here; undefined where they can. */
export function whyNoTranslation(): string | undefined {
  const whyNot = whyNoHosts();
  if (whyNot !== undefined) return whyNot;
  try {
    execFileSync('iptables', ['-t', 'nat', '-S', 'OUTPUT'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return '“iptables -t nat” does not work';
  }
}

/** Creates hosts that reach only each other, by their addresses. */
export async function createHosts<Name extends string>(
  names: readonly Name[],
): Promise<Hosts<Name>> {
  const places = names.map((name, i) => ({
    name,
    address: `10.77.0.${i + 1}`,
    namespace: `lockstep-${process.pid}-${name}`,
    device: `lk${process.pid}n${i}`,
  }));
  const devices = places.map(({ device, address }) => `${device}=${address}`);
  const wire = spawn('python3', [WIRE, ...devices], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: wire.stdout })[Symbol.asyncIterator]();
  const removeAll = (): void => {
    wire.kill('SIGKILL');
    for (const { namespace } of places) {
      try {
        ip('netns', 'del', namespace);
      } catch {
        // it was never made
      }
    }
  };
  try {
    await lines.next();
    for (const { namespace, device, address } of places) {
      ip('netns', 'add', namespace);
      ip('link', 'set', device, 'netns', namespace);
      ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', device);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
      ip('-n', namespace, 'link', 'set', device, 'up');
    }
  } catch (error) {
    removeAll();
    throw error;
  }
  const hosts = places.map(({ name, address, namespace, device }): [Name, Host] => [
    name,
    {
      address,
      within: ['ip', 'netns', 'exec', namespace],
      cable: async (state = {}) => {
        wire.stdin.write(`${JSON.stringify({ link: device, ...state })}\n`);
        await lines.next();
      },
      translate: (from, target) => {
        const nat = ['netns', 'exec', namespace, 'iptables', '-t', 'nat'];
        ip(...nat, '-F', 'OUTPUT');
        ip(...nat, '-A', 'OUTPUT', '-d', from, '-j', 'DNAT', '--to-destination', target.address);
      },
      outstandingAttempts: () => {
        const args = ['netns', 'exec', namespace, 'cat', '/proc/net/tcp'];
        const rows = execFileSync('ip', args, { encoding: 'utf8' }).split('\n');
        return rows.filter((row) => row.trim().split(/\s+/)[3] === SYN_SENT).length;
      },
    },
  ]);
  return { host: Object.fromEntries(hosts) as Record<Name, Host>, remove: removeAll };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
