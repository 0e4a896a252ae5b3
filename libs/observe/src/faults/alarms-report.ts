import { hasEnded } from '@lockstep/core';
import type { RunHistory } from '../history/run-history.js';
import type { RunView } from '../run-view.js';
import { alarmRemedy, type AlarmCode } from './alarm-catalogue.js';
import type { Alarm } from './schemas.js';

/** A run that has just begun, or whose lost worker is being replaced, raises no alarm yet. */
const PATIENCE_MS = 3_000;

/**
 * The run's alarms: those raised by events, and those that follow from its current state. Active
 * ones first, then newest first.
 */
export function reportAlarms(
  view: Pick<RunView, 'status' | 'inStateMs' | 'workers'>,
  { alarms }: Pick<RunHistory, 'alarms'>,
): readonly Alarm[] {
  const { diskFullBecause, queueLostBecause, condition } = view.status;
  // These end by themselves: only the newest one is active, and only while its cause lasts.
  const lasting: Readonly<Record<string, boolean>> = {
    'disk-full': diskFullBecause !== undefined,
    'disk-failing': diskFullBecause !== undefined,
    'redis-lost': queueLostBecause !== undefined && !hasEnded(condition.state),
  };
  const isActive = (alarm: RunHistory['alarms'][number]): boolean => {
    if (alarm.code === 'checkpoint-damaged' || alarm.isEarlier) return false;
    const lasts = lasting[alarm.code];
    return (
      lasts === undefined || (lasts && alarm === alarms.find(({ code }) => code === alarm.code))
    );
  };
  const raised = alarms.map((alarm): Alarm => {
    const { code, message, at } = alarm;
    return { code, message, at, remedy: alarmRemedy(code), active: isActive(alarm) };
  });
  const isRaised = ({ code }: Alarm): boolean =>
    code === 'redis-lost' && raised.some((alarm) => alarm.code === code && alarm.active);
  const current = currentAlarms(view).filter((alarm) => !isRaised(alarm));
  return [...raised, ...current].sort((a, b) => Number(b.active) - Number(a.active) || b.at - a.at);
}

/** Alarms that follow from the run's state without an event of their own. */
function currentAlarms(view: Pick<RunView, 'status' | 'inStateMs' | 'workers'>): readonly Alarm[] {
  const { condition, queueLostBecause } = view.status;
  const alarm = (code: AlarmCode, message: string, at: number): Alarm => ({
    ...{ code, message, at, active: !hasEnded(condition.state) },
    remedy: alarmRemedy(code),
  });
  const waits = condition.state === 'waiting-for-workers' && view.inStateMs > PATIENCE_MS;
  return [
    ...(queueLostBecause === undefined
      ? waits
        ? [alarm('too-few-workers', condition.reason, condition.since)]
        : []
      : [alarm('redis-lost', queueLostBecause, condition.since)]),
    ...view.workers().flatMap(({ worker, departure, lastHeardAt }) => {
      if (departure?.how !== 'quarantined' && departure?.how !== 'refused') return [];
      const message = `${worker.id} on ${worker.host}: ${departure.reason}`;
      return [alarm(`worker-${departure.how}`, message, lastHeardAt)];
    }),
  ];
}
