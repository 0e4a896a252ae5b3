// Queries /healthz of this container's process: at the address of its probes, where it has one, else at
// that of its API, over HTTPS if it has a certificate. The certificate is not verified: the request
// contains no secret, and only the status of the response is used.
import { get as getPlain } from 'node:http';
import { get as getEncrypted } from 'node:https';

const {
  LOCKSTEP_PROBES: probes,
  LOCKSTEP_HTTP: http,
  LOCKSTEP_TLS_CERT: certificate,
} = process.env;
const port = (probes ?? http)?.split(':').at(-1) ?? '8080';
const encrypted = probes === undefined && Boolean(certificate);
const get = encrypted ? getEncrypted : getPlain;
const url = `${encrypted ? 'https' : 'http'}://127.0.0.1:${port}/healthz`;

get(url, { rejectUnauthorized: false, timeout: 4000 }, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
}).on('error', ({ message }) => {
  process.stderr.write(`${url}: ${message}\n`);
  process.exit(1);
});
