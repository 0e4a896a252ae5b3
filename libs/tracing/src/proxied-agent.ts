import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { proxyFor } from '@lockstep/proxy';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** Bounds connecting too, which the timeout of a request does not. */
const OPTIONS = { keepAlive: true, timeout: 10_000 };

/** Connections to a collector, through the proxy that the environment names for it. */
export function createAgent(endpoint: string): HttpAgent {
  const proxy = proxyFor(endpoint);
  if (endpoint.startsWith('https:')) {
    return proxy === undefined ? new HttpsAgent(OPTIONS) : new HttpsProxyAgent(proxy, OPTIONS);
  }
  return proxy === undefined ? new HttpAgent(OPTIONS) : new HttpProxyAgent(proxy, OPTIONS);
}
