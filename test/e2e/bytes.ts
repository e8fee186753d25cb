// Bytes made in one page and hashed in another, by WebCrypto: code that is not ours.
import type { Tab } from './harness.ts';

/** Contributes random bytes, of which no block is like another. Answers with the CID and their SHA-256 in hex. */
export const contributeRandom = (
  tab: Tab,
  grove: string,
  name: string,
  size: number,
): Promise<{ cid: string; digest: string }> =>
  tab.page.evaluate(
    async ({ id, file, length }) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      const digest = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
      const { cid } = await window.thicket.contribute(id, {
        kind: 'work',
        summary: 'Random bytes',
        artifacts: { [file]: bytes },
      });
      return { cid, digest };
    },
    { id: grove, file: name, length: size },
  );

/** SHA-256 in hex of an artifact as the tab gets it. */
export const digestOf = (tab: Tab, grove: string, cid: string, name: string): Promise<string> =>
  tab.page.evaluate(
    async ({ id, of, file }) => {
      const blob = await window.thicket.artifact(id, of, file);
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
      return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
    { id: grove, of: cid, file: name },
  );
