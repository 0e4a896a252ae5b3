import { LockstepError } from './errors.js';

const MEANINGS: Readonly<Record<string, { readonly reason: string; readonly remedy: string }>> = {
  EACCES: {
    reason: 'this user may not listen on that port',
    remedy: 'choose a port of 1024 or more, or 0 for any that is free',
  },
  EADDRNOTAVAIL: {
    reason: 'it is not an address of this machine',
    remedy: 'give an address of this machine, such as 127.0.0.1 or 0.0.0.0',
  },
  EAFNOSUPPORT: {
    reason: 'this machine has no network of that kind',
    remedy: 'give an IPv4 address, such as 127.0.0.1',
  },
  EINVAL: {
    reason: 'it is not complete',
    remedy: 'name the interface of a link-local address: [fe80::1%eth0]:PORT',
  },
  ENOTFOUND: { reason: 'the name has no address', remedy: 'check the name, or give an address' },
  EAI_AGAIN: { reason: 'the name has no address', remedy: 'check the name, or give an address' },
};

/**
 * Why a server cannot listen, for the user.
 *
 * @param option whose value the address is, such as `--http`
 * @param cause of Node's `net`, or one that quotes it; absent where the address has the wrong form
 * @returns `port-in-use`, `limit-reached`, or `bad-option`
 */
export function listenError(option: string, address: string, cause?: unknown): LockstepError {
  const [code] = /\bE[A-Z_]{4,}\b/.exec(textOf(cause)) ?? [];
  if (code === 'EADDRINUSE') {
    return new LockstepError('port-in-use', `another program listens on ${address}`, {
      cause,
      remedy: `stop it, or choose another address with ${option} HOST:PORT (port 0 picks a free one)`,
    });
  }
  if (code === 'EMFILE' || code === 'ENFILE') return LockstepError.from(cause, 'limit-reached');
  const known = code === undefined ? undefined : MEANINGS[code];
  const reason = known?.reason ?? textOf(cause);
  return new LockstepError(
    'bad-option',
    `cannot listen on ${option} ${address}${reason === '' ? '' : `: ${reason}`}`,
    { cause, remedy: known?.remedy ?? 'give an address of this machine as HOST:PORT' },
  );
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code} ` : '';
  return cause.message.includes(code.trim()) ? cause.message : `${code}${cause.message}`;
}
