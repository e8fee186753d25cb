// What a scenario asks of the figures of its run, and what of that a run missed. Knows no scenario.
import type { Figures } from './measure.ts';

/** The most that each may be. */
export interface Wants {
  /** 95 % of deliveries, in mean delays of a link. */
  latency?: number;
  hops?: number;
  /** After the first minute of measuring, where a run is that long: the tree has to grow first. */
  redundancy?: number;
  links?: number;
}

export function missed(wants: Wants, figures: Figures): string[] {
  const { latencyP95, meanDelayMs, hopsMax, redundancyLate, linksMax } = figures;
  const problems: string[] = [];
  const want = (what: string, is: number | null, most: number | undefined): void => {
    if (most !== undefined && (is === null || is > most))
      problems.push(`${what} is ${is ?? 'unknown'}, at most ${most} is wanted`);
  };
  const delays = latencyP95 === null || meanDelayMs === null ? null : latencyP95 / meanDelayMs;
  want('p95 of latency, in mean delays of a link,', delays, wants.latency);
  want('hopsMax', hopsMax, wants.hops);
  if (redundancyLate !== null) want('redundancy after the first minute', redundancyLate, wants.redundancy);
  want('linksMax', linksMax, wants.links);
  return problems;
}
