import { hasEnded } from '@lockstep/core';
import { alarmRemedy, type AlarmCode } from '../../alarm-catalogue.js';
import type { Gathered } from '../history/event-gatherer.js';
import type { LedRun } from '../led-run.js';
import type { Alarm } from './schemas.js';

/** A run that has just begun, or lost a worker that is being replaced, is not in trouble yet. */
const PATIENCE_MS = 3_000;

/**
 * What is wrong with the run, and what has been: by its events, and by how it stands now. The active
 * ones first, then the newest.
 *
 * @param startedAt when this coordinator began: what an earlier one raised is over
 */
export function reportAlarms(
  run: Pick<LedRun, 'service'>,
  { alarms }: Pick<Gathered, 'alarms'>,
  startedAt: number,
  now: number,
): readonly Alarm[] {
  const { diskFullBecause, queueLostBecause, condition } = run.service.collector.state;
  // These pass: only the newest one, while the state that it is about lasts, is active.
  const lasting: Readonly<Record<string, boolean>> = {
    'disk-full': diskFullBecause !== undefined,
    'redis-lost': queueLostBecause !== undefined && !hasEnded(condition.state),
  };
  const isActive = (alarm: Gathered['alarms'][number]): boolean => {
    if (alarm.code === 'checkpoint-damaged' || alarm.at < startedAt) return false;
    const lasts = lasting[alarm.code];
    return (
      lasts === undefined || (lasts && alarm === alarms.find(({ code }) => code === alarm.code))
    );
  };
  const raised = alarms.map((alarm) => ({
    ...alarm,
    remedy: alarmRemedy(alarm.code),
    active: isActive(alarm),
  }));
  const isRaised = ({ code }: Alarm): boolean =>
    code === 'redis-lost' && raised.some((alarm) => alarm.code === code && alarm.active);
  const troubles = troublesOf(run, now).filter((trouble) => !isRaised(trouble));
  return [...raised, ...troubles].sort(
    (a, b) => Number(b.active) - Number(a.active) || b.at - a.at,
  );
}

/** What is wrong just now without an event having said so. */
function troublesOf({ service }: Pick<LedRun, 'service'>, now: number): readonly Alarm[] {
  const { collector, roster } = service;
  const { condition, queueLostBecause } = collector.state;
  const trouble = (code: AlarmCode, message: string, at: number): Alarm => ({
    ...{ code, message, at, active: !hasEnded(condition.state) },
    remedy: alarmRemedy(code),
  });
  const waits = condition.state === 'waiting-for-workers' && now - condition.since > PATIENCE_MS;
  return [
    ...(queueLostBecause === undefined
      ? waits
        ? [trouble('too-few-workers', condition.reason, condition.since)]
        : []
      : [trouble('redis-lost', queueLostBecause, condition.since)]),
    ...roster.figures().flatMap(({ worker, departure, lastHeardAt }) => {
      if (departure?.how !== 'quarantined' && departure?.how !== 'refused') return [];
      const message = `${worker.id} on ${worker.host}: ${departure.reason}`;
      return [trouble(`worker-${departure.how}`, message, lastHeardAt)];
    }),
  ];
}
