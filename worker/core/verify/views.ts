// What is derived from each log, against the same derived anew from the disk: the view hash, and the indexes that answer lists,
// searches and rankings (SPEC S18). Nothing derived is stored; where it differs it is derived again.
import { isControl } from '../access/membership.ts';
import { CONFIG } from '../config.ts';
import { GRAPH } from '../graph/config.ts';
import type { Views } from '../graph/views.ts';
import { Grove } from '../grove.ts';
import { toHash } from '../model/ids.ts';
import { loadLog } from '../sync/load.ts';
import { Log } from '../sync/log.ts';
import { inTurn, type Run } from './run.ts';

const WORD = /[\p{L}\p{N}]{3,}/u;

export function checkViews(run: Run, then: () => void): void {
  const { core, hash, findings, checked } = run;
  const { context } = core;
  const groves = [...core.groves.values()].filter(({ record }) => record.state === 'active');

  function check(grove: Grove, tries: number, next: () => void): void {
    if (run.isStopped()) return;
    const skip = (reason: string): void => {
      run.skipped.push({ grove: grove.id, reason });
      next();
    };
    const log = core.sync.log(grove.id);
    if (findings.has(grove.id, ['entry', 'body']))
      return skip('what is damaged in its log would make a difference');
    if (log === null || !grove.loaded) return skip('it is being read back');
    const before = toHash(grove.viewHash());
    const fresh = new Grove(grove.record, hash);
    loadLog(
      grove.id,
      new Log(),
      {
        ...{ context, hash, cuts: grove.members.cuts },
        hooks: { isControl },
        emit(fact) {
          if (fact.type === 'applied') for (const each of fact.applied) fresh.apply(each);
          else if (fact.type === 'ruled') fresh.finishReading();
          else if (fact.type === 'problem') run.fail(fact.message);
        },
        seen: () => undefined,
        progress: (done, total) => run.progress('views', done, total),
      },
      () => {
        if (run.isStopped()) return;
        fresh.finishReading();
        if (core.sync.log(grove.id) !== log || toHash(grove.viewHash()) !== before) {
          if (tries > 1) return check(grove, tries - 1, next);
          return skip('it was written to all the while');
        }
        checked.views += 1;
        if (toHash(fresh.viewHash()) !== before)
          return differs(grove, 'view', 'what is shown of it is not what its log says', next);
        prepare([grove.views, fresh.views], () => {
          if (run.isStopped()) return;
          // Written to since: what was equal is, and the rest can't be told.
          const what = toHash(grove.viewHash()) === before ? differing(grove.views, fresh.views) : null;
          if (what === null) return next();
          differs(
            grove,
            'index',
            `what lists and searches look through is not what its log says: ${what}`,
            next,
          );
        });
      },
    );
  }

  /** Derived anew from the log, as after a start. */
  function differs(grove: Grove, kind: 'view' | 'index', detail: string, next: () => void): void {
    const finding = findings.add(kind, grove.id, grove.id, detail);
    if (!run.repair) return next();
    const { cuts } = grove.members;
    grove.reset();
    core.sync.reload(grove.id, cuts);
    const key = `verify/views/${grove.id}`;
    const look = (): void => {
      if (run.isStopped()) return;
      if (!grove.loaded) return context.schedule(key, context.elapsed() + CONFIG.verify.tell, look);
      findings.settle(finding, 'repaired');
      next();
    };
    look();
  }

  /** Words go into the index in steps, since each takes some milliseconds. */
  function prepare(views: readonly Views[], done: () => void): void {
    const key = core.timer('verify/words');
    const step = (): void => {
      if (run.isStopped()) return;
      const left = views.map((each) => each.prepare(GRAPH.searchStep));
      if (left.every((count) => count === 0)) return done();
      context.schedule(key, context.elapsed() + CONFIG.api.prepareEvery, step);
    };
    step();
  }

  /** What the two answer differently; null where nothing. */
  function differing(live: Views, fresh: Views): string | null {
    const { page, sample } = CONFIG.verify;
    const cids = ({ items }: ReturnType<Views['list']>): string => items.map(({ cid }) => cid).join();
    const lists = (filter: Parameters<Views['list']>[0]): boolean =>
      cids(live.list(filter)) === cids(fresh.list(filter));
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const filter = { limit: page, ...(cursor === undefined ? {} : { cursor }) };
      if (!lists(filter)) return 'the list of contributions';
      cursor = fresh.list(filter).cursor;
    }
    const now = context.now();
    if (JSON.stringify(live.frontier({}, now)) !== JSON.stringify(fresh.frontier({}, now)))
      return 'the frontier';
    const newest = fresh.list({ limit: sample }).items;
    const words = new Set(newest.flatMap(({ manifest }) => WORD.exec(manifest?.summary ?? '')?.[0] ?? []));
    for (const text of words) if (!lists({ text, limit: page })) return `the word "${text}"`;
    const tags = new Set(newest.flatMap(({ manifest }) => manifest?.tags.slice(0, 1) ?? []));
    for (const tag of tags) if (!lists({ tags: [tag], limit: page })) return `the tag "${tag}"`;
    const kinds = new Set(newest.flatMap(({ manifest }) => manifest?.kind ?? []));
    for (const kind of kinds) if (!lists({ kind, limit: page })) return `the kind ${kind}`;
    return null;
  }

  inTurn(
    groves.map((grove) => (next) => check(grove, CONFIG.verify.tries, next)),
    then,
  );
}
