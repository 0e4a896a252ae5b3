import type { Server, Socket } from 'node:net';
import type { ConnectionLimits } from './connection-limits.js';

/** One end of a connection, as sockets and gRPC calls describe it. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** A connection whose peer has not proved who it is. */
interface Unproved {
  readonly socket: Socket;
  readonly peer: string;
  readonly address: string;
  /** When it was opened, in milliseconds of a monotonic clock. */
  readonly since: number;
  /** Whether it has made a complete request, such as a health check. */
  hasAsked: boolean;
}

const CHECK_MS = 100;
/** A connection gets this long before the limits of unproved ones apply, to send its first bytes. */
const GRACE_MS = 250;
/** The share of the total that is closed at once where there are too many connections. */
const SHARE = 16;

/**
 * Bounds a listener's connections. One that has proved who its peer is, by an admitted request,
 * is never closed here. The others are bounded in number, in all and per address, and in time until
 * their first request. Where there are too many, those that have sent nothing are closed first, then
 * those without a request, each oldest first: so a flood of silent connections displaces itself, and
 * a new peer that sends its request at once is served, also from the flood's own address.
 */
export class ConnectionGuard {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<string, Socket>();
  /** Oldest first. */
  readonly #unproved = new Map<string, Unproved>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** How many connections are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Guards the connections that a server accepts from now on. */
  watch(server: Server): void {
    server.prependListener('connection', (socket: Socket) => this.#accept(socket));
  }

  /** The peer has made a complete request that needs no credentials. */
  asked(peer: Peer): void {
    const connection = this.#unproved.get(nameOf(peer));
    if (connection) connection.hasAsked = true;
  }

  /** The peer has made a request that its credentials permit. */
  admitted(peer: Peer): void {
    if (this.#unproved.size > 0) this.#unproved.delete(nameOf(peer));
  }

  /** Closes all connections at once. */
  closeAll(): void {
    for (const socket of this.#open.values()) socket.destroy();
    clearTimeout(this.#timer);
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket;
    // The server's own listener follows in this turn, and expects a usable socket.
    const refuse = (): void => void setImmediate(() => socket.destroy());
    if (remoteAddress === undefined) return refuse(); // it is closed already
    if (this.#open.size >= this.#limits.total && !this.#makeRoom()) return refuse();
    const peer = nameOf(socket);
    const address = networkOf(remoteAddress);
    this.#open.set(peer, socket);
    this.#unproved.set(peer, {
      ...{ socket, peer, address, since: performance.now(), hasAsked: false },
    });
    socket.once('close', () => this.#forget(peer, socket));
    this.#timer ??= setTimeout(() => this.#check(), CHECK_MS).unref();
  }

  #check(): void {
    const now = performance.now();
    const { firstRequestMs, unproved, unprovedPerAddress } = this.#limits;
    for (const connection of this.#unproved.values()) {
      if (!connection.hasAsked && now - connection.since >= firstRequestMs) this.#close(connection);
    }
    const kept = this.#closeSurplus(
      this.#dispensable(now - GRACE_MS),
      unprovedPerAddress,
      addressOf,
    );
    this.#closeSurplus(kept, unproved, () => '');
    const goesOn = this.#unproved.size > 0;
    this.#timer = goesOn ? setTimeout(() => this.#check(), CHECK_MS).unref() : undefined;
  }

  /**
   * Closes the first of each group until it has at most so many.
   *
   * @returns the others
   */
  #closeSurplus(
    connections: readonly Unproved[],
    most: number,
    groupOf: (connection: Unproved) => string,
  ): readonly Unproved[] {
    const sizes = new Map<string, number>();
    for (const connection of connections) {
      const group = groupOf(connection);
      sizes.set(group, (sizes.get(group) ?? 0) + 1);
    }
    return connections.filter((connection) => {
      const group = groupOf(connection);
      const size = sizes.get(group) ?? 0;
      if (size <= most) return true;
      sizes.set(group, size - 1);
      this.#close(connection);
      return false;
    });
  }

  /** Closes some connections although they are new. @returns whether there were any */
  #makeRoom(): boolean {
    const closed = this.#dispensable(Infinity).slice(0, Math.ceil(this.#limits.total / SHARE));
    for (const connection of closed) this.#close(connection);
    return closed.length > 0;
  }

  /** The unproved connections opened before a moment, in the order in which they are closed. */
  #dispensable(before: number): readonly Unproved[] {
    const ranks: [Unproved[], Unproved[], Unproved[]] = [[], [], []];
    for (const connection of this.#unproved.values()) {
      if (connection.since > before) break;
      const rank = connection.hasAsked ? 2 : connection.socket.bytesRead > 0 ? 1 : 0;
      ranks[rank].push(connection);
    }
    return ranks.flat();
  }

  #close({ socket, peer }: Unproved): void {
    this.#forget(peer, socket);
    // A reset leaves nothing of a silent connection in the kernel.
    if (socket.bytesRead === 0) socket.resetAndDestroy();
    else socket.destroy();
  }

  #forget(peer: string, socket: Socket): void {
    if (this.#open.get(peer) !== socket) return;
    this.#open.delete(peer);
    this.#unproved.delete(peer);
  }
}

function addressOf({ address }: Unproved): string {
  return address;
}

function nameOf({ remoteAddress = '', remotePort = 0 }: Peer): string {
  return `${remoteAddress} ${remotePort}`;
}

/** The user of an IPv6 address usually has a network of 64 bits. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.replace(/^::ffff:/, '');
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - last.length;
  return [...groups, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':');
}
