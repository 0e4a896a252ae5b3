import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf, parseRunAddress, type RunAddress } from './addresses.js';

const address: RunAddress = {
  runId: 'r',
  http: 'http://127.0.0.1:1',
  grpc: '127.0.0.1:2',
  host: 'h',
  pid: 3,
  term: 4,
};

describe('parseRunAddress', () => {
  it('reads what was written', () => {
    expect(parseRunAddress(JSON.stringify(address))).toEqual(address);
  });

  it('takes no torn or foreign file for an address, and never throws', () => {
    const text = JSON.stringify(address);
    fc.assert(
      fc.property(fc.nat(text.length - 1), (end) => {
        expect(parseRunAddress(text.slice(0, end))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(parseRunAddress(json)).toBeUndefined();
      }),
    );
    expect(parseRunAddress(JSON.stringify({ ...address, pid: '3' }))).toBeUndefined();
  });
});

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['unknown', 'unknown'],
])('the network of %s is %s', (host, network) => {
  expect(networkOf(host)).toBe(network);
});
