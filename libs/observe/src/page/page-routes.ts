import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { TypedApp } from '../server/route-parts.js';

const INDEX = 'index.html';
/** Vite names the files of this folder by their content: they never change. */
const HASHED = '/assets/';
/** The page loads everything from this server, so a manipulated page can reach no other. */
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
 * The dashboard's files, as brotli or gzip where the build has made them; without them, a page that
 * explains why.
 *
 * @param folder the built dashboard; undefined: none is served
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
    // The page itself is public; what it shows requires a login.
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

/** Why there is no dashboard. */
type Absence = 'not-wanted' | 'not-built';

const reasons: Readonly<Record<Absence, { readonly title: string; readonly remedy: string }>> = {
  'not-wanted': {
    title: 'This coordinator serves no dashboard',
    remedy: 'It was started with <code>--no-dashboard</code>. Start it without to see one here.',
  },
  'not-built': {
    title: 'The dashboard is not built',
    remedy: 'Run <code>npm run build</code> in the folder of Lockstep, then reload this page.',
  },
};

function absenceOf(folder: string | undefined): Absence | undefined {
  if (folder === undefined) return 'not-wanted';
  return existsSync(join(folder, INDEX)) ? undefined : 'not-built';
}

/** The page in the dashboard's place: why it is absent, and where its data are. */
function absentPage(absence: Absence): string {
  const { title, remedy } = reasons[absence];
  const links = ['/api/run', '/api/workers', '/api/openapi.json', '/metrics'];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Lockstep</title>
<main>
<h1>${title}</h1>
<p>${remedy}</p>
<p>The run continues without it. Read its state with <code>lockstep status</code>, or at</p>
<ul>${links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('')}</ul>
</main>
</html>
`;
}
