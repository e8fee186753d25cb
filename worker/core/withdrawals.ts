// What persons withdrew: a retraction is one device's entry, and goes for all that any device of its person published, before
// and after (SPEC A20, G2). Knows the views only as far as it takes things out of them.
import type { Members } from './access/membership.ts';
import type { Views } from './graph/views.ts';
import type { Cid, PeerId } from './model/ids.ts';

export interface Withdrawn {
  author: PeerId;
  seq: number;
  target: Cid;
}

interface Where {
  members: Members;
  views: Views;
}

export class Withdrawals {
  readonly #by = new Map<Cid, Set<PeerId>>();

  withdraw({ members: { persons }, views }: Where, { author, seq, target }: Withdrawn): void {
    if (seq > persons.lastOf(author)) return;
    this.#by.set(target, (this.#by.get(target) ?? new Set()).add(author));
    views.retract(author, target);
    const devices = persons.devices(author);
    if (devices.length === 1) return;
    for (const { author: other } of views.item(target)?.publishers ?? [])
      if (devices.includes(other)) views.retract(other, target);
  }

  published({ members: { persons }, views }: Where, author: PeerId, cid: Cid): void {
    const by = this.#by.get(cid);
    if (by !== undefined && persons.devices(author).some((each) => by.has(each))) views.retract(author, cid);
  }

  clear(): void {
    this.#by.clear();
  }
}
