import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cookieName, sealSession, SESSION_MS } from '../auth/sessions.js';
import { startServer } from '../testing/server.js';
import { roleTokens } from '../testing/tokens.js';

/** Follows the events, and notes when the stream is over. */
async function follow(url: string, headers: Record<string, string>) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const { status, body } = await fetch(`${url}/api/events`, { headers, signal: leaving.signal });
  expect(status).toBe(200);
  const stream = { over: false, text: '' };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of body ?? []) stream.text += decoder.decode(bytes as Uint8Array);
  };
  read()
    .catch(() => undefined)
    .finally(() => (stream.over = true));
  return stream;
}

const patience = { timeout: 20_000 };

describe('a reader of the events', () => {
  it('is disconnected when its token is replaced, by header and by session; others are not', async () => {
    const { admin, viewer, roles, replace } = await roleTokens();
    const { url, emit } = await startServer({ access: { roles } });
    const name = cookieName(new URL(url).host, false);
    const cookie = `${name}=${sealSession(roles, 'viewer', Date.now())}`;
    const byToken = await follow(url, { authorization: `Bearer ${viewer}` });
    const bySession = await follow(url, { cookie });
    const other = await follow(url, { authorization: `Bearer ${admin}` });
    replace('viewer');
    await roles.refresh();
    await vi.waitFor(() => expect([byToken.over, bySession.over]).toEqual([true, true]), patience);
    emit({ event: 'alarm', code: 'after', message: 'for authorised readers only' });
    await vi.waitFor(() => expect(other.text).toContain('"after"'), patience);
    expect(other.over).toBe(false);
    expect(byToken.text + bySession.text).not.toContain('"after"');
  });

  it('is disconnected when its user logs out; others are not', async () => {
    const { roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    const name = cookieName(new URL(url).host, false);
    const session = () => ({ cookie: `${name}=${sealSession(roles, 'viewer', Date.now())}` });
    const [mine, others] = [session(), session()];
    const [reader, other] = [await follow(url, mine), await follow(url, others)];
    await fetch(`${url}/api/logout`, { method: 'POST', headers: mine });
    await vi.waitFor(() => expect(reader.over).toBe(true), patience);
    expect(other.over).toBe(false);
  });

  it('is disconnected when its session expires', async () => {
    const { roles } = await roleTokens();
    const { url } = await startServer({ access: { roles } });
    const name = cookieName(new URL(url).host, false);
    const almostOver = sealSession(roles, 'viewer', Date.now() - SESSION_MS + 2_000);
    const reader = await follow(url, { cookie: `${name}=${almostOver}` });
    await vi.waitFor(() => expect(reader.over).toBe(true), patience);
  });
});
