// Keeps within the budgets: what is let in, what goes for it, and what stays although there is too much (SPEC C14, C15).
// Knows neither how anything is fetched nor how it is deleted.
import { byUse, evictable, fitsIn, wouldHaveToGo, type Kept } from './cas/budget.ts';
import type { Collector } from './cas/collect.ts';
import type { Quota } from './cas/quota.ts';
import { Reserved } from './cas/reserved.ts';
import type { Usage } from './cas/usage.ts';
import type { Uses } from './cas/uses.ts';
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import { keyOf, type Keeping, type Scope } from './keeping.ts';
import { ThicketError } from './model/errors.ts';
import { cidOf, type Cid, type GroveId, type Hash } from './model/ids.ts';

export type Room = ReturnType<typeof createRoom>;

export interface Excess {
  /** Null: the device. */
  grove: GroveId | null;
  /** Too much by so many bytes. */
  bytes: number;
  /** What would have to go, and may not without asking. */
  artifacts: Kept[];
}

export interface RoomParts {
  usage: Usage;
  uses: Uses;
  collector: Collector;
  quota: Quota;
  keeping: Keeping;
  changed: () => void;
}

export function createRoom(core: Core, parts: RoomParts) {
  const { context } = core;
  const { storage } = CONFIG;
  const { usage, uses, collector, quota, keeping } = parts;
  const reserved = new Reserved();
  /** Asked for by a person, by grove and CID: how often. */
  const asked = new Map<string, number>();
  /** One after the other makes room: two at once would both count on the same bytes. */
  const line: ((done: () => void) => void)[] = [];
  let making = false;
  /** Something was not let in since the last time that all was tried. */
  let refused = false;
  let excess: Excess[] = [];
  let lookAt: number | null = null;

  const budgetOf = (scope: Scope): number | null =>
    scope === null ? core.settings.budget : scope.record.policy.budget;

  /** What is stored, and what was let in. */
  const committed = (scope: Scope): number =>
    scope === null ? usage.all.bytes + reserved.bytes : usage.bytesOf(scope.id) + reserved.bytesOf(scope.id);

  /** How much too much it is, or would be with so much more. */
  function over(scope: Scope, more = 0): number {
    const budget = budgetOf(scope);
    return budget === null ? 0 : Math.max(0, committed(scope) + more - budget);
  }

  /** Whether so much more of a grove may come without anything going. */
  const fits = (grove: Grove, bytes: number): boolean =>
    fitsIn(budgetOf(grove), committed(grove), bytes) &&
    fitsIn(budgetOf(null), committed(null), bytes) &&
    quota.lacks(reserved.bytes + bytes) === 0;

  const sizeOf = (grove: Grove, hash: Hash): number =>
    Math.max(0, ...(grove.blobs.get(hash)?.rows ?? []).map(({ size }) => size));

  const isComing = (grove: Grove, hash: Hash): boolean =>
    grove.blobs.get(hash)?.held === true || reserved.has(hash);

  /** Artifacts of a contribution that aren't here and weren't let in, as far as it is known. */
  function lacking(grove: Grove, cid: Cid): Hash[] {
    const manifest = grove.views.manifest(cid);
    const all = manifest === null ? [] : grove.artifactHashes(manifest);
    return all.filter((hash) => !isComing(grove, hash));
  }

  const bytesOf = (grove: Grove, hashes: readonly Hash[]): number =>
    hashes.reduce((sum, hash) => sum + sizeOf(grove, hash), 0);

  // ---- what goes --------------------------------------------------------------------------------------

  function queue(job: (done: () => void) => void): void {
    line.push(job);
    work();
  }

  function work(): void {
    const job = making ? undefined : line.shift();
    if (job === undefined) return;
    making = true;
    job(() => {
      making = false;
      parts.changed();
      work();
    });
  }

  /** One after the other goes until `left` is nothing any more, or nothing is left that may. */
  function evict(scope: Scope, left: () => number, then: () => void): void {
    const order = keeping
      .keptIn(scope)
      .filter(({ standing }) => standing === 'evictable')
      .sort(byUse);
    let at = 0;
    const step = (): void => {
      const next = order[at];
      at += 1;
      if (next === undefined || left() <= 0) return then();
      const { hash } = next;
      const mayGo = (): boolean => keeping.standingOf(hash) === 'evictable';
      collector.remove({ hash, mayGo, note: () => [uses.forget(hash)] }, (freed) => {
        if (freed !== null) context.count('storage.evicted');
        step();
      });
    };
    step();
  }

  /** Makes room in a scope, or leaves all as it is where what may go doesn't suffice. */
  function clear(scope: Scope, left: () => number, then: () => void): void {
    if (left() <= 0) return then();
    keeping.askHolders(scope, () => {
      if (evictable(keeping.keptIn(scope)) < left()) then();
      else evict(scope, left, then);
    });
  }

  /** Counts down from so many bytes as they go. */
  function countdown(bytes: number): () => number {
    const before = usage.all.bytes;
    return () => bytes - (before - usage.all.bytes);
  }

  /** Below both budgets, and on the disk. */
  function makeRoomFor(grove: Grove, bytes: () => number, then: () => void): void {
    const inGrove = (): number => over(grove, bytes());
    const onDevice = (): number => over(null, bytes());
    clear(grove, inGrove, () => {
      if (inGrove() > 0) return then();
      clear(null, onDevice, () => {
        const lacks = quota.lacks(reserved.bytes + bytes());
        if (onDevice() > 0 || lacks === 0) return then();
        clear(null, countdown(lacks), () => quota.ask(then));
      });
    });
  }

  // ---- what comes -------------------------------------------------------------------------------------

  const isAsked = (grove: Grove, cid: Cid): boolean =>
    asked.has(keyOf(grove, cid)) || grove.record.pins.has(cid);

  function refusal(grove: Grove, bytes: number): ThicketError {
    const scope = [grove, null].find((each) => over(each, bytes) > 0);
    const limit =
      scope === undefined
        ? 'what the browser lets this site store'
        : `the budget of ${scope === null ? 'this device' : `"${scope.name}"`}, ${budgetOf(scope) ?? 0} bytes`;
    return new ThicketError('quota', `fetch: ${bytes} bytes more don't fit in ${limit}`);
  }

  /** Lets a blob in, with what else is asked for along with it, or says why not. At once, or once there is room. */
  function admit(grove: Grove, hash: Hash, go: () => void, refuse: (error: ThicketError) => void): void {
    // Bodies are small, and nothing can be said of a contribution without its own.
    if (reserved.has(hash) || grove.views.has(cidOf(hash))) return go();
    const cids = [...(grove.blobs.get(hash)?.cids ?? [])].filter((cid) => isAsked(grove, cid));
    const wanted = (): Hash[] =>
      [...new Set([hash, ...cids.flatMap((cid) => lacking(grove, cid))])].filter(
        (each) => !isComing(grove, each),
      );
    const bytes = (): number => bytesOf(grove, wanted());
    const decide = (): void => {
      // Perhaps let in by now, along with another.
      if (reserved.has(hash)) return go();
      if (fits(grove, bytes())) {
        for (const each of wanted()) reserved.add(each, grove.id, sizeOf(grove, each));
        return go();
      }
      refused = true;
      context.count('storage.refused');
      parts.changed();
      refuse(refusal(grove, bytes()));
    };
    if (cids.length === 0) {
      if (uses.get(hash)?.away !== true) return decide();
      return refuse(new ThicketError('quota', 'fetch: it was sent away from this device'));
    }
    for (const each of wanted()) uses.welcome(each);
    if (fits(grove, bytes())) return decide();
    queue((done) =>
      makeRoomFor(grove, bytes, () => {
        decide();
        done();
      }),
    );
  }

  // ---- what is too much -------------------------------------------------------------------------------

  const scopes = (): Scope[] => [null, ...core.groves.values()];

  function lookSoon(after: number = storage.soon): void {
    const at = context.elapsed() + after;
    if (lookAt !== null && lookAt <= at) return;
    lookAt = at;
    context.schedule('storage/look', at, look);
  }

  /** Has go what may, and says what remains. */
  function look(): void {
    lookAt = null;
    for (const hash of reserved.hashes())
      if (core.cas.info(hash) === null && !usage.isCounting(hash)) reserved.remove(hash);
    const tooMuch = scopes().filter((scope) => over(scope) > 0);
    const step = (): void => {
      const scope = tooMuch.pop();
      if (scope === undefined) return settle();
      const left = (): number => over(scope);
      queue((done) => keeping.askHolders(scope, () => evict(scope, left, done)));
      queue((done) => {
        done();
        step();
      });
    };
    step();
  }

  function settle(): void {
    excess = scopes().flatMap((scope): Excess[] => {
      const bytes = over(scope);
      if (bytes === 0) return [];
      const artifacts = wouldHaveToGo(keeping.keptIn(scope), bytes, storage.listed);
      return [{ grove: scope?.id ?? null, bytes, artifacts }];
    });
    if (excess.length > 0) lookSoon(storage.again);
    else if (refused) tryAgain();
    parts.changed();
  }

  /** What wasn't let in before may fit now. */
  function tryAgain(): void {
    refused = false;
    for (const grove of core.groves.values()) {
      if (!grove.loaded) continue;
      const missing = [...grove.blobs].flatMap(([hash, { held }]) => (held === false ? [hash] : []));
      core.holdings.wantByPolicy(grove, missing);
    }
  }

  return {
    admit,
    fits,
    sizeOf,
    lookSoon,
    tryAgain,
    excess: (): readonly Excess[] => excess,

    /** It is here, or will not come. */
    release: (hash: Hash): void => reserved.remove(hash),

    /** A person asks for all of a contribution: room is made for it until what this gives is called. */
    ask(grove: Grove, cid: Cid): () => void {
      const key = keyOf(grove, cid);
      asked.set(key, (asked.get(key) ?? 0) + 1);
      return () => {
        const left = (asked.get(key) ?? 0) - 1;
        if (left > 0) asked.set(key, left);
        else asked.delete(key);
      };
    },

    /** Whether what is known to be missing of a contribution may come by itself. */
    mayCome(grove: Grove, cid: Cid): boolean {
      const missing = lacking(grove, cid);
      if (isAsked(grove, cid)) return true;
      return missing.every((hash) => uses.get(hash)?.away !== true) && fits(grove, bytesOf(grove, missing));
    },

    /** The disk is full: some goes whatever the budgets. Calls back with whether anything did. */
    makeRoom(then: (some: boolean) => void): void {
      queue((done) =>
        keeping.askHolders(null, () => {
          const before = usage.all.bytes;
          evict(null, countdown(storage.makeRoom), () => {
            done();
            then(usage.all.bytes < before);
          });
        }),
      );
    },
  };
}
