// Answers want-list and want-blocks from the store, a few blocks at a time per link, as fast as its channel takes them.
// Serves only what a grove open on that link names (SPEC C7).
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import { createListCache } from './blobs.ts';
import { blockKey } from './keys.ts';

interface Line {
  queue: { blob: Hash; block: Hash }[];
  reading: boolean;
}

export interface ServeHooks {
  /** Root of a blob's block list if this grove is open on this link and its log names the blob; else null. */
  rootOf(link: LinkId, grove: GroveId, blob: Hash): Hash | null;
}

export type Serving = ReturnType<typeof createServing>;

export function createServing(context: Context, hooks: ServeHooks) {
  const { cas } = CONFIG;
  const lines = new Map<LinkId, Line>();
  const lists = createListCache(context);

  const lack = (link: LinkId, blob: Hash, hashes: readonly Hash[]): void =>
    context.send(link, { type: 'lack', blob, hashes: [...hashes] }, 'control');

  function pump(link: LinkId, line: Line): void {
    if (line.reading || line.queue.length === 0 || context.outstanding(link) >= cas.serveWindow) return;
    const next = line.queue.splice(0, cas.serveRead);
    line.reading = true;
    context.read(
      'blocks',
      next.map(({ block }) => blockKey(block)),
      (values) => {
        line.reading = false;
        if (lines.get(link) !== line) return;
        const found = isFailure(values) ? [] : values;
        next.forEach(({ blob, block }, index) => {
          const bytes = found[index] ?? null;
          if (bytes === null) return lack(link, blob, [block]);
          context.count('blocks.served');
          context.send(link, { type: 'block', block, bytes }, 'bulk');
        });
        pump(link, line);
      },
    );
  }

  return {
    wantList(link: LinkId, grove: GroveId, blob: Hash, list: Hash): void {
      // Only lists that hang below the signed root are looked up: what else lies in the store is nobody's business.
      const root = hooks.rootOf(link, grove, blob);
      if (root === null) return lack(link, blob, [list]);
      lists.listBelow(root, list, (bytes) => {
        if (bytes === null) lack(link, blob, [list]);
        else context.send(link, { type: 'list', list, bytes }, 'bulk');
      });
    },

    wantBlocks(link: LinkId, grove: GroveId, blob: Hash, blocks: readonly Hash[]): void {
      const root = hooks.rootOf(link, grove, blob);
      if (root === null) return lack(link, blob, blocks);
      lists.blocksOf(root, (known) => {
        const line = lines.get(link) ?? { queue: [], reading: false };
        lines.set(link, line);
        const refused: Hash[] = [];
        for (const block of blocks) {
          if (known.has(block) && line.queue.length < cas.serveQueue) line.queue.push({ blob, block });
          else refused.push(block);
        }
        if (refused.length > 0) lack(link, blob, refused);
        pump(link, line);
      });
    },

    cancel(link: LinkId, blob: Hash, blocks: readonly Hash[]): void {
      const line = lines.get(link);
      if (line === undefined) return;
      const gone = new Set(blocks);
      line.queue = line.queue.filter((each) => each.blob !== blob || !gone.has(each.block));
    },

    drained(link: LinkId): void {
      const line = lines.get(link);
      if (line !== undefined) pump(link, line);
    },

    linkGone(link: LinkId): void {
      lines.delete(link);
    },
  };
}
