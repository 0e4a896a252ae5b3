import {
  EvaluationResult,
  FetchRequest,
  FollowRequest,
  HeartbeatRequest,
  LeaveRequest,
  RegisterRequest,
  StateUploadPart,
  SubmitPart,
  TakeRequest,
  type ShardAttempt,
} from '../generated/lockstep/v1/lockstep.js';

/** The messages of one call, in order; the last one is what a test changes. */
export interface Request {
  /** As in the .proto. */
  readonly rpc: string;
  readonly messages: readonly Uint8Array[];
}

const HASH = 'a'.repeat(64);

/** Requests of a worker that the protocol allows: at least one for each message and each field. */
export function validRequests(of: {
  readonly session: string;
  readonly runId: string;
  readonly shard: ShardAttempt;
  readonly sampleCount: number;
}): readonly Request[] {
  const { session, runId, shard, sampleCount } = of;
  const span = { $case: 'shared', value: { offset: 16, length: 4 } } as const;
  const chunk = { $case: 'chunk', value: new Uint8Array(4) } as const;
  const submit = (...parts: NonNullable<SubmitPart['part']>[]): Request => ({
    rpc: 'Submit',
    messages: parts.map((part) => SubmitPart.encode({ part }).finish()),
  });
  const upload = (...parts: NonNullable<StateUploadPart['part']>[]): Request => ({
    rpc: 'UploadState',
    messages: parts.map((part) => StateUploadPart.encode({ part }).finish()),
  });
  const header = (factoredBytes: number) => ({
    $case: 'header' as const,
    value: { session, runId, shard, sampleCount, wire: 1, factoredBytes, trace: TRACE },
  });
  const stateHeader = {
    $case: 'header' as const,
    value: { session, version: 1, stateBytes: 4, sha256: HASH },
  };
  return [
    { rpc: 'Register', messages: [RegisterRequest.encode(registration).finish()] },
    {
      rpc: 'Follow',
      messages: [FollowRequest.encode({ session, version: 1, stateSha256: HASH, memory }).finish()],
    },
    { rpc: 'Fetch', messages: [FetchRequest.encode({ session, version: 1 }).finish()] },
    { rpc: 'Take', messages: [TakeRequest.encode({ session, shard }).finish()] },
    submit(header(4)),
    submit(header(4), chunk),
    submit(header(4), span),
    submit(header(0), { $case: 'rest', value: rest }),
    upload(stateHeader),
    // Without the header, whose reply would come first.
    upload(chunk),
    upload(span),
    {
      rpc: 'SubmitEvaluation',
      messages: [
        EvaluationResult.encode({
          ...{ session, runId, shard: { ...shard, evaluation: true }, sampleCount },
          ...{ metricSums: [1], lossSum: 1 },
          predictions: new Uint8Array(2 * sampleCount),
          confidences: new Uint8Array(4 * sampleCount),
        }).finish(),
      ],
    },
    {
      rpc: 'Heartbeat',
      messages: [
        HeartbeatRequest.encode({
          ...{ session, version: 0, shard, rssBytes: 1, tensorCount: 1, cpuSeconds: 1 },
          log: [{ number: 1, at: 1, warning: true, text: 'a line' }],
        }).finish(),
      ],
    },
    { rpc: 'Leave', messages: [LeaveRequest.encode({ session, reason: 'done' }).finish()] },
  ];
}

const TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
const registration = {
  ...{ name: 'intruder', host: 'host', pid: 1, backend: 'native' },
  processKey: new Uint8Array(32).fill(7),
  ...{ specSha256: HASH, dataSha256: HASH, fingerprint: HASH },
  fingerprintFields: { cpu: 'some' },
};
const memory = { pid: 1, descriptor: 1, key: new Uint8Array(16) };
const rest = {
  ...{ lossSum: 1, metricSums: [1], cleanCorrectCount: 1, denseBytes: 4, sha256: HASH },
  timings: {
    ...{ waitMs: 1, computeMs: 1, encodeMs: 1, idleMs: 1 },
    ...{ decodeMs: 1, applyMs: 1, grantMs: 1, takeToSendMs: 1 },
  },
  proof: { version: 1, stateSha256: HASH },
};
