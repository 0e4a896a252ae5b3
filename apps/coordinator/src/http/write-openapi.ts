import { writeFile } from 'node:fs/promises';
import { everybodyIsAdmin } from '../access/roles.js';
import { createEventFeed } from '../event-feed.js';
import { createApp } from './app.js';

/**
 * `node dist/http/write-openapi.js [FILE]` writes the API's description, the same as
 * `/api/openapi.json`, without a run; on stdout where no file is given.
 */
const app = await createApp({
  feed: createEventFeed(Date.now),
  led: new Promise<never>(() => undefined),
  boundHost: '127.0.0.1',
  dashboard: undefined,
  access: { roles: everybodyIsAdmin },
});
const text = `${JSON.stringify(app.describe(), null, 2)}\n`;
const [, , file] = process.argv;
if (file === undefined) process.stdout.write(text);
else await writeFile(file, text);
await app.close();
