import fastify, { type FastifyInstance } from 'fastify';
import type { LedRun } from '../led-run.js';
import { PAGE_HEADERS } from '../page/page-routes.js';
import { remember } from '../remember.js';
import type { RouteParts, TypedApp } from '../route-parts.js';

/** Where bull-board is. */
export const BOARD = '/queues/';

/** It styles its page in place; and it asks another host for fonts, which nobody needs. */
const BOARD_HEADERS = {
  ...PAGE_HEADERS,
  'content-security-policy': `${PAGE_HEADERS['content-security-policy']}; style-src 'self' 'unsafe-inline'`,
};
const FOREIGN_LINK = /<link[^>]+href="https?:[^>]*>\s*/g;

/**
 * The queue for a person to look into: bull-board, read only, behind the same door as all the rest.
 * It is loaded, and connects to Redis, when somebody looks for the first time.
 */
export function addQueueBoard(app: TypedApp, parts: RouteParts): { close(): Promise<void> } {
  const closers: (() => Promise<unknown>)[] = [];
  const board = remember(Infinity, async () => openBoard(await parts.run(), closers));
  app.get('/queues', { schema: { hide: true } }, (_request, reply) => reply.redirect(BOARD));
  // Nothing but GET gets through: reading is all that anybody can do.
  app.get(
    '/queues/*',
    { exposeHeadRoute: false, schema: { hide: true } },
    async (request, reply) => {
      const { routing } = await board();
      reply.hijack();
      routing(request.raw, reply.raw);
    },
  );
  return {
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

async function openBoard(
  run: LedRun,
  closers: (() => Promise<unknown>)[],
): Promise<FastifyInstance> {
  const [{ createBullBoard }, { FastifyAdapter }, view] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/fastify'),
    run.viewQueue(),
  ]);
  closers.push(view.close);
  const serverAdapter = new FastifyAdapter();
  createBullBoard({
    queues: [view.adapter],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Lockstep: the queue of shards',
        boardLogo: { path: '', width: 0, height: 0 },
        miscLinks: [{ text: 'Dashboard', url: '/' }],
      },
    },
  });
  const board = fastify();
  board.addHook('onSend', (_request, reply, payload, done) => {
    reply.headers(BOARD_HEADERS);
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
    done(null, isPage && typeof payload === 'string' ? payload.replace(FOREIGN_LINK, '') : payload);
  });
  await board.register(serverAdapter.registerPlugin(), { prefix: BOARD.slice(0, -1) });
  await board.ready();
  return board;
}
