import fastify, { type FastifyInstance } from 'fastify';
import type { QueueView } from '@lockstep/queue/view';
import { PAGE_HEADERS } from '../page/page-routes.js';
import { remember } from '../server/caching.js';
import type { CurrentRun } from '../server/current-run.js';
import type { TypedApp } from '../server/route-parts.js';

/** The path of bull-board. */
export const BOARD = '/queues/';

/** Its page has inline styles; and it links to fonts of another host, which it does not need. */
const BOARD_HEADERS = {
  ...PAGE_HEADERS,
  'content-security-policy': `${PAGE_HEADERS['content-security-policy']}; style-src 'self' 'unsafe-inline'`,
};
const FOREIGN_LINK = /<link[^>]+href="https?:[^>]*>\s*/g;

/**
 * The queue inspector: bull-board, read only, with the access rules of the API. It is loaded, and
 * connects to Redis, with the first request.
 */
export class QueueBoard {
  readonly #current: CurrentRun;
  readonly #views: QueueView[] = [];
  readonly #open = remember(Infinity, () => this.#load());

  constructor(current: CurrentRun) {
    this.#current = current;
  }

  addRoutes(app: TypedApp): void {
    app.get('/queues', { schema: { hide: true } }, (_request, reply) => reply.redirect(BOARD));
    // Only GET is routed: the queue cannot be changed.
    app.get(
      '/queues/*',
      { exposeHeadRoute: false, schema: { hide: true } },
      async (request, reply) => {
        const board = await this.#open();
        reply.hijack();
        board.routing(request.raw, reply.raw);
      },
    );
  }

  async close(): Promise<void> {
    for (const view of this.#views) await view.close();
  }

  async #load(): Promise<FastifyInstance> {
    const { openQueueView } = await this.#current.get();
    const [{ createBullBoard }, { FastifyAdapter }, view] = await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/fastify'),
      openQueueView(),
    ]);
    this.#views.push(view);
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
      const page = isPage && typeof payload === 'string';
      done(null, page ? payload.replace(FOREIGN_LINK, '') : payload);
    });
    await board.register(serverAdapter.registerPlugin(), { prefix: BOARD.slice(0, -1) });
    await board.ready();
    return board;
  }
}
