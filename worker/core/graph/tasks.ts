// Tasks of a grove (SPEC G14, G15): plans and questions with what came of them. Learns of changes at once and looks at
// them when somebody asks. What claims mean is theirs to say.
import type { Cid, PeerId } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import { claimStatus } from './claims.ts';
import type { Claims } from './claims.ts';
import { GRAPH } from './config.ts';
import type { Contribution } from './contributions.ts';
import { checkLimit, createOrdered, formatCursor, parseCursor } from './order.ts';
import type { Place } from './order.ts';
import { createTouched } from './touched.ts';

export const TASK_KINDS = ['plan', 'ask_user'] as const;
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export const TASK_STATUSES = ['open', 'claimed', 'expired', 'answered', 'completed'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];
export type Priority = (typeof PRIORITIES)[number];
export type TaskStatus = (typeof TASK_STATUSES)[number];

export interface TaskFilter {
  kind?: TaskKind;
  /** Any of them. */
  status?: readonly TaskStatus[];
  /** Of questions. */
  priority?: Priority;
  /** Questions without, or with, a response that stands. */
  isAnswered?: boolean;
  /** Who published it first. */
  author?: string;
  /** Whose claim is the one in force, whatever became of it. */
  claimant?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
export interface Task {
  cid: Cid;
  kind: TaskKind;
  status: TaskStatus;
  /** Of a question. */
  priority: Priority;
  /** Responses that stand. */
  responses: number;
}
export interface TaskList {
  items: Task[];
  /** Absent on the last page. */
  cursor?: string;
}
export interface Tasks {
  /** Anything of it may be another now, once this step is over. */
  touch(contribution: Contribution): void;
  /** Newest first by (lamport, id), as lists are. `now`: the reader's. Throws `invalid` for limit and cursor. */
  list(filter: TaskFilter, claims: Pick<Claims, 'of'>, now: number): TaskList;
  /** Null for what is none, or doesn't stand. */
  get(cid: Cid, claims: Pick<Claims, 'of'>, now: number): Task | null;
  /** Questions that a response answers. */
  answeredBy(response: Cid): readonly Cid[];
}

interface Known extends Place {
  cid: Cid;
  kind: TaskKind;
  priority: Priority;
  author: PeerId;
}

const kindOf = (kind: string): TaskKind | null => TASK_KINDS.find((each) => each === kind) ?? null;

/** Kinds whose bodies every device keeps: without them nobody could take part (SPEC G15). */
export const isConversation = ({ kind }: Pick<Manifest, 'kind'>): boolean =>
  kind === 'response' || kindOf(kind) !== null;

function priorityOf({ context }: Manifest): Priority {
  const given = context !== undefined && Object.hasOwn(context, 'priority') ? context['priority'] : null;
  return PRIORITIES.find((each) => each === given) ?? 'normal';
}

export function createTasks(): Tasks {
  const touched = createTouched(update);
  const known = new Map<Cid, Known>();
  const all = createOrdered<Known>();
  const questions = createOrdered<Known>();
  /** By what they respond to: responses that stand; and the other way round. */
  const responses = new Map<Cid, Set<Cid>>();
  const targets = new Map<Cid, readonly Cid[]>();

  function forget(cid: Cid): void {
    const task = known.get(cid);
    if (task !== undefined) {
      known.delete(cid);
      all.remove(task);
      questions.remove(task);
    }
    for (const target of targets.get(cid) ?? []) {
      const others = responses.get(target);
      others?.delete(cid);
      if (others?.size === 0) responses.delete(target);
    }
    targets.delete(cid);
  }

  function update(contribution: Contribution): void {
    const { cid, traits, place, edges, hidden } = contribution;
    forget(cid);
    // Most are neither: their manifests stay unread.
    if (place === null || hidden || traits === null || !isConversation(traits)) return;
    const { manifest } = contribution;
    const kind = kindOf(traits.kind);
    if (kind !== null && manifest !== null) {
      const { lamport, entry, publication } = place;
      const task = { cid, lamport, entry, kind, priority: priorityOf(manifest), author: publication.author };
      known.set(cid, task);
      all.add(task);
      if (kind === 'ask_user') questions.add(task);
    } else if (traits.kind === 'response') {
      const answered = edges.flatMap(({ relationType, to }) => (relationType === 'responds_to' ? [to] : []));
      targets.set(cid, answered);
      for (const target of answered) {
        const others = responses.get(target) ?? new Set<Cid>();
        responses.set(target, others.add(cid));
      }
    }
  }

  function statusOf({ cid, kind }: Known, claims: Pick<Claims, 'of'>, now: number): TaskStatus {
    const claim = claims.of(cid);
    const status = claim === null ? 'released' : claimStatus(claim, now);
    if (status === 'completed') return 'completed';
    if (kind === 'ask_user' && responses.has(cid)) return 'answered';
    return status === 'active' ? 'claimed' : status === 'expired' ? 'expired' : 'open';
  }

  function toTask(task: Known, status: TaskStatus): Task {
    const { cid, kind, priority } = task;
    return { cid, kind, status, priority, responses: responses.get(cid)?.size ?? 0 };
  }

  function fits(task: Known, filter: TaskFilter, claims: Pick<Claims, 'of'>): boolean {
    const { kind, priority, isAnswered, author, claimant } = filter;
    if (kind !== undefined && task.kind !== kind) return false;
    if (priority !== undefined && (task.kind !== 'ask_user' || task.priority !== priority)) return false;
    if (isAnswered !== undefined && (task.kind !== 'ask_user' || responses.has(task.cid) !== isAnswered))
      return false;
    if (author !== undefined && task.author !== author) return false;
    return claimant === undefined || claims.of(task.cid)?.author === claimant;
  }

  return {
    touch: touched.touch,
    list(filter, claims, now) {
      const limit = checkLimit(filter.limit, GRAPH.page, GRAPH.maxPage);
      const before = filter.cursor === undefined ? null : parseCursor(filter.cursor);
      touched.settle();
      const items: Task[] = [];
      let last: Known | null = null;
      for (const task of (filter.kind === 'ask_user' ? questions : all).newestFirst(before)) {
        if (!fits(task, filter, claims)) continue;
        const status = statusOf(task, claims, now);
        if (filter.status !== undefined && !filter.status.includes(status)) continue;
        if (items.length === limit && last !== null) return { items, cursor: formatCursor(last) };
        items.push(toTask(task, status));
        last = task;
      }
      return { items };
    },
    get(cid, claims, now) {
      touched.settle();
      const task = known.get(cid);
      return task === undefined ? null : toTask(task, statusOf(task, claims, now));
    },
    answeredBy(response) {
      touched.settle();
      return (targets.get(response) ?? []).filter((cid) => known.get(cid)?.kind === 'ask_user');
    },
  };
}
