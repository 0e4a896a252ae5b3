import { computed, signal } from '@preact/signals';
import { ApiError, problemOf, unauthorizedCount } from '../api/fetch-json.js';
import type { Reply } from '../api/reply.js';

/** A suspended coordinator accepts connections but does not respond. */
const PATIENCE_MS = 10_000;

type Session = Reply<'/api/session'>;

/** A coordinator without logins: all rights. */
const open: Session = { role: 'admin', loginRequired: false };

/** The user's session; undefined until the coordinator has responded. */
export const session = signal<Session | undefined>(undefined);

/** Whether the user may control the run. */
export const mayControl = computed(() => session.value?.role === 'admin');

/** Loads the session. @throws ApiError `unreachable` */
export async function loadSession(): Promise<Session> {
  const response = await fetch('api/session', {
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: unknown) => {
    throw ApiError.from(error);
  });
  if (response.ok) session.value = (await response.json()) as Session;
  else if (response.status === 401) session.value = { role: null, loginRequired: true };
  else session.value = open;
  return session.value;
}

// A session ends when it expires or its token is replaced.
unauthorizedCount.subscribe((count) => {
  if (count > 0) void loadSession().catch(() => undefined);
});

/** @throws ApiError if the token is unknown */
export async function logIn(token: string): Promise<void> {
  const response = await fetch('api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch((error: unknown) => {
    throw ApiError.from(error);
  });
  if (response.status === 401) {
    throw new ApiError(401, 'login-required', 'Unknown token.', '');
  }
  if (!response.ok) throw await problemOf(response);
  await loadSession();
}

export async function logOut(): Promise<void> {
  await fetch('api/logout', { method: 'POST' });
  await loadSession();
}
