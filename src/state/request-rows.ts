// Which row stands for which request to be let in, while several members carry the same one. Pure.
import type { JoinRequest } from '../../worker/rpc/api.ts';

export interface RequestRow {
  row: string;
  one: JoinRequest;
}

/**
 * By who asks: the entry that counts gives way to an earlier one of another member, and what is being typed beside it must stay.
 * Who asks by several invites has a row for each.
 */
export function requestRows(requests: readonly JoinRequest[]): RequestRow[] {
  const asked = new Map<string, number>();
  return requests.map((one) => {
    const before = asked.get(one.peerId) ?? 0;
    asked.set(one.peerId, before + 1);
    return { row: `${one.peerId}/${before}`, one };
  });
}
