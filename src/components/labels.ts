// Words for enum values that come from peers: ours where we know the value, else theirs, made visible.
import { strings } from '../strings.ts';
import { brief, isKeyOf, shortKey } from '../text.ts';

const labelIn =
  (words: Readonly<Record<string, string>>) =>
  (value: string | undefined): string =>
    value !== undefined && Object.hasOwn(words, value) ? (words[value] ?? '') : brief(value ?? '?', 24);

export const kindLabel = labelIn(strings.kinds);
export const modeLabel = labelIn(strings.modes);
export const lifecycleLabel = labelIn(strings.lifecycles);
export const roleLabel = labelIn(strings.roles);

/** A member in a sentence or a control's name. Names can be alike, so the start of the key goes with it. */
export const memberLabel = (name: string, peerId: string): string =>
  isKeyOf(name, peerId) ? name : `${brief(name, 40) || strings.app.unnamed} (${shortKey(peerId)})`;
