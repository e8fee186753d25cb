// Calls on what is on its way here, by hand: to pause, to go on, to give up (SPEC C11).
import type { Core } from '../core.ts';
import { ThicketError } from '../model/errors.ts';
import type { Hash } from '../model/ids.ts';
import type { Call } from './api.ts';

export function transferCalls({ cas }: Core) {
  function answer(call: Call, hash: string, done: boolean): void {
    if (!done) throw new ThicketError('not-found', `hash: nothing by the hash ${hash} is on its way here`);
    call.reply(null);
  }

  return {
    pauseTransfer: (call: Call, hash: string): void => answer(call, hash, cas.pause(hash as Hash)),
    resumeTransfer: (call: Call, hash: string): void => answer(call, hash, cas.unpause(hash as Hash)),
    cancelTransfer: (call: Call, hash: string): void => answer(call, hash, cas.cancel(hash as Hash)),
  };
}
