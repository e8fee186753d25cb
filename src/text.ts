// Makes text from elsewhere safe to look at: nothing invisible may change how the rest is read. Knows no markup.

/** Controls, bidirectional and other invisible formats, line separators. Joiners are left alone: scripts and emoji need them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const HARMLESS = new Set(['\n', '\t', '\u200c', '\u200d']);

const code = (char: string): string => (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** The same text with each invisible control written out, as in `⟨U+202E⟩`. */
export const visible = (text: string): string =>
  text.replace(/\r\n/g, '\n').replace(INVISIBLE, (char) => (HARMLESS.has(char) ? char : `⟨U+${code(char)}⟩`));

/** On one line and at most `limit` characters long, with an ellipsis where it was cut. */
export function brief(text: string, limit = 120): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  const chars = Array.from(line);
  return chars.length <= limit ? line : `${chars.slice(0, limit - 1).join('')}…`;
}

/** The first two groups of a peer's fingerprint: enough to tell members apart, not enough to vouch by. */
export const shortKey = (peerId: string): string => `${peerId.slice(0, 4)} ${peerId.slice(4, 8)}`;

/** Where moderators hide a name, and where there is none to tell, the start of the key stands for it: that is told once. */
export const isKeyOf = (name: string, peerId: string): boolean => name === shortKey(peerId);

export const shortCid = (cid: string): string => cid.replace(/^blake3:/, '').slice(0, 10);
