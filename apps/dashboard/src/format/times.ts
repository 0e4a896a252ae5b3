import { UNKNOWN } from './numbers.js';

/** A readable duration with at most two parts: `42 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return UNKNOWN;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${padded(whole % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${padded(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A readable age: `now`, `4 s ago`, `12 min ago`. */
export function formatAge(milliseconds: number | null | undefined): string {
  if (typeof milliseconds !== 'number' || !Number.isFinite(milliseconds)) return UNKNOWN;
  if (milliseconds < 1_000) return 'now';
  const seconds = Math.floor(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** Milliseconds below one second, then seconds: `0.42 ms`, `87.1 ms`, `1.20 s`. */
export function formatMilliseconds(ms: number | null | undefined): string {
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return UNKNOWN;
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 1) return `${ms.toFixed(2)} ms`;
  if (size < 100) return `${ms.toFixed(1)} ms`;
  if (size < 1_000) return `${ms.toFixed(0)} ms`;
  return size < 100_000 ? `${(ms / 1_000).toFixed(2)} s` : formatDuration(ms / 1_000);
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** `14:05:09`, local time. */
export function formatClock(at: number): string {
  return clock.format(at);
}

/** `25 Nov 2026, 14:05`, local time. */
export function formatDate(at: number | string): string {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? UNKNOWN : date.format(moment);
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
