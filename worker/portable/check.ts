// The first look at a file to import (G27): everything in it, before anything of it is stored. Keeps names, never contents.
import { ThicketError } from '../core/model/errors.ts';
import { hashOfCid, isCid, type Hash } from '../core/model/ids.ts';
import type { BadItem, Item, Source } from './items.ts';

/** Manifests, and artifacts, of one file; a grove of ten times what one is made for. Some 200 bytes are kept of each. */
export const MAX_CONTENTS = 1_000_000;
/** That are left out: beyond it the file is something else. */
const MAX_REFUSED = 10_000;

interface Found {
  mediaType: string | null;
  line: number;
  /** A manifest that comes after it names it. */
  named: boolean;
}

export interface Checked {
  manifests: number;
  artifacts: ReadonlyMap<Hash, Found>;
  /** By line. Without these the file is as it should be. */
  refused: ReadonlyMap<number, string>;
}

/**
 * `strict`: the first that would be refused is thrown.
 * @throws ThicketError `corrupt`, `too-large`, and `invalid` where the file can't be read.
 */
export async function check(source: Source, strict: boolean): Promise<Checked> {
  const artifacts = new Map<Hash, Found>();
  const refused = new Map<number, string>();
  const missing = new Set(source.roots);
  let manifests = 0;

  function refuse({ line, reason }: Pick<BadItem, 'line' | 'reason'>): void {
    if (strict)
      throw new ThicketError('corrupt', `import: ${source.what} ${line}: ${reason}. Nothing was imported`);
    refused.set(line, reason);
    if (refused.size > MAX_REFUSED)
      throw new ThicketError(
        'corrupt',
        `import: more than ${MAX_REFUSED} ${source.what}s are wrong, the first: ${first(refused)}`,
      );
  }

  function look(item: Item): void {
    if (item.type === 'bad') return refuse(item);
    if (item.type === 'artifact') {
      missing.delete(item.hash);
      const { hash, line, mediaType } = item;
      if (!artifacts.has(hash)) artifacts.set(hash, { line, mediaType, named: false });
    } else {
      missing.delete(hashOfCid(item.cid));
      manifests += 1;
      for (const named of Object.values(item.manifest.artifacts)) {
        const found = isCid(named) ? artifacts.get(hashOfCid(named)) : undefined;
        if (found !== undefined) found.named = true;
      }
    }
    if (Math.max(manifests, artifacts.size) > MAX_CONTENTS)
      throw new ThicketError(
        'too-large',
        `import: at most ${MAX_CONTENTS} manifests and ${MAX_CONTENTS} artifacts, given more`,
      );
  }

  for await (const item of source.items(true)) look(item);
  for (const root of missing)
    refuse({ line: 0, reason: `the file says that it holds blake3:${root}, and doesn't: it may be cut off` });
  for (const { line, named } of artifacts.values())
    if (!named) refuse({ line, reason: 'an artifact that no manifest after it names' });
  return { manifests, artifacts, refused };
}

const first = (refused: ReadonlyMap<number, string>): string => {
  const [entry] = refused;
  return entry === undefined ? '' : `${entry[0]}, ${entry[1]}`;
};
