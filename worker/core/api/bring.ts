// Waits until all of a contribution is here, or it is certain that it can't be had now.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import { hashOfCid, type Cid, type Hash } from '../model/ids.ts';
import type { Call } from './api.ts';

/** Calls `done` once, or refuses the call. @throws ThicketError where it is clear at once that it can't be had. */
export function bring(
  core: Core,
  call: Call,
  grove: Grove,
  cid: Cid,
  artifacts: boolean,
  done: () => void,
): void {
  const { context } = core;
  const wanted = new Set<Hash>();

  /** What is not here; null where the contribution itself is gone: withdrawn with its author, or with the grove. */
  function missing(): Hash[] | null {
    const record = core.groves.get(grove.id) === grove ? grove.views.get(cid) : null;
    if (record === null) return null;
    if (record.manifest === null) return [hashOfCid(cid)];
    if (!artifacts) return [];
    return grove.artifactHashes(record.manifest).filter((hash) => grove.blobs.get(hash)?.held !== true);
  }

  /** Why it can't be had; each missing blob is asked for once. */
  function problem(hashes: readonly Hash[]): ThicketError | null {
    for (const hash of hashes) {
      if ((grove.blobs.get(hash)?.rows.length ?? 0) === 0 && hash !== hashOfCid(cid))
        return new ThicketError('not-found', `artifact: no publisher of ${cid} says where ${hash} is`);
      if (wanted.has(hash)) continue;
      wanted.add(hash);
      core.holdings.want(grove, hash);
    }
    const why = core.holdings.failureOf(hashes);
    return why === null ? null : new ThicketError('corrupt', `fetch: ${why}`);
  }

  const first = missing();
  if (first === null) throw new ThicketError('not-found', `cid: no contribution ${cid} in "${grove.name}"`);
  if (first.length === 0) return done();
  if (core.peering.openLinks(grove.id).length === 0)
    throw new ThicketError('offline', `fetch: no member of "${grove.name}" is linked just now`);
  const atOnce = problem(first);
  if (atOnce !== null) throw atOnce;

  const timer = core.timer('fetch');
  let refusal: ThicketError | null = null;
  let stop = (): void => undefined;
  context.schedule(timer, context.elapsed() + CONFIG.api.fetchTimeout, () => {
    stop();
    call.refuse(
      'timeout',
      `fetch: not complete within ${CONFIG.api.fetchTimeout / 1000} s; it goes on in the background`,
    );
  });
  stop = core.holdings.wait({
    met: () => {
      // A log that is read anew says nothing until that is done.
      if (core.groves.get(grove.id) === grove && !grove.loaded) return false;
      const now = missing();
      refusal =
        now === null ? new ThicketError('not-found', `fetch: ${cid} is not here any more`) : problem(now);
      return refusal !== null || now?.length === 0;
    },
    done: () => {
      context.schedule(timer, null, () => undefined);
      if (refusal === null) done();
      else call.refuse(refusal.code, refusal.message);
    },
  });
}
