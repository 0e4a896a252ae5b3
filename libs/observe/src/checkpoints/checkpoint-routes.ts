import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { checkpointPath, listCheckpoints } from '@lockstep/store';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import { bytes, checkpointAddress, checkpointsReport } from './schemas.js';

const routes = {
  checkpoints: {
    schema: {
      summary: 'the saved checkpoints',
      response: { 200: checkpointsReport, 400: problem, 503: problem },
    },
  },
  download: {
    exposeHeadRoute: false,
    schema: {
      summary: 'a checkpoint’s file, with its checksum at the end',
      params: checkpointAddress,
      response: { 200: bytes, 400: problem, 503: problem },
    },
  },
};

/** The saved states. */
export function addCheckpointRoutes(app: TypedApp, parts: RouteParts): void {
  app.get('/api/checkpoints', routes.checkpoints, async () => {
    const { disk } = (await parts.run()).view.folder;
    const kept = new Set(await listCheckpoints(disk));
    const { checkpoints } = await parts.history();
    return { checkpoints: checkpoints.map((row) => ({ ...row, kept: kept.has(row.version) })) };
  });
  app.get('/api/checkpoints/:version/download', routes.download, async ({ params }, reply) => {
    const { folder } = (await parts.run()).view;
    const path = checkpointPath(params.version);
    // Held open: a newer checkpoint may replace this one while it is sent.
    const file = await open(join(folder.path, path)).catch(() => {
      throw notKept(params.version);
    });
    const { size } = await file.stat();
    const name = `${folder.record.runId}-${basename(path)}`;
    return reply
      .headers({
        'content-type': 'application/octet-stream',
        'content-length': size,
        'content-disposition': `attachment; filename="${name}"`,
      })
      .send(file.createReadStream());
  });
}

function notKept(version: number): LockstepError {
  return new LockstepError('bad-request', `there is no checkpoint of version ${version}`, {
    remedy: 'choose one that /api/checkpoints lists as kept',
  });
}
