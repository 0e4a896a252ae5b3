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
 * All findings of `lockstep doctor`, in order. Changes nothing: it downloads nothing and starts no
 * server. `others` are checks of other packages, such as data sets.
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
