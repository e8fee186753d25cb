import { describe, expect, it, vi } from 'vitest';
import { ago, dateTime, figure } from '../../../src/format.ts';

describe('numbers and times in the reader’s language', () => {
  it('make one formatter each, however many are shown', () => {
    const { RelativeTimeFormat } = Intl;
    let made = 0;
    class Counted extends RelativeTimeFormat {
      constructor(...all: ConstructorParameters<typeof RelativeTimeFormat>) {
        super(...all);
        made += 1;
      }
    }
    vi.stubGlobal('Intl', { ...Intl, RelativeTimeFormat: Counted });
    for (let n = 0; n < 100; n += 1) ago(n, 1e6 * n);
    vi.unstubAllGlobals();
    expect(made).toBe(1);
  });

  it('say of a moment that no date reaches that it is none, and go on', () => {
    expect(dateTime(1e300)).toBe('Invalid Date');
    expect(dateTime(0)).toContain('1970');
    expect([figure(1234.5), figure(0), figure(1e12)]).toEqual(['1,234.5', '0', '1.000e+12']);
  });
});
