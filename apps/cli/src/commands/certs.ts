import { join } from 'node:path';
import type { CommandDefinition } from '../command.js';
import { certsOptions } from '../options/certs-options.js';
import { makeCluster } from '../certs/make-cluster.js';

export const certs: CommandDefinition = {
  name: 'certs',
  describe: 'make a private authority, and certificates for a coordinator and its workers',
  options: certsOptions,
  run: async (options) => {
    const out = options['out'] as string;
    const written = await makeCluster({
      folder: out,
      hosts: (options['host'] as readonly string[] | undefined) ?? [],
      clients: [options['client'] as string | readonly string[]].flat(),
      days: options['days'] as number,
    });
    for (const { name, what } of written) {
      process.stdout.write(`${join(out, name).padEnd(32)} ${what}\n`);
    }
    return 0;
  },
};
