// Maps a series onto a rectangle: time across, value up, with round ticks. Pure.
import type { Series } from '../state/series.ts';

export interface Box {
  width: number;
  height: number;
  pad: { top: number; right: number; bottom: number; left: number };
}
export interface Scale {
  x: (at: number) => number;
  y: (value: number) => number;
  ticks: number[];
  log: boolean;
}

/** Beyond this ratio a linear axis would press all that is recent into one line. */
const LOG_FROM = 8;

export function chartScale(series: Series, box: Box): Scale {
  const values = series.points.map((point) => point.value);
  const times = series.points.map((point) => point.at);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const log = low > 0 && high / low >= LOG_FROM;
  const ticks = log ? logTicks(low, high) : linearTicks(low, high);
  const map = log ? Math.log : (value: number): number => value;
  const bottom = map(Math.min(low, ticks[0] ?? low));
  const top = map(Math.max(high, ticks.at(-1) ?? high));
  const from = Math.min(...times);
  const span = Math.max(...times) - from;
  const { left, right, top: head, bottom: foot } = box.pad;
  const round = (n: number): number => Math.round(n * 10) / 10;
  return {
    x: (at) => round(left + (span === 0 ? 0.5 : (at - from) / span) * Math.max(1, box.width - left - right)),
    y: (value) =>
      round(
        head +
          (1 - (top === bottom ? 0.5 : (map(value) - bottom) / (top - bottom))) * (box.height - head - foot),
      ),
    ticks,
    log,
  };
}

function linearTicks(low: number, high: number): number[] {
  if (low === high) return [low];
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.floor(low / step); i <= Math.ceil(high / step); i += 1)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1)
    for (const n of [1, 2, 5]) ticks.push(Number((n * 10 ** power).toPrecision(12)));
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  const shown = ticks.slice(first, last + 1);
  return shown.length > 7 ? shown.filter((_, i) => (shown.length - 1 - i) % 2 === 0) : shown;
}
