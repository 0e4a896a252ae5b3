import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { SERVICE_NAME } from '../protocol-server.js';
import { passThrough } from '../upload.js';
import type { Request } from './valid-requests.js';

/** How a call ended. */
export interface Reply {
  /** Name of the gRPC status. */
  readonly status: string;
  readonly details: string;
  /** Of the error, if it has one. */
  readonly errorCode?: string | undefined;
}

/** A client that sends messages as they are. */
export class RawClient {
  readonly #client: Client;

  /** @param address `host:port` of a server without TLS */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** Sends a request, of any kind of method; resolves with its first reply, or with how it ended. */
  send({ rpc, messages }: Request): Promise<Reply> {
    return new Promise((resolve) => {
      const call = this.#client.makeBidiStreamRequest<Buffer, Buffer>(
        `/${SERVICE_NAME}/${rpc}`,
        passThrough,
        passThrough,
        { deadline: Date.now() + 10_000 },
      );
      call.on('data', () => {
        resolve({ status: 'OK', details: 'a reply' });
        call.cancel();
      });
      call.on('error', ({ code, details, metadata }: ServiceError) => {
        const [errorCode] = metadata.get('lockstep-code');
        resolve({ status: status[code], details, errorCode: errorCode?.toString() });
      });
      call.on('end', () => resolve({ status: 'OK', details: 'no reply' }));
      for (const message of messages) call.write(Buffer.from(message));
      call.end();
    });
  }

  close(): void {
    this.#client.close();
  }
}
