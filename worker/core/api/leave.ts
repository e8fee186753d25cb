// Leaving a grove: what is unsent goes out first, then a last word, then the grove off this device (SPEC A10).
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { encodeBody } from '../model/body.ts';
import { ThicketError } from '../model/errors.ts';
import { groveOf, type Call } from './api.ts';
import { drain, worthOf } from './drain.ts';
import { eraseGrove } from './erase.ts';

export function leaveCalls(core: Core) {
  const self = core.identity.keypair.id;

  function leaveNow(call: Call, grove: Grove, options: { erase?: boolean }): void {
    const role = grove.members.role(self);
    const done = (): void => {
      core.groves.delete(grove.id);
      core.sync.remove(grove.id);
      core.cas.drop(grove.id);
      core.holdings.settle();
      core.peering.groveRemoved(grove.id);
      core.digests.close(grove.id);
      core.policies.removed(grove.id);
      core.claiming.removed(grove.id);
      core.rotating.removed(grove.id);
      core.storage.groveRemoved(grove.id, options.erase === true);
      core.event('groves', {});
      call.reply(null);
    };
    const remove = (): void =>
      eraseGrove(core, grove, options.erase === true, call.note(null), (failure) => {
        if (failure === null) return done();
        grove.leaving = false;
        call.refuse(core.errorCode(failure.failure), failure.message);
      });
    grove.leaving = true;
    core.presences.end(grove.id);
    // An owner has nobody to tell that it left: the grove stays its own.
    if (grove.record.state !== 'active' || role === null || role === 'owner') return remove();
    core.sync.append(grove.id, {
      kind: 'leave',
      body: encodeBody({ kind: 'leave' }),
      table: null,
      also: () => [],
      then: (outcome) => {
        // Its last word, which others take although it is no member any more.
        if ('entry' in outcome) return drain(core, grove, CONFIG.leave.goodbye, remove);
        grove.leaving = false;
        call.refuse(outcome.code, outcome.message);
      },
    });
  }

  return {
    leave(
      call: Call,
      id: string,
      options: { erase?: boolean; force?: boolean; timeout?: number } = {},
    ): void {
      const grove = groveOf(core, id);
      // Joining, or refused: there is nothing to give to anybody.
      if (grove.record.state !== 'active') return leaveNow(call, grove, options);
      const timeout = Math.min(options.timeout ?? CONFIG.leave.drain, CONFIG.api.maxTimeout);
      drain(core, grove, timeout, () =>
        call.attempt(() => {
          const lost = worthOf(core, groveOf(core, id));
          if (lost > 0 && options.erase === true && options.force !== true) {
            const isAlone = core.peering.openLinks(grove.id).length === 0;
            const why = isAlone ? 'nobody of it is linked' : `not taken within ${timeout} ms`;
            throw new ThicketError(
              isAlone ? 'offline' : 'timeout',
              `leave: ${lost} entries of this device would be lost, no other member of "${grove.name}" has them (${why}): erase them with force: true, or leave without erase`,
            );
          }
          leaveNow(call, grove, options);
        }),
      );
    },
  };
}
