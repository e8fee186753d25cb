// Links made by hand (SPEC R4): whoever asked for a text, or handed one in, gets the link machine's answer. Decides
// nothing; knows neither what is in the texts nor who carries them.
import type { Core } from './core.ts';
import type { LinkInput, LinkOutput } from './link/types.ts';
import type { ErrorCode } from './model/errors.ts';
import type { GroveId, PeerId } from './model/ids.ts';
import { inviteKeys } from './model/invite.ts';
import type { Grove } from './grove.ts';

type HandOutput = Extract<LinkOutput, { type: 'hand-text' | 'hand-accepted' | 'hand-failed' }>;

/** What came of a request: a text to carry to the other device, or that the one that was carried here fits. */
export interface HandOutcome {
  grove: GroveId | null;
  peer: PeerId | null;
  text: string | null;
}

export interface HandRequest {
  then(outcome: HandOutcome): void;
  failed(code: ErrorCode, message: string): void;
}

export type Hand = ReturnType<typeof createHand>;

/** The room in which two devices of a grove find each other: to join it, that of the invite. */
export function handRoom(grove: Grove): string | null {
  const { state, invite } = grove.record;
  if (state === 'joining') return invite === null ? null : inviteKeys(invite.key).room;
  return state === 'active' ? (grove.keys?.room ?? null) : null;
}

export function createHand(core: Core) {
  const waiting = new Map<string, HandRequest>();
  let requests = 0;

  function ask(input: (request: string) => LinkInput, request: HandRequest): void {
    const name = `hand/${(requests += 1)}`;
    waiting.set(name, request);
    core.link(input(name));
  }

  function groveIn(room: string): GroveId | null {
    for (const grove of core.groves.values()) {
      const rooms = grove.invites.all(grove.members, grove.secrets).map(({ keys }) => keys.room);
      if (handRoom(grove) === room || rooms.includes(room)) return grove.id;
    }
    return null;
  }

  return {
    offer: (room: string, request: HandRequest): void =>
      ask((name) => ({ type: 'hand-offer', request: name, room }), request),
    answer: (text: string, request: HandRequest): void =>
      ask((name) => ({ type: 'hand-answer', request: name, text }), request),
    accept: (text: string, request: HandRequest): void =>
      ask((name) => ({ type: 'hand-accept', request: name, text }), request),

    onLink(output: HandOutput): void {
      const request = waiting.get(output.request);
      waiting.delete(output.request);
      if (request === undefined) return;
      if (output.type === 'hand-failed') return request.failed(output.code, output.message);
      const grove = groveIn(output.room);
      request.then({ grove, peer: output.peer, text: output.type === 'hand-text' ? output.text : null });
    },
  };
}
