import { describe, expect, it } from 'vitest';
import { href, inviteTo, parseRoute, readInvite } from '../../../src/routes.ts';

const GROVE = 'ab'.repeat(32);
const CID = `blake3:${'cd'.repeat(32)}`;

describe('routes', () => {
  it('reads back every fragment that it spells', () => {
    expect(parseRoute(href.home)).toEqual({ name: 'home' });
    expect(parseRoute(href.grove(GROVE))).toEqual({
      name: 'frontier',
      grove: GROVE,
      query: { metric: '', kind: '', mode: '', tags: [] },
    });
    const narrowed = { metric: 'val loss', kind: 'work', mode: 'evaluation', tags: ['a&b', 'c'] };
    expect(parseRoute(href.grove(GROVE, narrowed))).toEqual({
      name: 'frontier',
      grove: GROVE,
      query: narrowed,
    });
    expect(parseRoute(href.contribution(GROVE, CID))).toEqual({
      name: 'contribution',
      grove: GROVE,
      cid: CID,
    });
    expect(parseRoute(href.compose(GROVE, CID))).toEqual({
      name: 'compose',
      grove: GROVE,
      target: CID,
      as: 'derive',
    });
    expect(parseRoute(href.compose(GROVE, CID, 'review'))).toMatchObject({ target: CID, as: 'review' });
    expect(parseRoute(`${href.compose(GROVE)}?as=harm`)).toMatchObject({ target: null, as: 'derive' });
    expect(parseRoute(href.hand(GROVE))).toEqual({ name: 'hand', grove: GROVE });
    const query = { text: 'a & b #c', kind: 'review', mode: '', tag: 'x/y' };
    expect(parseRoute(href.list(GROVE, query))).toEqual({ name: 'list', grove: GROVE, query });
  });

  it('never takes an invite code for a page of its own', () => {
    expect(parseRoute('#/join/AAAA')).toEqual({ name: 'join', url: null, cid: null });
  });

  it.each(['#/g/short', `#/g/${GROVE}/c/nonsense`, `#/g/${GROVE}/elsewhere`, '#/what'])(
    'knows that %s is nothing',
    (hash) => {
      expect(parseRoute(hash)).toEqual({ name: 'unknown' });
    },
  );

  it('reads an invite in each way that one is handed over, with what it leads to', () => {
    const invite = { url: '#/join/AA-_', cid: null };
    for (const link of [
      ' https://any.example/app/#/join/AA-_ ',
      '#/join/AA-_',
      'web+thicket:AA-_',
      'web+thicket://join/AA-_',
      `#/join/${encodeURIComponent('web+thicket://AA-_')}`,
    ])
      expect(readInvite(link), link).toEqual(invite);
    const led = inviteTo('https://any.example/#/join/AA-_', CID);
    expect(readInvite(led)).toEqual({ ...invite, cid: CID });
    expect(readInvite(inviteTo(led, CID))).toEqual({ ...invite, cid: CID });
    expect(readInvite(`#/join/${encodeURIComponent(`web+thicket:AA-_?c=${CID.slice(7)}`)}`)?.cid).toBe(CID);
    expect(readInvite('#/join/AA-_?c=nonsense')).toEqual(invite);
    for (const link of ['', '#/join/', 'https://any.example/', '#/g/x', 'web+thicket:'])
      expect(readInvite(link), link).toBeNull();
    expect(readInvite('#/join/%E0%A4%A')?.url).toBe('#/join/%E0%A4%A');
  });

  it('knows what an invite page is to lead to', () => {
    expect(parseRoute(href.invite(GROVE))).toEqual({ name: 'invite', grove: GROVE });
    expect(parseRoute(href.invite(GROVE, CID))).toEqual({ name: 'invite', grove: GROVE, cid: CID });
    expect(parseRoute(`${href.invite(GROVE)}?c=no`)).toEqual({ name: 'invite', grove: GROVE });
  });
});
