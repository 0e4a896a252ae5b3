import type {
  Accepted,
  DescribeRequest,
  Drain,
  EvaluationResult,
  FactorsBegin,
  FetchRequest,
  FollowPart,
  FollowRequest,
  Granted,
  HeartbeatReply,
  HeartbeatRequest,
  LeaveReply,
  LeaveRequest,
  LogLine,
  RefusalReason,
  Refused,
  RegisterReply,
  RegisterRequest,
  RunDescription,
  RunState,
  RunStatus,
  ShardAttempt,
  ShardTimings,
  SharedMemory,
  SharedSpan,
  SnapshotBegin,
  StateProof,
  StateUploadHeader,
  StateUploadPart,
  StateUploadReply,
  SubmitHeader,
  SubmitPart,
  SubmitReply,
  SubmitRest,
  TakeReply,
  TakeRequest,
  UpdateBegin,
  UpdateShard,
  UpToDate,
  Verdict,
  WireFormat,
} from '../generated/lockstep/v1/lockstep.js';
import { refusalReasons, runStates, verdicts, wireFormats } from '../words.js';
import { PROCESS_KEY_BYTES } from '../messages.js';
import {
  bytes,
  computed,
  enumOf,
  finite,
  flag,
  list,
  map,
  message,
  name,
  oneOf,
  optional,
  required,
  sha256,
  sha256OrNone,
  source,
  text,
  traceParent,
  whole,
} from './rules.js';

/*
 * What each field of each message may hold. A message of the service without rules, or a field without
 * one, does not compile.
 */

/** Most characters of a reason or an explanation; senders cut longer ones. */
export const LONGEST_TEXT = 1_000;
/** Most samples of a shard: their number is hashed as a 32-bit integer. */
const MOST_SAMPLES = 2 ** 31 - 1;
/** Above the sum of so many binary32 values: sums over the shards of a step stay finite. */
const MOST_SUM = 1e48;
/** Most metric sums of a shard: enough for the histogram of an area under a curve. */
const MOST_METRIC_SUMS = 4096;

const version = whole({ max: 999_999_999 });
const term = whole({ max: 1e15 });
const index = whole({ max: 1e9 });
const samples = whole({ min: 1, max: MOST_SAMPLES });
const correct = whole({ max: MOST_SAMPLES });
// A network that diverges has sums that are not finite: the run judges that.
const metricSums = list(computed({ min: -MOST_SUM, max: MOST_SUM }), { max: MOST_METRIC_SUMS });
const lengthInBytes = whole({ max: 2 ** 45 });
const milliseconds = finite({ min: 0, max: 1e12 });
/** Milliseconds since the epoch that a Date can hold. */
const moment = whole({ max: 8.64e15 });
const processId = whole({ max: 2 ** 32 - 1 });
const reason = text({ max: LONGEST_TEXT });
/** A chunk has at most 1 MiB. */
const chunk = bytes({ max: 2 ** 20 });

const refused = message<Refused>('Refused', {
  reason: enumOf<RefusalReason>(...Object.values(refusalReasons)),
  message: reason,
});

const shardAttempt = message<ShardAttempt>('ShardAttempt', {
  term,
  step: version,
  index,
  attempt: whole({ min: 1, max: 1e9 }),
  evaluation: flag(),
});

const sharedMemory = message<SharedMemory>('SharedMemory', {
  pid: processId,
  descriptor: whole({ max: 2 ** 31 - 1 }),
  key: bytes({ max: 64 }),
});

const sharedSpan = message<SharedSpan>('SharedSpan', {
  offset: lengthInBytes,
  length: lengthInBytes,
});

export const describeRequest = message<DescribeRequest>('DescribeRequest', {});

export const runDescription = message<RunDescription>('RunDescription', {
  runId: name(),
  term,
  specJson: source({ max: 2_000_000 }),
  specSha256: sha256(),
  heartbeatIntervalMs: whole({ min: 1, max: 86_400_000 }),
  untrained: flag(),
});

export const registerRequest = message<RegisterRequest>('RegisterRequest', {
  name: name(),
  host: name(),
  pid: processId,
  backend: text({ max: 100 }),
  specSha256: sha256(),
  dataSha256: sha256OrNone(),
  fingerprint: name(),
  fingerprintFields: map(name(), text({ max: 200 }), { max: 32 }),
  processKey: bytes({ min: PROCESS_KEY_BYTES, max: PROCESS_KEY_BYTES }),
});

export const registerReply = message<RegisterReply>('RegisterReply', {
  outcome: oneOf<RegisterReply['outcome']>(
    {
      accepted: message<Accepted>('Accepted', {
        session: name(),
        term,
        queue: name(),
        workerId: name(),
      }),
      refused,
    },
    'refused',
  ),
});

export const followRequest = message<FollowRequest>('FollowRequest', {
  session: name(),
  version: optional(version),
  stateSha256: sha256OrNone(),
  memory: optional(sharedMemory),
});

export const fetchRequest = message<FetchRequest>('FetchRequest', { session: name(), version });

const updateShard = message<UpdateShard>('UpdateShard', {
  sampleCount: samples,
  factoredSha256: sha256(),
});

export const followPart = message<FollowPart>('FollowPart', {
  part: oneOf<FollowPart['part']>(
    {
      snapshotBegin: message<SnapshotBegin>('SnapshotBegin', {
        version,
        stateBytes: lengthInBytes,
        sha256: sha256(),
      }),
      updateBegin: message<UpdateBegin>('UpdateBegin', {
        version,
        shards: list(updateShard, { max: 100_000 }),
        denseBytes: lengthInBytes,
        sha256: sha256(),
        prove: flag(),
        evaluated: flag(),
      }),
      chunk,
      upToDate: message<UpToDate>('UpToDate', { version }),
      runStatus: message<RunStatus>('RunStatus', {
        state: enumOf<RunState>(...Object.values(runStates)),
        reason,
      }),
      drain: message<Drain>('Drain', { reason }),
      refused,
      factorsBegin: message<FactorsBegin>('FactorsBegin', {
        step: version,
        index,
        factoredBytes: lengthInBytes,
        sha256: sha256(),
      }),
      memory: sharedMemory,
      shared: sharedSpan,
    },
    'newer',
  ),
});

export const takeRequest = message<TakeRequest>('TakeRequest', {
  session: name(),
  shard: required(shardAttempt),
});

export const takeReply = message<TakeReply>('TakeReply', {
  outcome: oneOf<TakeReply['outcome']>(
    { granted: message<Granted>('Granted', {}), refused },
    'refused',
  ),
});

const submitHeader = message<SubmitHeader>('SubmitHeader', {
  session: name(),
  runId: name(),
  shard: required(shardAttempt),
  sampleCount: samples,
  wire: enumOf<WireFormat>(...Object.values(wireFormats)),
  factoredBytes: lengthInBytes,
  trace: optional(traceParent()),
});

const shardTimings = message<ShardTimings>('ShardTimings', {
  waitMs: milliseconds,
  computeMs: milliseconds,
  encodeMs: milliseconds,
  idleMs: milliseconds,
  decodeMs: milliseconds,
  applyMs: milliseconds,
  grantMs: milliseconds,
  takeToSendMs: milliseconds,
});

const submitRest = message<SubmitRest>('SubmitRest', {
  // A network that diverges has no finite loss: the run judges that.
  lossSum: computed({ min: -MOST_SUM, max: MOST_SUM }),
  metricSums,
  cleanCorrectCount: optional(correct),
  denseBytes: lengthInBytes,
  sha256: sha256(),
  timings: optional(shardTimings),
  proof: optional(message<StateProof>('StateProof', { version, stateSha256: sha256() })),
});

export const submitPart = message<SubmitPart>('SubmitPart', {
  part: oneOf<SubmitPart['part']>(
    { header: submitHeader, chunk, rest: submitRest, shared: sharedSpan },
    'refused',
  ),
});

export const submitReply = message<SubmitReply>('SubmitReply', {
  verdict: enumOf<Verdict>(...Object.values(verdicts)),
  message: reason,
  uploadState: flag(),
});

export const stateUploadPart = message<StateUploadPart>('StateUploadPart', {
  part: oneOf<StateUploadPart['part']>(
    {
      header: message<StateUploadHeader>('StateUploadHeader', {
        session: name(),
        version,
        stateBytes: lengthInBytes,
        sha256: sha256(),
      }),
      chunk,
      shared: sharedSpan,
    },
    'refused',
  ),
});

export const stateUploadReply = message<StateUploadReply>('StateUploadReply', { taken: flag() });

export const evaluationResult = message<EvaluationResult>('EvaluationResult', {
  session: name(),
  runId: name(),
  shard: required(shardAttempt),
  sampleCount: samples,
  metricSums,
  // As in SubmitRest.
  lossSum: computed({ min: -MOST_SUM, max: MOST_SUM }),
  predictions: bytes({ max: 2 ** 19 }),
  confidences: bytes({ max: 2 ** 20 }),
});

const logLine = message<LogLine>('LogLine', {
  number: whole({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  at: moment,
  warning: flag(),
  text: reason,
});

export const heartbeatRequest = message<HeartbeatRequest>('HeartbeatRequest', {
  session: name(),
  version: optional(version),
  shard: optional(shardAttempt),
  rssBytes: lengthInBytes,
  tensorCount: whole({ max: 2 ** 32 - 1 }),
  cpuSeconds: finite({ min: 0, max: 1e12 }),
  log: list(logLine, { max: 100 }),
});

export const heartbeatReply = message<HeartbeatReply>('HeartbeatReply', { known: flag(), term });

export const leaveRequest = message<LeaveRequest>('LeaveRequest', { session: name(), reason });

export const leaveReply = message<LeaveReply>('LeaveReply', {});
