import { LockstepError, type ErrorCode } from '@lockstep/core';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Problem } from './schemas.js';

const statuses: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'login-required': 401,
  'not-allowed': 403,
  'origin-refused': 403,
  'run-not-found': 404,
  'run-ended': 409,
  'cannot-scale': 409,
  'too-many-requests': 429,
  'not-ready': 503,
};

/** Validation messages that a response lists: a picture may have a thousand invalid pixels. */
const MOST_ISSUES = 5;
const SEE_API = 'see /api/openapi.json for the requests of each path';

/** The status and body for an error of any kind; unknown errors reveal nothing. */
export function problemOf(thrown: unknown): { readonly status: number; readonly body: Problem } {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const issues = thrown.validation.map(({ instancePath, message }) =>
      `${instancePath.replaceAll('/', ' ').trim()} ${message}`.trim(),
    );
    const more = issues.length - MOST_ISSUES;
    const shown = issues.slice(0, MOST_ISSUES).join('; ');
    return problem(400, 'bad-request', more > 0 ? `${shown}; and ${more} more` : shown, SEE_API);
  }
  if (thrown instanceof LockstepError) {
    const { code, message, remedy = SEE_API } = thrown;
    return problem(statuses[code] ?? 500, code, message, remedy);
  }
  const status = clientStatus(thrown);
  if (status !== undefined && thrown instanceof Error) {
    return problem(status, 'bad-request', thrown.message, SEE_API);
  }
  return problem(500, 'internal', 'a defect in Lockstep', 'see the coordinator’s stderr');
}

/** The status of a client error raised by fastify. */
function clientStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return undefined;
  const { statusCode } = thrown;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? statusCode
    : undefined;
}

function problem(
  status: number,
  code: ErrorCode,
  message: string,
  remedy: string,
): { status: number; body: Problem } {
  return { status, body: { error: { code, message, remedy } } };
}
