// Tells who asks and who is asked (SPEC G15): that a question came, and that one of this device's own was answered.
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import type { Cid } from './model/ids.ts';

export type Questions = ReturnType<typeof createQuestions>;

export function createQuestions(core: Core) {
  const self = core.identity.keypair.id;

  return {
    /** A contribution came into the views with its body, by its entry or after it. */
    came(grove: Grove, cid: Cid): void {
      const { views } = grove;
      const kind = views.manifest(cid)?.kind;
      if (kind !== 'ask_user' && kind !== 'response') return;
      const [publisher, ...others] = views.item(cid)?.publishers ?? [];
      // What somebody publishes again is no news.
      if (publisher === undefined || grove.isOne(publisher.author, self) || others.length > 0) return;
      if (kind === 'ask_user') return core.event('asked', { grove: grove.id, cid, author: publisher.author });
      for (const question of views.tasks.answeredBy(cid)) {
        const isOwn =
          views.item(question)?.publishers.some(({ author }) => grove.isOne(author, self)) === true;
        if (isOwn) core.event('answered', { grove: grove.id, cid: question, response: cid });
      }
    },
  };
}
