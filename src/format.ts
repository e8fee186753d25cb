// Numbers, sizes and times in the reader's language. Pure; the present moment is passed in.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits })} ${UNITS[unit] ?? 'B'}`;
}

/** Making one takes a hundred times as long as using it, and a list shows many. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};
const significant = once(() => new Intl.NumberFormat(undefined, { maximumSignificantDigits: 6 }));
const relative = once(() => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }));
const moment = once(() => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }));

/** At most six significant digits, without trailing zeros. */
export const figure = (value: number): string =>
  value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4)
    ? value.toExponential(3)
    : significant().format(value);

/** What was typed as a number, with a point or a comma; NaN where it is none, 0 where nothing is there. */
export const readNumber = (typed: string): number => Number(typed.trim().replace(',', '.'));

/** With its sign, a true minus, as a change. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;

/** As in "2 min": the two largest units that matter. */
export function duration(seconds: number): string {
  const unit = (value: number, name: string): string =>
    value.toLocaleString(undefined, { style: 'unit', unit: name, unitDisplay: 'short' });
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 100) return unit(whole, 'second');
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return unit(Math.round(hours / 24), 'day');
  return minutes % 60 === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`;
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** As in "3 hours ago"; under a minute "now". */
export function ago(at: number, now: number): string {
  const format = relative();
  for (const [unit, length] of STEPS) {
    if (Math.abs(at - now) >= length) return format.format(Math.round((at - now) / length), unit);
  }
  return format.format(0, 'second');
}

export function dateTime(at: number): string {
  const date = new Date(at);
  // Beyond what dates reach, as anybody may write, a formatter throws.
  return Number.isNaN(date.getTime()) ? String(date) : moment().format(date);
}

/** Time of day to the second, for what happened lately. */
export const clock = (at: number): string =>
  new Date(at).toLocaleTimeString(undefined, { timeStyle: 'medium' });

export const date = (at: number): string =>
  new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
