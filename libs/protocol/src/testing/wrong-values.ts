import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createFileRegistry,
  fromBinary,
  ScalarType,
  toBinary,
  type DescField,
  type DescMessage,
  type DescService,
} from '@bufbuild/protobuf';
import { isReflectMessage, reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Request } from './valid-requests.js';

/** A request whose last message has one wrong value. */
export interface WrongRequest extends Request {
  /** Message and field, as in the .proto. */
  readonly field: string;
  /** What is wrong about it. */
  readonly what: string;
}

/** Changes a message in place. */
type Change = (message: ReflectMessage) => void;
type Wrong = Omit<WrongRequest, keyof Request> & { readonly change: Change };

const ABSENT = 'absent';
const LONG = 1_500_000;
const HIDDEN = 'line\n\u001b[2Jforged';

/** The service as the .proto describes it. */
export async function readService(): Promise<DescService> {
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  const programs = fileURLToPath(new URL('../../../../node_modules/.bin', import.meta.url));
  const env = { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` };
  const { stdout } = await promisify(execFile)(
    join(programs, 'buf'),
    ['build', 'proto', '-o', '-'],
    {
      ...{ cwd: folder, env, encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
    },
  );
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, stdout));
  const service = registry.getService('lockstep.v1.Lockstep');
  if (!service) throw new Error('the .proto has no service');
  return service;
}

/**
 * All fields of the messages that a worker may send, `Message.field`, those of inner ones included; for
 * messages in a oneof, the oneof.
 */
export function requestFields(service: DescService): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (message: DescMessage): void => {
    for (const field of message.fields) {
      const name = field.oneof && field.message ? field.oneof.name : field.name;
      found.add(`${message.name}.${name}`);
      if (field.message && field.message !== message) add(field.message);
    }
  };
  for (const { input } of service.methods) add(input);
  return found;
}

/** For each field of a request's last message, the request with each kind of wrong value in it. */
export function* wrongRequests(service: DescService, request: Request): Generator<WrongRequest> {
  const input = inputOf(service, request.rpc);
  const before = request.messages.slice(0, -1);
  const last = request.messages.at(-1) ?? new Uint8Array();
  for (const { field, what, change } of wrongIn(reflect(input, fromBinary(input, last)))) {
    const message = fromBinary(input, last);
    change(reflect(input, message, false));
    yield { rpc: request.rpc, messages: [...before, toBinary(input, message)], field, what };
  }
}

function inputOf(service: DescService, rpc: string): DescMessage {
  const method = service.methods.find(({ name }) => name === rpc);
  if (!method) throw new Error(`the .proto has no ${rpc}`);
  return method.input;
}

function* wrongIn(message: ReflectMessage): Generator<Wrong> {
  for (const field of message.fields) {
    if (field.oneof && message.oneofCase(field.oneof) !== field) continue;
    for (const [what, change] of wrongFor(field)) {
      const { parent, oneof } = field;
      const isAbsent = what === ABSENT && oneof !== undefined;
      yield { field: isAbsent ? `${parent.name}.${oneof.name}` : nameOf(field), what, change };
    }
    const inner = innerOf(message, field);
    for (const wrong of inner ? wrongIn(inner) : []) {
      const change: Change = (outer) => {
        const place = innerOf(outer, field);
        if (place) wrong.change(place);
      };
      yield { ...wrong, change };
    }
  }
}

/** The message in a field, or the first one of a list. */
function innerOf(message: ReflectMessage, field: DescField): ReflectMessage | undefined {
  if (!message.isSet(field)) return undefined;
  if (field.fieldKind === 'message') return message.get(field);
  if (field.fieldKind !== 'list') return undefined;
  const first: unknown = message.get(field).get(0);
  return isReflectMessage(first) ? first : undefined;
}

function wrongFor(field: DescField): readonly [string, Change][] {
  const values = (...all: readonly [string, unknown][]): [string, Change][] =>
    all.map(([what, value]) => [what, (target) => target.set(field, value)]);
  switch (field.fieldKind) {
    case 'message':
      return [[ABSENT, (target) => target.clear(field)]];
    case 'enum':
      return values(['unspecified', 0], ['unknown', 99], ['negative', -1]);
    case 'list':
      return [['too many', (target) => repeat(target.get(field), 20_000)]];
    case 'map':
      return [
        ['too many', (target) => fill(target, field, (i) => [`k${i}`, 'v'])],
        ['a key with hidden characters', (target) => put(target, field, HIDDEN, 'v')],
        ['a long key', (target) => put(target, field, 'k'.repeat(LONG), 'v')],
        ['a long value', (target) => put(target, field, 'k', 'v'.repeat(LONG))],
        ['a value with hidden characters', (target) => put(target, field, 'k', HIDDEN)],
      ];
    case 'scalar':
      return values(...wrongScalars(field.scalar));
  }
}

function wrongScalars(scalar: ScalarType): readonly [string, unknown][] {
  switch (scalar) {
    case ScalarType.STRING:
      return [
        ['empty', ''],
        ['hidden characters', HIDDEN],
        ['too long', 'x'.repeat(LONG)],
        ['a path', '../../etc/passwd'],
        ['a label', 'a"} 1\nb{c="'],
      ];
    case ScalarType.BYTES:
      return [
        ['empty', new Uint8Array()],
        ['too long', new Uint8Array(LONG)],
      ];
    case ScalarType.DOUBLE:
      return [
        ['NaN', NaN],
        ['infinite', Infinity],
        ['negative infinite', -Infinity],
        ['huge', 1.7e308],
        ['negative', -1.7e308],
      ];
    case ScalarType.UINT32:
      return [
        ['zero', 0],
        ['largest', 2 ** 32 - 1],
      ];
    case ScalarType.UINT64:
      return [
        ['zero', 0n],
        ['largest', 2n ** 64n - 1n],
        ['largest number', 2n ** 53n - 1n],
      ];
    case ScalarType.BOOL:
      return [];
    default:
      throw new Error(`no wrong values are known for ${ScalarType[scalar]}`);
  }
}

function repeat(list: { get(index: number): unknown; add(item: never): unknown }, n: number): void {
  const first = list.get(0);
  for (let i = 0; i < n; i++) list.add(first as never);
}

type MapField = DescField & { readonly fieldKind: 'map' };

function put(message: ReflectMessage, field: MapField, key: string, value: string): void {
  message.get(field).set(key, value);
}

function fill(
  message: ReflectMessage,
  field: MapField,
  entry: (i: number) => [string, string],
): void {
  for (let i = 0; i < 1_000; i++) put(message, field, ...entry(i));
}

function nameOf(field: DescField): string {
  return `${field.parent.name}.${field.name}`;
}
