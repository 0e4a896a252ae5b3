// Queries /healthz of this container's process, over HTTPS if it has a certificate. The certificate
// is not verified: the request contains no secret, and only the status of the response is used.
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
