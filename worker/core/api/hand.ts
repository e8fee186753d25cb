// Calls by which two devices are linked with texts that people carry between them (SPEC R4).
import type { Core } from '../core.ts';
import { handRoom, type HandOutcome, type HandRequest } from '../hand.ts';
import { ThicketError } from '../model/errors.ts';
import { groveOf, type Call } from './api.ts';

export function handCalls(core: Core) {
  /** Which devices find each other by hand is a setting; without a page nothing can hold a link. */
  function check(): void {
    if (core.settings.discovery === 'endpoint') {
      throw new ThicketError(
        'forbidden',
        'discovery: this device links by the endpoint only, by its settings',
      );
    }
    if (!core.carrier) throw new ThicketError('busy', 'no tab of this device is ready to hold a link yet');
  }

  const request = (call: Call, reply: (outcome: HandOutcome) => unknown): HandRequest => ({
    then: (outcome) => call.reply(reply(outcome)),
    failed: (code, message) => call.refuse(code, message),
  });

  return {
    offer(call: Call, id: string): void {
      const grove = groveOf(core, id);
      const room = handRoom(grove);
      if (room === null)
        throw new ThicketError('not-member', `grove: "${grove.name}" let this device not in`);
      check();
      core.hand.offer(
        room,
        request(call, ({ text }) => text),
      );
    },

    answer(call: Call, text: string): void {
      check();
      core.hand.answer(
        text,
        request(call, (outcome) => outcome.text),
      );
    },

    accept(call: Call, text: string): void {
      check();
      core.hand.accept(
        text,
        request(call, ({ grove, peer }) => ({ grove, peerId: peer })),
      );
    },
  };
}
