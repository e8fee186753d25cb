// Waits until all of a contribution is here, or it is certain that it can't be had now.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import type { Cid } from '../model/ids.ts';
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
  const isHere = artifacts ? grove.isComplete(cid) : grove.views.manifest(cid) !== null;
  if (isHere) return done();
  // Whatever of it was stopped before is wanted again.
  core.holdings.allow(grove, cid, artifacts);
  if (core.peering.openLinks(grove.id).length === 0)
    throw new ThicketError('offline', `fetch: no member of "${grove.name}" is linked just now`);

  const timer = core.timer('fetch');
  let over = false;
  context.schedule(timer, context.elapsed() + CONFIG.api.fetchTimeout, () => {
    over = true;
    const seconds = CONFIG.api.fetchTimeout / 1000;
    call.refuse('timeout', `fetch: not complete within ${seconds} s; it goes on in the background`);
  });
  // Room is made for what is asked for (SPEC C15), and for nothing else.
  const asked = artifacts ? core.storage.ask(grove, cid) : () => undefined;
  core.fetching.fetch(grove, cid, artifacts, (error) => {
    asked();
    if (over) return;
    context.schedule(timer, null, () => undefined);
    if (error === null) call.attempt(done);
    else call.refuse(error.code, error.message);
  });
}
