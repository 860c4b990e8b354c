// Times are milliseconds since the epoch, lengths are milliseconds; protobuf
// types stop here.
import type { Duration, Timestamp } from '@bufbuild/protobuf/wkt';

export function timeOf(timestamp: Timestamp | undefined): number | undefined {
  if (!timestamp) return undefined;
  return Number(timestamp.seconds) * 1000 + Math.trunc(timestamp.nanos / 1e6);
}

// An absent length is 0, as proto3 says.
export function lengthOf(duration: Duration | undefined): number {
  if (!duration) return 0;
  return Number(duration.seconds) * 1000 + Math.trunc(duration.nanos / 1e6);
}

// "12.345s", the JSON form of google.protobuf.Duration; undefined if it is not.
export function parseDuration(text: string): number | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text);
  if (!match) return undefined;
  const nanos = Number((match[3] ?? '').padEnd(9, '0'));
  const length = Number(match[2]) * 1000 + Math.trunc(nanos / 1e6);
  return match[1] && length !== 0 ? -length : length;
}

export function formatDurationJson(length: number): string {
  const sign = length < 0 ? '-' : '';
  const rest = Math.abs(Math.round(length));
  const millis = rest % 1000;
  const fraction = millis ? `.${String(millis).padStart(3, '0')}` : '';
  return `${sign}${Math.floor(rest / 1000)}${fraction}s`;
}

// "0:07", "12:34", "1:02:03"; whole seconds, never negative.
export function clockText(length: number): string {
  const total = Math.max(0, Math.floor(length / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}

// Remaining times are rounded up, so that "0:00" means that it is over.
export function remainingText(length: number): string {
  return clockText(Math.ceil(Math.max(0, length) / 1000) * 1000);
}

export function startOfDay(time: number): number {
  const day = new Date(time);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

// Moves by calendar days, so that a change to summer time keeps midnight.
export function addDays(time: number, days: number): number {
  const day = new Date(time);
  day.setDate(day.getDate() + days);
  return day.getTime();
}

// The value of <input type="datetime-local">, in the browser's time zone.
export function toLocalInput(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

export function fromLocalInput(text: string): number | undefined {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? undefined : time;
}

// "Europe/Moscow".
export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
