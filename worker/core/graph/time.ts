// The time a manifest claims. Date.parse differs between engines and time zones, so that peers would disagree: not used.

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?)?$/;
const LATEST = 8.64e15; // the last instant that a Date can hold (ECMA-262, 21.4.1.1)

/** ms since the epoch of an ISO 8601 date or date-time, UTC where it names no offset. Null for anything else. */
export function parseTime(text: unknown): number | null {
  const match = typeof text === 'string' ? ISO.exec(text) : null;
  if (match === null) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const [offsetHour, offsetMinute] = [part(10), part(11)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (offsetHour * 60 + offsetMinute) * (match[9] === '-' ? -60_000 : 60_000);
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds - offset;
}

/** ISO 8601 of ms since the epoch, held to what a Date can say. */
export const formatTime = (at: number): string =>
  new Date(Math.max(-LATEST, Math.min(LATEST, at))).toISOString();
