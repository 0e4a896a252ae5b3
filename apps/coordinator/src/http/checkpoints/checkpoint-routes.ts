import { listCheckpoints } from '../../store/checkpoints.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import { checkpointsReport } from './schemas.js';

/** The states that were saved. */
export function addCheckpointRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/checkpoints',
    {
      schema: {
        summary: 'the checkpoints saved',
        response: { 200: checkpointsReport, 400: problem, 503: problem },
      },
    },
    async () => {
      const { disk } = (await parts.run()).folder;
      const kept = new Set(await listCheckpoints(disk));
      const { checkpoints } = await parts.history();
      return { checkpoints: checkpoints.map((row) => ({ ...row, kept: kept.has(row.version) })) };
    },
  );
}
