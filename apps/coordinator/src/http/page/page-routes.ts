import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { TypedApp } from '../route-parts.js';
import { absentPage, type Absence } from './absent-page.js';

const INDEX = 'index.html';
/** Vite names what lies here by its content: it never changes. */
const HASHED = '/assets/';
/** Everything comes from here: a page that was tampered with can call nobody else. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'self'",
    "img-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/**
 * The dashboard's files, brotli or gzip where the build has made them; a page that says why where
 * there are none.
 *
 * @param folder the built dashboard; undefined where none is to be served
 */
export async function addPageRoutes(app: TypedApp, folder: string | undefined): Promise<void> {
  const absence = absenceOf(folder);
  if (folder === undefined || absence) {
    app.get('/', { config: { access: 'open' }, schema: { hide: true } }, (_request, reply) =>
      reply
        .headers(PAGE_HEADERS)
        .type('text/html; charset=utf-8')
        .send(absentPage(absence ?? 'not-wanted')),
    );
    return;
  }
  await app.register(async (files) => {
    // The page itself is no secret: what it shows is, and comes from elsewhere.
    files.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    await files.register(fastifyStatic, {
      root: folder,
      preCompressed: true,
      cacheControl: false,
      index: [INDEX],
      schemaHide: true,
      setHeaders: (reply, path) => {
        for (const [name, value] of Object.entries(PAGE_HEADERS)) reply.header(name, value);
        const isHashed = path.includes(HASHED);
        reply.header(
          'cache-control',
          isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    });
  });
}

function absenceOf(folder: string | undefined): Absence | undefined {
  if (folder === undefined) return 'not-wanted';
  return existsSync(join(folder, INDEX)) ? undefined : 'not-built';
}
