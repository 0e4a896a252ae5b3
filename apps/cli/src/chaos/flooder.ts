import { connect, type Socket } from 'node:net';
import { connectionLimits } from '@lockstep/security';

const MOST_PER_ADDRESS = 1_000;
/** Bounds how fast a connection that was closed is opened again. */
const REOPEN_MS = 1_000;

/** Opens connections that send nothing, as a peer without credentials can. */
export class Flooder {
  readonly #perAddress: number;
  readonly #endings = new Set<() => void>();

  /** @param perAddress how many connections to each address */
  constructor(perAddress = Math.min(MOST_PER_ADDRESS, connectionLimits().total)) {
    this.#perAddress = perAddress;
  }

  /** Keeps many connections to each address open for so many seconds. */
  flood(addresses: readonly string[], seconds: number): void {
    const stops = addresses.flatMap((address) =>
      Array.from({ length: this.#perAddress }, () => keepOpen(address)),
    );
    const end = (): void => {
      clearTimeout(timer);
      this.#endings.delete(end);
      for (const stop of stops) stop();
    };
    const timer = setTimeout(end, 1000 * seconds);
    this.#endings.add(end);
  }

  /** Closes all of them. */
  release(): void {
    for (const end of this.#endings) end();
  }
}

/** @param address `host:port` @returns closes the connection for good */
function keepOpen(address: string): () => void {
  let socket: Socket;
  let reopening: NodeJS.Timeout | undefined;
  const open = (): void => {
    const { hostname, port } = new URL(`tcp://${address}`);
    socket = connect(Number(port), hostname.replace(/^\[(.*)\]$/, '$1'));
    // Refused, reset or closed: read to the end, then opened again.
    socket.on('error', () => undefined).resume();
    socket.once('close', () => (reopening = setTimeout(open, REOPEN_MS)));
  };
  open();
  return () => {
    socket.removeAllListeners('close').destroy();
    clearTimeout(reopening);
  };
}
