// Asks this container's own process whether it lives, over HTTPS where it has a certificate. Whether
// that certificate is to be trusted is not asked: nothing secret is said, and nothing but the status
// is believed.
import { get as getPlain } from 'node:http';
import { get as getEncrypted } from 'node:https';

const port = process.env.LOCKSTEP_HTTP?.split(':').at(-1) ?? '8080';
const encrypted = Boolean(process.env.LOCKSTEP_TLS_CERT);
const get = encrypted ? getEncrypted : getPlain;
const url = `${encrypted ? 'https' : 'http'}://127.0.0.1:${port}/healthz`;

get(url, { rejectUnauthorized: false, timeout: 4000 }, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
}).on('error', ({ message }) => {
  process.stderr.write(`${url}: ${message}\n`);
  process.exit(1);
});
