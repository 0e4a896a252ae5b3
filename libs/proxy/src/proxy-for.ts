import { hostOf, isLoopback } from '@lockstep/core';
import { getProxyForUrl } from 'proxy-from-env';

/**
 * The HTTP proxy for requests to an external service, by `http_proxy`, `https_proxy`, `all_proxy` and
 * `no_proxy`, in lower or upper case.
 *
 * @param url of the service
 * @returns undefined for a direct connection, which a loopback address always gets
 */
export function proxyFor(url: string): string | undefined {
  if (isLoopback(hostOf(new URL(url).host))) return undefined;
  return getProxyForUrl(url) || undefined;
}
