import { connect } from 'node:net';

/** The first message of an unencrypted client, in each protocol of a cluster. */
export const plainTexts: Readonly<Record<string, Buffer>> = {
  'HTTP/1.1': Buffer.from('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  // RFC 9113: the preface and an empty SETTINGS frame, as gRPC without TLS begins.
  'HTTP/2': Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'),
  RESP: Buffer.from('*1\r\n$4\r\nPING\r\n'),
  'RESP inline': Buffer.from('PING\r\n'),
};

/**
 * Sends a message to a port and reads until the other end closes the connection.
 *
 * @throws Error when it keeps the connection open for `limitMs`
 */
export function sayTo(port: number, text: Buffer, limitMs = 20_000): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const heard: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
    socket.setTimeout(limitMs, () => {
      socket.destroy();
      reject(new Error(`${port} neither answers nor hangs up within ${limitMs} ms`));
    });
    socket.on('data', (bytes) => heard.push(bytes));
    // A reset is a way of hanging up.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(heard)));
  });
}
