import { errorCodeOf, type AppendFile, type Disk } from './disk.js';

/** A file's content as processes see it, and as the platter holds it. */
interface Inode {
  content: Buffer;
  durable: Buffer;
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

/** The files by name: as processes see them, and as they survive the machine's death. */
interface Names {
  visible: Map<string, Inode>;
  durable: Map<string, Inode>;
}

/**
 * A disk in memory that knows what survives what: a process's death leaves every byte it has
 * written, the machine's only what was synced for certain, and of the rest whatever chance leaves.
 */
export class Platter {
  readonly #names: Names = { visible: new Map(), durable: new Map() };

  /** A process that uses the disk. */
  process(options: ProcessOptions = {}): MemoryDisk {
    return new MemoryDisk(this.#names, options);
  }

  /**
   * The machine dies: unsynced names and bytes may be lost, torn or read as zeros.
   *
   * @param chance numbers in [0, 1)
   */
  loseMachine(chance: () => number): void {
    const { visible, durable } = this.#names;
    const survivors = new Map<string, Inode>();
    for (const name of new Set([...visible.keys(), ...durable.keys()])) {
      const inode = (chance() < 0.5 ? visible : durable).get(name);
      if (inode) survivors.set(name, inode);
    }
    for (const inode of new Set(survivors.values())) {
      inode.content = inode.durable = remains(inode, chance);
    }
    this.#names.visible = survivors;
    this.#names.durable = new Map(survivors);
  }

  /** Looks at a file without a system call. */
  peek(path: string): Uint8Array | undefined {
    return this.#names.visible.get(normal(path))?.content;
  }

  /** Changes a file behind everybody's back, as a failing disk would. */
  plant(path: string, content: Uint8Array): void {
    const inode = { content: Buffer.from(content), durable: Buffer.from(content) };
    this.#names.visible.set(normal(path), inode);
    this.#names.durable.set(normal(path), inode);
  }

  names(): readonly string[] {
    return [...this.#names.visible.keys()];
  }
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
class SystemCalls {
  readonly #options: ProcessOptions;
  #count = 0;
  #isDead = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  call<Value>(act: Act<Value>): Value {
    const { fault } = this.#options;
    if (this.#isDead) throw new Died('the process is dead');
    this.#count += 1;
    const how = this.#count === fault?.call ? fault.how : undefined;
    if (how === undefined) return act(1);
    if (how === 'no-room') {
      act(0.5);
      throw noRoom();
    }
    this.#isDead = true;
    if (how !== 'dies-before') act(how === 'dies-within' ? 0.5 : 1);
    throw new Died(`the process ${how}`);
  }

  async later<Value>(act: Act<Value>): Promise<Value> {
    await this.#options.delay?.();
    return this.call(act);
  }

  /** A call that takes room: there may be none for any of its bytes. */
  growing<Value>(act: Act<Value>): Act<Value> {
    return (share) => {
      if (this.#options.isFull?.()) throw noRoom();
      return act(share);
    };
  }

  /** A call that either happens or not. */
  async laterWhole<Value>(act: () => Value): Promise<Value | undefined> {
    return this.later((share) => (share === 1 ? act() : undefined));
  }
}

/** A process's view of the disk. */
export class MemoryDisk implements Disk {
  readonly #names: Names;
  readonly #system: SystemCalls;
  readonly #onChange: (path: string) => void;

  constructor(names: Names, options: ProcessOptions) {
    this.#names = names;
    this.#system = new SystemCalls(options);
    this.#onChange = options.onChange ?? (() => undefined);
  }

  /** System calls begun so far. */
  get calls(): number {
    return this.#system.count;
  }

  async makeFolder(): Promise<void> {
    await this.#system.later(() => undefined);
  }

  async list(folder: string): Promise<readonly string[]> {
    return this.#system.later(() => inFolder([...this.#names.visible.keys()], folder));
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#system.later(() => {
      const inode = this.#find(path);
      return inode && Uint8Array.from(inode.content);
    });
  }

  has(path: string): boolean {
    return this.#system.call(() => this.#find(path) !== undefined);
  }

  async identity(): Promise<string> {
    return this.#system.later(() => 'platter');
  }

  async write(path: string, chunks: readonly Uint8Array[]): Promise<void> {
    const write = this.#system.growing((share) => {
      const bytes = part(Buffer.concat(chunks), share);
      const inode = this.#find(path);
      this.#changed(path);
      if (inode) inode.content = bytes;
      else this.#add(path, bytes);
    });
    await this.#system.later(write);
  }

  async create(path: string, content: Uint8Array): Promise<void> {
    const create = this.#system.growing((share) => {
      if (this.#find(path)) {
        throw Object.assign(new Error('EEXIST: file already exists'), { code: 'EEXIST' });
      }
      this.#changed(path);
      this.#add(path, part(Buffer.from(content), share));
    });
    await this.#system.later(create);
  }

  async sync(path: string): Promise<void> {
    await this.#system.laterWhole(() => {
      const inode = this.#mustFind(path);
      inode.durable = inode.content;
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#system.laterWhole(() => {
      const inode = this.#mustFind(from);
      this.#changed(to);
      this.#names.visible.delete(normal(from));
      this.#names.visible.set(normal(to), inode);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#system.laterWhole(() => this.#names.visible.delete(normal(path)));
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#system.laterWhole(() => makeNamesDurable(this.#names, folder));
  }

  openAppend(path: string): AppendFile {
    return this.#system.call(() => {
      const inode = this.#find(path) ?? this.#add(path, Buffer.alloc(0));
      const onChange = (): void => {
        if (this.#find(path) === inode) this.#changed(path);
      };
      return new MemoryAppendFile(inode, this.#system, onChange);
    });
  }

  #find(path: string): Inode | undefined {
    return this.#names.visible.get(normal(path));
  }

  #mustFind(path: string): Inode {
    const inode = this.#find(path);
    if (inode) return inode;
    throw Object.assign(new Error(`ENOENT: no such file, '${path}'`), { code: 'ENOENT' });
  }

  #add(path: string, content: Buffer): Inode {
    const inode = { content, durable: Buffer.alloc(0) };
    this.#names.visible.set(normal(path), inode);
    return inode;
  }

  #changed(path: string): void {
    this.#onChange(normal(path));
  }
}

/** The names in a folder, created, renamed and removed ones, survive the machine's death from now on. */
function makeNamesDurable({ visible, durable }: Names, folder: string): void {
  const all = [...new Set([...visible.keys(), ...durable.keys()])];
  for (const name of inFolder(all, folder)) {
    const path = normal(`${folder}/${name}`);
    const inode = visible.get(path);
    if (inode) durable.set(path, inode);
    else durable.delete(path);
  }
}

class MemoryAppendFile implements AppendFile {
  readonly #inode: Inode;
  readonly #system: SystemCalls;
  readonly #onChange: () => void;
  #isOpen = true;

  /** @param onChange called before bytes are added */
  constructor(inode: Inode, system: SystemCalls, onChange: () => void) {
    this.#inode = inode;
    this.#system = system;
    this.#onChange = onChange;
  }

  append(bytes: Uint8Array): void {
    const before = this.#inode.content;
    const add = this.#system.growing((share) => {
      if (!this.#isOpen)
        throw Object.assign(new Error('EBADF: bad file descriptor'), { code: 'EBADF' });
      this.#inode.content = Buffer.concat([before, part(Buffer.from(bytes), share)]);
    });
    this.#onChange();
    try {
      this.#system.call(add);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOSPC') this.#inode.content = before;
      throw error;
    }
  }

  async sync(): Promise<void> {
    await this.#system.laterWhole(() => {
      this.#inode.durable = this.#inode.content;
    });
  }

  close(): void {
    this.#isOpen = false;
  }
}

function noRoom(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
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
