// Rows of those who ask to be let in.
import { describe, expect, it } from 'vitest';
import { requestRows } from '../../../src/state/request-rows.ts';
import type { JoinRequest } from '../../../worker/rpc/api.ts';

const request = (id: string, peerId: string): JoinRequest => ({
  ...{ id, peerId, name: peerId, fingerprint: '', role: 'member', at: 0, state: 'waiting', reason: '' },
  ...{ inviter: 'ann', inviterName: 'Ann', by: 'ann', byName: 'Ann', answeredBy: null, answeredByName: null },
});
const rows = (...requests: JoinRequest[]): string[] => requestRows(requests).map(({ row }) => row);

describe('rows of those who ask to be let in', () => {
  it('A17: a row stays when the entry of another member comes to count for the same request', () => {
    expect(rows(request('2', 'ben'))).toEqual(rows(request('1', 'ben')));
    expect(rows(request('2', 'ben'), request('3', 'cem'))[0]).toBe(rows(request('1', 'ben'))[0]);
  });

  it('A17: who asks by two invites has two rows', () => {
    expect(new Set(rows(request('1', 'ben'), request('2', 'cem'), request('3', 'ben'))).size).toBe(3);
  });
});
