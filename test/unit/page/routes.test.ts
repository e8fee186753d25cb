import { describe, expect, it } from 'vitest';
import { href, parseRoute } from '../../../src/routes.ts';

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
    expect(parseRoute('#/join/AAAA')).toEqual({ name: 'join', url: null });
  });

  it.each(['#/g/short', `#/g/${GROVE}/c/nonsense`, `#/g/${GROVE}/elsewhere`, '#/what'])(
    'knows that %s is nothing',
    (hash) => {
      expect(parseRoute(hash)).toEqual({ name: 'unknown' });
    },
  );
});
