import { errorCodeOf, type AppendFile, type Disk } from './disk.js';

/** A file's content as processes see it, and as the platter holds it. */
interface Inode {
  content: Buffer;
  durable: Buffer;
}

/** A process's view of the disk. */
export interface MemoryDisk extends Disk {
  /** System calls begun so far. */
  readonly calls: number;
}

/** How a process's k-th system call goes wrong. */
export interface DiskFault {
  /** From 1. */
  readonly call: number;
  /** The process dies before the call, half-way through its bytes, or after it; or there is no room. */
  readonly how: 'dies-before' | 'dies-within' | 'dies-after' | 'no-room';
}

/** What a call of a dead process ends with. */
export class Died extends Error {
  override readonly name = 'Died';
}

/**
 * A disk in memory that knows what survives what: a process's death leaves every byte it has
 * written, the machine's only what was synced for certain, and of the rest whatever chance leaves.
 */
export interface Platter {
  /** A process that uses the disk. */
  process(options?: ProcessOptions): MemoryDisk;
  /**
   * The machine dies: unsynced names and bytes may be lost, torn or read as zeros.
   *
   * @param chance numbers in [0, 1)
   */
  loseMachine(chance: () => number): void;
  /** Looks at a file without a system call. */
  peek(path: string): Uint8Array | undefined;
  /** Changes a file behind everybody's back, as a failing disk would. */
  plant(path: string, content: Uint8Array): void;
  names(): readonly string[];
}

export function createPlatter(): Platter {
  let visible = new Map<string, Inode>();
  let durable = new Map<string, Inode>();

  return {
    process: (options = {}) => createProcess(options, () => ({ visible, durable })),
    loseMachine: (chance) => {
      const survivors = new Map<string, Inode>();
      for (const name of new Set([...visible.keys(), ...durable.keys()])) {
        const inode = (chance() < 0.5 ? visible : durable).get(name);
        if (inode) survivors.set(name, inode);
      }
      for (const inode of new Set(survivors.values())) {
        inode.content = inode.durable = remains(inode, chance);
      }
      visible = survivors;
      durable = new Map(survivors);
    },
    peek: (path) => visible.get(normal(path))?.content,
    plant: (path, content) => {
      const inode = { content: Buffer.from(content), durable: Buffer.from(content) };
      visible.set(normal(path), inode);
      durable.set(normal(path), inode);
    },
    names: () => [...visible.keys()],
  };
}

/** What is left of a file whose last bytes were not synced. */
function remains({ content, durable }: Inode, chance: () => number): Buffer {
  if (content === durable || chance() < 0.2) return content;
  const length = Math.floor(chance() * (content.length + 1));
  const kind = chance();
  const synced = content.subarray(0, durable.length).equals(durable) ? durable.length : 0;
  if (kind < 0.3) return durable;
  const torn = Buffer.from(content.subarray(0, Math.max(synced, length)));
  // The length has been written down and some of the bytes have not.
  if (kind < 0.6) torn.fill(0, synced + Math.floor(chance() * (torn.length - synced)));
  else if (kind < 0.8 && torn.length > synced) {
    const hole = synced + Math.floor(chance() * (torn.length - synced));
    torn.fill(0, hole, hole + 1 + Math.floor(chance() * (torn.length - hole)));
  }
  return torn;
}

interface ProcessOptions {
  readonly fault?: DiskFault;
  /** Asked at each call that takes room. */
  readonly isFull?: () => boolean;
  /** Awaited before each asynchronous call. */
  readonly delay?: () => Promise<void>;
  /** Called with the path of each file whose content this process changes. */
  readonly onChange?: (path: string) => void;
}

/** An act is given the share of its bytes that it gets to write. */
type Act<Value> = (share: number) => Value;

/** A process's system calls, one of which may go wrong. */
function systemCalls({ fault, delay, isFull = () => false }: ProcessOptions) {
  let calls = 0;
  let dead = false;
  const call = <Value>(act: Act<Value>): Value => {
    if (dead) throw new Died('the process is dead');
    calls += 1;
    const how = calls === fault?.call ? fault.how : undefined;
    if (how === undefined) return act(1);
    if (how === 'no-room') {
      act(0.5);
      throw noRoom();
    }
    dead = true;
    if (how !== 'dies-before') act(how === 'dies-within' ? 0.5 : 1);
    throw new Died(`the process ${how}`);
  };
  return {
    count: () => calls,
    call,
    later: async <Value>(act: Act<Value>): Promise<Value> => {
      await delay?.();
      return call(act);
    },
    /** A call that takes room: there may be none for any of its bytes. */
    growing:
      <Value>(act: Act<Value>): Act<Value> =>
      (share) => {
        if (isFull()) throw noRoom();
        return act(share);
      },
    /** A call that either happens or not. */
    whole:
      <Value>(act: () => Value): Act<Value | undefined> =>
      (share) =>
        share === 1 ? act() : undefined,
  };
}

function createProcess(
  options: ProcessOptions,
  names: () => { visible: Map<string, Inode>; durable: Map<string, Inode> },
): MemoryDisk {
  const { count, call, later, growing, whole } = systemCalls(options);
  const changed = (path: string): void => options.onChange?.(normal(path));
  return {
    get calls() {
      return count();
    },
    makeFolder: async () => later(() => undefined),
    list: async (folder) => later(() => inFolder([...names().visible.keys()], folder)),
    read: async (path) =>
      later(() => {
        const inode = names().visible.get(normal(path));
        return inode && Uint8Array.from(inode.content);
      }),
    has: (path) => call(() => names().visible.has(normal(path))),
    identity: async () => later(() => 'platter'),
    write: async (path, chunks) =>
      later(
        growing((share) => {
          changed(path);
          const { visible } = names();
          const bytes = part(Buffer.concat(chunks), share);
          const inode = visible.get(normal(path));
          if (inode) inode.content = bytes;
          else visible.set(normal(path), { content: bytes, durable: Buffer.alloc(0) });
        }),
      ),
    create: async (path, content) =>
      later(
        growing((share) => {
          const { visible } = names();
          if (visible.has(normal(path))) {
            throw Object.assign(new Error('EEXIST: file already exists'), { code: 'EEXIST' });
          }
          changed(path);
          const bytes = part(Buffer.from(content), share);
          visible.set(normal(path), { content: bytes, durable: Buffer.alloc(0) });
        }),
      ),
    sync: async (path) =>
      later(
        whole(() => {
          const inode = mustHave(names().visible, path);
          inode.durable = inode.content;
        }),
      ),
    rename: async (from, to) =>
      later(
        whole(() => {
          const { visible } = names();
          const inode = mustHave(visible, from);
          changed(to);
          visible.delete(normal(from));
          visible.set(normal(to), inode);
        }),
      ),
    remove: async (path) => {
      await later(whole(() => names().visible.delete(normal(path))));
    },
    syncFolder: async (folder) => later(whole(() => makeNamesDurable(names(), folder))),
    openAppend: (path) =>
      call(() => {
        const { visible } = names();
        const inode = visible.get(normal(path)) ?? {
          content: Buffer.alloc(0),
          durable: Buffer.alloc(0),
        };
        visible.set(normal(path), inode);
        const append = (act: Act<void>): void => {
          if (names().visible.get(normal(path)) === inode) changed(path);
          call(growing(act));
        };
        return appendFile(inode, append, later);
      }),
  };
}

/** The names in a folder, created, renamed and removed ones, survive the machine's death from now on. */
function makeNamesDurable(
  { visible, durable }: { visible: Map<string, Inode>; durable: Map<string, Inode> },
  folder: string,
): void {
  const all = [...new Set([...visible.keys(), ...durable.keys()])];
  for (const name of inFolder(all, folder)) {
    const path = normal(`${folder}/${name}`);
    const inode = visible.get(path);
    if (inode) durable.set(path, inode);
    else durable.delete(path);
  }
}

function appendFile(
  inode: Inode,
  append: (act: Act<void>) => void,
  later: <Value>(act: Act<Value>) => Promise<Value>,
): AppendFile {
  let open = true;
  return {
    append: (bytes) => {
      const before = inode.content;
      const add = (share: number): void => {
        if (!open) throw Object.assign(new Error('EBADF: bad file descriptor'), { code: 'EBADF' });
        inode.content = Buffer.concat([before, part(Buffer.from(bytes), share)]);
      };
      try {
        append(add);
      } catch (error) {
        if (errorCodeOf(error) === 'ENOSPC') inode.content = before;
        throw error;
      }
    },
    sync: async () =>
      later((share) => {
        if (share === 1) inode.durable = inode.content;
      }),
    close: () => {
      open = false;
    },
  };
}

function noRoom(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
}

function mustHave(files: ReadonlyMap<string, Inode>, path: string): Inode {
  const inode = files.get(normal(path));
  if (inode) return inode;
  throw Object.assign(new Error(`ENOENT: no such file, '${path}'`), { code: 'ENOENT' });
}

function part(bytes: Buffer, share: number): Buffer {
  return Buffer.from(bytes.subarray(0, Math.floor(bytes.length * share)));
}

/** Names of the files right below a folder. */
function inFolder(paths: readonly string[], folder: string): string[] {
  const prefix = folder === '.' ? '' : `${folder}/`;
  return paths
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
    .filter((name) => !name.includes('/'))
    .sort();
}

function normal(path: string): string {
  return path.replace(/^\.\//, '');
}
