// One thread, page by page (SPEC G22): a contribution, what it answers, and what answers it.
import { ThicketError } from '../model/errors.ts';
import type { Cid } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import { checkLimit } from './order.ts';
import type { Provenance, Standing } from './provenance.ts';
import type { Replies } from './replies.ts';

export interface ThreadOptions {
  /** Levels below it; default and most 16. */
  depth?: number;
  /** Default and most 500. */
  limit?: number;
  /** From an earlier page of the same. */
  cursor?: string;
}
export interface ThreadNode {
  cid: Cid;
  /** Levels below the contribution that was asked for; above it less than 0. */
  depth: number;
  /** What it is shown below; null at the top. */
  parent: Cid | null;
  standing: Standing;
  /** Direct ones that are shown, here or by asking for this one. */
  answers: number;
}
export interface ThreadPage {
  /** What it answers, and what that answers, the furthest first: of several targets the first, at most 16 levels. */
  above: ThreadNode[];
  /** Itself first, then depth first, the oldest first. */
  items: ThreadNode[];
  /** Absent on the last page. */
  cursor?: string;
}

interface Step {
  cid: Cid;
  depth: number;
  parent: Cid | null;
}

export function threadPage(
  start: Cid,
  options: ThreadOptions,
  { provenance, replies }: { provenance: Provenance; replies: Replies },
): ThreadPage {
  const limit = checkLimit(options.limit, GRAPH.maxThread, GRAPH.maxThread);
  const most = checkDepth(options.depth, GRAPH.threadDepth, GRAPH.threadDepth);
  const node = (step: Step, answers: number): ThreadNode => ({
    ...step,
    standing: provenance.standing(step.cid),
    answers,
  });

  function above(): ThreadNode[] {
    const chain: ThreadNode[] = [];
    const seen = new Set<Cid>([start]);
    let [target] = replies.targets(start);
    for (let level = 1; level <= GRAPH.threadDepth && target !== undefined; level += 1) {
      if (seen.has(target)) break;
      seen.add(target);
      const [next] = replies.targets(target);
      const parent = next ?? null;
      chain.unshift(node({ cid: target, depth: -level, parent }, replies.answers(target).length));
      target = next;
    }
    return chain;
  }

  const items: ThreadNode[] = [];
  const seen = new Set<Cid>();
  const stack: Step[] = [{ cid: start, depth: 0, parent: replies.targets(start)[0] ?? null }];
  let isPast = options.cursor === undefined;
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if (seen.has(step.cid)) continue;
    seen.add(step.cid);
    const answers = replies.answers(step.cid);
    if (isPast) {
      const last = items.at(-1);
      if (items.length === limit && last !== undefined) return { above: above(), items, cursor: last.cid };
      items.push(node(step, answers.length));
    } else if (step.cid === options.cursor) isPast = true;
    if (step.depth === most) continue;
    for (const cid of answers.reverse()) stack.push({ cid, depth: step.depth + 1, parent: step.cid });
  }
  if (!isPast)
    throw new ThicketError('invalid', 'cursor: what it names is not in this thread any more; begin anew');
  return { above: above(), items };
}

/** Throws `invalid` unless it is a whole number from 1 to the most. */
export function checkDepth(given: number | undefined, standard: number, most: number): number {
  if (given === undefined) return standard;
  if (Number.isInteger(given) && given >= 1 && given <= most) return given;
  throw new ThicketError('invalid', `depth: expected a whole number from 1 to ${most}, got ${given}`);
}
