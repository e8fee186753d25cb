// Tells of transfers: that their state changed at once, how far they are a few times a second (SPEC C11).
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Transfer } from './transfer.ts';

export function createProgress(context: Context, tell: (transfer: Transfer) => void) {
  const toldAt = new Map<Transfer, number>();
  const due = new Map<Transfer, number>();

  function now(transfer: Transfer): void {
    toldAt.set(transfer, context.elapsed());
    due.delete(transfer);
    tell(transfer);
  }

  return {
    now,

    soon(transfer: Transfer): void {
      const at = (toldAt.get(transfer) ?? -Infinity) + CONFIG.cas.tell;
      if (at <= context.elapsed()) now(transfer);
      else due.set(transfer, at);
    },

    forget(transfer: Transfer): void {
      toldAt.delete(transfer);
      due.delete(transfer);
    },

    tick(time: number): void {
      for (const [transfer, at] of [...due]) if (at <= time) now(transfer);
    },

    nextWake: (): number | null => (due.size === 0 ? null : Math.min(...due.values())),
  };
}
