import { z } from 'zod';
import { failureIn, failureMessage } from './failure-message.js';
import { LockstepError } from './errors.js';

/** What a program asks of the run that it started: as the commands `pause`, `resume`, `stop` and `scale N`. */
export type ControlAction =
  | { readonly action: 'pause' | 'resume' | 'stop' }
  | { readonly action: 'scale'; readonly workers: number };

/**
 * A control request, over the channels between a program, the `lockstep train` that it started, and the
 * coordinator. Only the process that started another one has such a channel, so requests need neither an
 * HTTP API nor its tokens.
 */
export type ControlRequest = ControlAction & { readonly lockstep: 'control'; readonly id: string };

export interface ControlReply {
  readonly lockstep: 'controlled';
  readonly id: string;
  /** A `FailureMessage`, where the request was refused. */
  readonly refused?: unknown;
}

const isControl = { lockstep: z.literal('control'), id: z.string().max(100) };
const request: z.ZodType<ControlRequest> = z.union([
  z.object({ ...isControl, action: z.enum(['pause', 'resume', 'stop']) }),
  // Any number: a wrong one is refused by name.
  z.object({ ...isControl, action: z.literal('scale'), workers: z.number().catch(NaN) }),
]);
const reply: z.ZodType<ControlReply> = z.object({
  ...{ lockstep: z.literal('controlled'), id: z.string(), refused: z.unknown().exactOptional() },
});

/** The control request in a message; undefined for any other message. */
export function controlRequestIn(message: unknown): ControlRequest | undefined {
  return request.safeParse(message).data;
}

/** The reply in a message; undefined for any other message. */
export function controlReplyIn(message: unknown): ControlReply | undefined {
  return reply.safeParse(message).data;
}

/** @param error why the request was refused; absent: it was carried out */
export function controlReply(id: string, error?: LockstepError): ControlReply {
  return { lockstep: 'controlled', id, ...(error && { refused: failureMessage(error) }) };
}

/** Why a request was refused; undefined where it was carried out. */
export function refusalIn({ refused }: ControlReply): LockstepError | undefined {
  if (refused === undefined) return undefined;
  return failureIn(refused) ?? new LockstepError('internal', 'refused for an unknown reason');
}
