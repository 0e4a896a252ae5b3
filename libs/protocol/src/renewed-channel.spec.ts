import { describe, expect, it, onTestFinished } from 'vitest';
import { createProtocolServer } from './protocol-server.js';
import {
  agreeableHandlers,
  description,
  contributionHeader,
  MB,
  sectionsOf,
  startProtocol,
  submitWhole,
} from './testing/start-protocol.js';
import { startCable, startUnansweredPort } from './testing/silent-peers.js';

/** Far longer than the test may take: calls that end in time were not ended by a deadline. */
const NO_DEADLINE = { deadlineMs: 600_000, submitDeadlineMs: 600_000 };
const unreachable = { code: 'coordinator-unreachable' };

describe('an address that does not respond to connection attempts', () => {
  it('fails every kind of call in seconds, and is reached as soon as it responds', async () => {
    const { connect } = await startProtocol();
    const gone = await startUnansweredPort();
    const address = `127.0.0.1:${gone.port}`;
    const client = connect({ address, connectTimeoutMs: 500, ...NO_DEADLINE });
    const payload = sectionsOf(4, 4);
    const follow = client.follow({ session: 's', stateSha256: '' }).next();
    const calls = [client.describe(), follow, submitWhole(client, contributionHeader, payload)];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: unreachable });
      expect(String((call as PromiseRejectedResult).reason)).toContain('no connection');
    }
    await gone.end();
    const server = await createProtocolServer(agreeableHandlers, { address, maxPayloadBytes: MB });
    onTestFinished(() => server.close(1_000));
    expect(await client.describe()).toEqual(description);
    expect(await submitWhole(client, contributionHeader, payload)).toMatchObject({
      verdict: 'counted',
    });
  }, 30_000);
});

describe('a peer that falls silent on an open connection', () => {
  it('is detected at both ends, by a waiting stream and by an upload', async () => {
    let followed: AbortSignal | undefined;
    const { server, connect } = await startProtocol(
      {
        follow: (_request, follower) => void (followed = follower.signal),
        submit: () => new Promise(() => undefined),
      },
      { keepaliveMs: 200 },
    );
    const cable = await startCable(Number(server.address.split(':')[1]));
    const address = `127.0.0.1:${cable.port}`;
    const client = connect({ address, keepaliveMs: 200, ...NO_DEADLINE });
    const payload = sectionsOf(4, 4);
    const stream = client.follow({ session: 's', stateSha256: '' }).next();
    const upload = submitWhole(client, contributionHeader, payload);
    stream.catch(() => undefined);
    upload.catch(() => undefined);
    await expect.poll(() => followed).toBeDefined();
    await client.describe();
    cable.cut();
    await expect(stream).rejects.toMatchObject(unreachable);
    await expect(upload).rejects.toMatchObject(unreachable);
    await expect.poll(() => followed?.aborted, { timeout: 10_000 }).toBe(true);
  }, 30_000);
});
