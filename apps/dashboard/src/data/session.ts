import { computed, signal } from '@preact/signals';
import { ApiError } from '../api/api-error.js';
import { loginsAsked, problemOf } from '../api/fetch-json.js';

/** A coordinator that is stopped takes connections and does not answer. */
const PATIENCE_MS = 10_000;

export type Role = 'admin' | 'viewer';

export interface Session {
  /** Null for nobody: a login is asked for. */
  readonly role: Role | null;
  readonly loginRequired: boolean;
}

/** A coordinator without logins: everybody may do everything. */
const open: Session = { role: 'admin', loginRequired: false };

/** Who the person is to the coordinator; undefined until it has said so. */
export const session = signal<Session | undefined>(undefined);

/** Whether the person may steer the run. */
export const maySteer = computed(() => session.value?.role === 'admin');

/** Asks who the person is. @throws ApiError `unreachable` */
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

// A session that ran out, or whose token was replaced, ends in the middle of things.
loginsAsked.subscribe((count) => {
  if (count > 0) void loadSession().catch(() => undefined);
});

/** @throws ApiError when the token is none of the coordinator's */
export async function logIn(token: string): Promise<void> {
  const response = await fetch('api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch((error: unknown) => {
    throw ApiError.from(error);
  });
  if (response.status === 401) {
    throw new ApiError(401, 'login-required', 'This token is not known here.', '');
  }
  if (!response.ok) throw await problemOf(response);
  await loadSession();
}

export async function logOut(): Promise<void> {
  await fetch('api/logout', { method: 'POST' });
  await loadSession();
}
