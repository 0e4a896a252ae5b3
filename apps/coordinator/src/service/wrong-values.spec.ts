import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  RawClient,
  readService,
  requestFields,
  validRequests,
  wrongRequests,
  type Reply,
  type Request,
  type WrongRequest,
} from '@lockstep/protocol/testing';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../testing/observed-run.js';
import { serveRun, type ServedRun } from '../testing/served-run.js';

/** Every value of their types is allowed. */
const WITHOUT_WRONG_VALUES = [
  'HeartbeatRequest.shard',
  'HeartbeatRequest.tensor_count',
  'FollowRequest.memory',
  'LogLine.warning',
  'RegisterRequest.pid',
  'ShardAttempt.evaluation',
  'SharedMemory.pid',
  'SubmitRest.proof',
  'SubmitRest.timings',
];

const PATHS = ['/api/run', '/api/runs', '/api/workers', '/api/steps', '/api/activity', '/metrics'];
/** What all wrong values together may add to the folder. */
const MOST_GROWTH_BYTES = 1_000_000;

it('refuses wrong values in every field of every message by name, and goes on', async () => {
  const service = await readService();
  const run = await startAttackedRun();
  const before = bytesIn(run.folder.path);
  const refused = new Set<string>();
  let sent = 0;
  for (const kind of validRequests(run.values()).keys()) {
    for (const { field, what, reply } of await run.sendAll(service, kind)) {
      sent += 1;
      expect(reply.status, `${field} ${what}: ${reply.details}`).not.toBe('INTERNAL');
      if (reply.errorCode !== 'protocol-violation') continue;
      expect(reply.status, field).toBe('INVALID_ARGUMENT');
      // A number that JavaScript cannot hold has no field yet.
      if (!reply.details.includes(field) && !reply.details.includes('cannot be decoded')) continue;
      refused.add(field);
    }
    await run.mustServe();
  }
  expect(sent).toBeGreaterThan(200);
  const allowed = [...requestFields(service)].filter((field) => !refused.has(field));
  expect(allowed.sort()).toEqual(WITHOUT_WRONG_VALUES.sort());
  expect(run.defects).toEqual([]);
  expect(bytesIn(run.folder.path) - before).toBeLessThan(MOST_GROWTH_BYTES);
  expect(hiddenIn(readFileSync(join(run.folder.path, 'events.jsonl'), 'utf8'))).toEqual([]);
}, 120_000);

/** A run with a worker, which joins again whenever a request has ended its membership. */
async function startAttackedRun() {
  const run = await serveRun();
  const client = new RawClient(run.grpc);
  onTestFinished(() => client.close());
  const shard = { step: 1, index: 0, firstSample: 0, sampleCount: 5 };
  run.join('w1');
  run.steps.handle({ type: 'step-opened', step: 1, shards: [shard] });
  const values = () => ({
    ...{ session: (run.workers.byId('w1') ?? run.join('w1')).session, runId: 'run-1' },
    ...{ shard: { term: 1, step: 1, index: 0, attempt: 1, evaluation: false }, sampleCount: 5 },
  });
  /** Sends each wrong variant of one kind of valid request, each with the worker's current session. */
  const sendAll = async (service: Awaited<ReturnType<typeof readService>>, kind: number) => {
    const replies: (WrongRequest & { reply: Reply })[] = [];
    let given = values();
    let variants = [...wrongRequests(service, requestOf(kind, given))];
    for (let i = 0; i < variants.length; i++) {
      if (values().session !== given.session) {
        given = values();
        variants = [...wrongRequests(service, requestOf(kind, given))];
      }
      const wrong = variants[i];
      if (wrong) replies.push({ ...wrong, reply: await client.send(wrong) });
    }
    return replies;
  };
  return { ...run, values, sendAll, mustServe: () => mustServe(run) };
}

function requestOf(kind: number, values: Parameters<typeof validRequests>[0]): Request {
  const request = validRequests(values)[kind];
  if (!request) throw new Error('no such request');
  return request;
}

async function mustServe({ url }: Pick<ServedRun, 'url'>): Promise<void> {
  for (const path of PATHS) {
    const { status: code, body } = await ask(url, path);
    expect(code, `${path}: ${JSON.stringify(body)}`).toBe(200);
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)).size)
    .reduce((sum, size) => sum + size, 0);
}

/** Texts of JSON lines that a terminal would not show as they are. */
function hiddenIn(lines: string): string[] {
  const found: string[] = [];
  for (const line of lines.trim().split('\n')) {
    JSON.parse(line, (_key, value: unknown) => {
      if (typeof value === 'string' && /\p{Cc}/u.test(value)) found.push(value);
      return value;
    });
  }
  return found;
}
