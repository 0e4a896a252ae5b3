import { writeFile } from 'node:fs/promises';
import { noLogin } from './auth/roles.js';
import { EventFeed } from './events/event-feed.js';
import { RunControl } from './run/run-control.js';
import { createApp } from './server/app.js';
import { CurrentRun } from './server/current-run.js';

/**
 * `node dist/write-openapi.js [FILE]` writes the API's description, equal to `/api/openapi.json`,
 * without a run; to stdout where no file is given.
 */
const current = new CurrentRun(false);
const app = await createApp({
  feed: new EventFeed(Date.now),
  ...{ current, control: new RunControl(current) },
  boundHost: '127.0.0.1',
  dashboard: undefined,
  access: { roles: noLogin },
  onAdmitted: () => undefined,
});
const text = `${JSON.stringify(app.describe(), null, 2)}\n`;
const [, , file] = process.argv;
if (file === undefined) process.stdout.write(text);
else await writeFile(file, text);
await app.close();
