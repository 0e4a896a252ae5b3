import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listenError } from './listen-error.js';

/** What Node says when a server cannot listen there. */
function failure(host: string, port = 0): Promise<Error> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', resolve);
    server.listen(port, host, () => server.close(() => reject(new Error('it listens'))));
  });
}

describe('an address that cannot be listened on', () => {
  it('of another machine', async () => {
    const error = listenError('--http', '192.0.2.1:0', await failure('192.0.2.1'));
    expect(error).toMatchObject({
      code: 'bad-option',
      message: 'cannot listen on --http 192.0.2.1:0: it is not an address of this machine',
    });
  });

  it('with a name that has no address', async () => {
    const error = listenError('--http', 'no.invalid:0', await failure('no.invalid'));
    expect(error).toMatchObject({ code: 'bad-option' });
    expect(error.message).toContain('the name has no address');
  });

  it.each([
    ['EACCES', 'bad-option', /1024 or more/],
    ['EADDRINUSE', 'port-in-use', /--grpc HOST:PORT/],
  ])('as another library quotes it: %s', (errno, code, remedy) => {
    const quoted = new Error(
      `No address added out of 1 resolved: [listen ${errno}: x 127.0.0.1:80]`,
    );
    const error = listenError('--grpc', '127.0.0.1:80', quoted);
    expect(error.code).toBe(code);
    expect(error.remedy).toMatch(remedy);
  });

  it('that is none', () => {
    expect(listenError('--http', 'x').message).toBe('cannot listen on --http x');
  });
});
