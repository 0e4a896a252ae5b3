import { z } from 'zod';
import type { OptionEntry } from './option-entry.js';
import { text, whole } from './schemas.js';

/** Names with commas between them; none twice, and none that leads out of a folder. */
const names = (form: RegExp, what: string) =>
  z.string('must be a text').transform((list, context) => {
    const all = list.split(',').map((each) => each.trim());
    if (!all.every((each) => form.test(each))) {
      context.addIssue({
        code: 'custom',
        message: `must be ${what}, with commas between`,
        input: list,
      });
    }
    return [...new Set(all)];
  });

/** What `lockstep certs` makes. */
export const certsOptions: readonly OptionEntry[] = [
  { flag: 'out', value: 'DIR', describe: 'folder to write to', schema: text, default: 'certs' },
  {
    flag: 'host',
    value: 'NAME,…',
    describe: 'names and addresses of the coordinator (and of Redis), beside localhost',
    schema: names(/^[\w.:*-]+$/, 'host names or addresses'),
  },
  {
    flag: 'client',
    value: 'NAME,…',
    describe: 'workers to make a certificate for',
    schema: names(/^\w[\w.-]*$/, 'names of letters, digits, dots and dashes'),
    default: 'worker',
  },
  {
    flag: 'days',
    value: 'N',
    describe: 'how long servers’ and workers’ certificates are good',
    schema: whole(1),
    default: 365,
  },
].map((entry): OptionEntry => ({ ...entry, typedOnly: true }));
