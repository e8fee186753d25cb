// What members are called in sentences and names of controls.
import { describe, expect, it } from 'vitest';
import { memberLabel } from '../../../src/components/labels.ts';
import { isKeyOf, shortKey } from '../../../src/text.ts';
import { fingerprint } from '../../../worker/core/model/keys.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';

const PEER = '0123456789abcdef'.repeat(4) as PeerId;

describe('what a member is called', () => {
  it('names can be alike: the start of the key goes with them', () => {
    expect(memberLabel('Ann', PEER)).toBe('Ann (0123 4567)');
    expect(memberLabel('', PEER)).toBe('unnamed (0123 4567)');
  });

  it('A18: where the start of the key stands for a hidden name it is told once', () => {
    const hidden = fingerprint(PEER).slice(0, shortKey(PEER).length);
    expect(isKeyOf(hidden, PEER)).toBe(true);
    expect(memberLabel(hidden, PEER)).toBe('0123 4567');
  });

  it('the start of another key is a name like any other', () => {
    expect(memberLabel('4567 0123', PEER)).toBe('4567 0123 (0123 4567)');
  });
});
