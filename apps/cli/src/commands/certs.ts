import { join } from 'node:path';
import { z } from 'zod';
import { defineCommand } from '../command.js';
import { makeCluster } from '../certs/make-cluster.js';
import { option } from '../options/option.js';
import { text, whole } from '../options/schemas.js';

/** Names separated by commas; each once, and none that leads out of a folder. */
const names = (form: RegExp, what: string) =>
  z.string('must be a text').transform((list, context): readonly string[] => {
    const all = list.split(',').map((each) => each.trim());
    if (!all.every((each) => form.test(each))) {
      const message = `must be ${what}, separated by commas`;
      context.addIssue({ code: 'custom', message, input: list });
    }
    return [...new Set(all)];
  });

export const certs = defineCommand({
  name: 'certs',
  describe: 'create a private CA, and certificates for a coordinator and its workers',
  options: {
    out: option(text.default('certs'), {
      value: 'DIR',
      describe: 'folder to write to',
      typedOnly: true,
    }),
    host: option(names(/^[\w.:*-]+$/, 'host names or addresses').optional(), {
      value: 'NAME,…',
      describe: 'names and addresses of the coordinator (and of Redis), beside localhost',
      typedOnly: true,
    }),
    client: option(
      names(/^\w[\w.-]*$/, 'names of letters, digits, dots and dashes').default(['worker']),
      { value: 'NAME,…', describe: 'workers to create a certificate for', typedOnly: true },
    ),
    days: option(whole(1).default(365), {
      value: 'N',
      describe: 'validity of the certificates of servers and workers',
      typedOnly: true,
    }),
  },
  run: async ({ options: { out, host = [], client, days } }) => {
    const written = await makeCluster({ folder: out, hosts: host, clients: client, days });
    for (const { name, what } of written) {
      process.stdout.write(`${join(out, name).padEnd(32)} ${what}\n`);
    }
    return 0;
  },
});
