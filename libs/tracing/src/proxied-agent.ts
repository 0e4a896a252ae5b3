import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { proxyFor } from '@lockstep/proxy';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** Also limits connecting, unlike the timeout of a request. */
const OPTIONS = { keepAlive: true, timeout: 10_000 };

/** Connections to a collector, through the proxy set in the environment. */
export function createAgent(endpoint: string): HttpAgent {
  const proxy = proxyFor(endpoint);
  if (endpoint.startsWith('https:')) {
    return proxy === undefined ? new HttpsAgent(OPTIONS) : new HttpsProxyAgent(proxy, OPTIONS);
  }
  return proxy === undefined ? new HttpAgent(OPTIONS) : new HttpProxyAgent(proxy, OPTIONS);
}
