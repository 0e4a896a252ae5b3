import {
  diagnoseCpu,
  diagnoseDisk,
  diagnoseMemory,
  diagnoseNode,
  diagnoseNpm,
} from './diagnose-machine.js';
import { diagnoseRedis } from './diagnose-redis.js';
import { diagnoseTensorFlow, diagnoseTools } from './diagnose-tensorflow.js';
import type { Finding } from './finding.js';

/**
 * Everything `lockstep doctor` says of this machine, in its order. Changes nothing: it downloads
 * nothing and starts no server. `others` are checks that this room can't make, such as data sets.
 */
export async function diagnose(
  others: readonly (() => Promise<readonly Finding[]>)[] = [],
): Promise<Finding[]> {
  const [npm, tensorFlow, redis, disk, ...rest] = await Promise.all([
    diagnoseNpm(),
    diagnoseTensorFlow(),
    diagnoseRedis(),
    diagnoseDisk(),
    ...others.map((check) => check()),
  ]);
  const machine = [diagnoseNode(), npm, diagnoseCpu(), diagnoseMemory()];
  return [...machine, tensorFlow, ...diagnoseTools(), redis, ...disk, ...rest.flat()];
}
