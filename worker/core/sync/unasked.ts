// How many entries a link may bring that nobody asked it for (SPEC S20): what was asked is counted by what is sent, the
// rest has a token bucket. Knows nothing of what becomes of them.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { LinkId } from '../model/ids.ts';
import type { Frame } from '../wire/frame.ts';

interface Account {
  /** Entries that it was asked for and that did not come. */
  asked: number;
  tokens: number;
  at: number;
}

export interface Unasked {
  /** Told of each frame that goes out. */
  sent(link: LinkId, frame: Frame): void;
  /** How many of so many that came may be taken: those that were asked for, and a few others. */
  take(link: LinkId, count: number): number;
  forget(link: LinkId): void;
}

/** As many as the frame may bring: a run, and each entry by its id, comes with those up to the next signed one. */
function askedBy(frame: Frame): number {
  const { signatureEvery } = CONFIG.sync;
  if (frame.type === 'want-ids' || frame.type === 'graft') return frame.ids.length * signatureEvery;
  if (frame.type !== 'want-entries') return 0;
  return frame.runs.reduce((sum, { from, to }) => sum + Math.max(0, to - from) + signatureEvery, 0);
}

export function createUnasked(context: Pick<Context, 'elapsed'>): Unasked {
  const { perSecond, burst, asked: most } = CONFIG.sync.unasked;
  const accounts = new Map<LinkId, Account>();

  function accountOf(link: LinkId): Account {
    const now = context.elapsed();
    const account = accounts.get(link) ?? { asked: 0, tokens: burst, at: now };
    account.tokens = Math.min(burst, account.tokens + ((now - account.at) * perSecond) / 1_000);
    account.at = now;
    accounts.set(link, account);
    return account;
  }

  return {
    sent(link, frame) {
      const asked = askedBy(frame);
      if (asked === 0) return;
      const account = accountOf(link);
      account.asked = Math.min(most, account.asked + asked);
    },
    take(link, count) {
      const account = accountOf(link);
      const asked = Math.min(count, account.asked);
      account.asked -= asked;
      const others = Math.min(count - asked, Math.floor(account.tokens));
      account.tokens -= others;
      return asked + others;
    },
    forget: (link) => void accounts.delete(link),
  };
}
