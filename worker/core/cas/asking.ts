// Whom one transfer asks for what next: lists, then blocks, and towards the end one more for what another is late with
// (SPEC C9). Knows nothing of what comes of it.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import { MAX_LIST } from '../model/blocklist.ts';
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import type { Pace } from './pace.ts';
import type { Round } from './round.ts';
import type { Sources } from './sources.ts';

export interface AskingOptions {
  blob: Hash;
  context: Context;
  sources: Sources;
  pace: Pace;
  /** Whether another transfer already fetches this block (SPEC C6). */
  isUnderWay: (block: Hash) => boolean;
  /** Links that may be asked for the blob. */
  usable: (at: Round) => readonly { link: LinkId }[];
}

export type Asking = ReturnType<typeof createAsking>;

/** What a list of a blob of this size is likely to take: one item for each 16 KiB. */
const listBytes = (size: number): number => Math.min(MAX_LIST, 256 + 48 * Math.ceil(size / 16_384));

export function createAsking({ blob, context, sources, pace, isUnderWay, usable }: AskingOptions) {
  /** So many more blocks that all who hold some owe as many, where few are left. */
  function shareOf(at: Round, link: LinkId): number {
    const left = at.holders.size + sources.owed;
    const holding = usable(at).filter(
      (each) => each.link === link || at.holders.mayHold(each.link, isUnderWay),
    );
    return Math.ceil(left / Math.max(1, holding.length)) - sources.owedBy(link);
  }

  function askLists(at: Round, link: LinkId, grove: GroveId): void {
    for (const list of at.wantedLists) {
      const size = listBytes(at.claim.size);
      const { count, bytes } = pace.room(link);
      if (sources.isOwed(list) || count < 1 || bytes < size) continue;
      sources.ask(link, list, size);
      context.send(link, { type: 'want-list', grove, blob, list }, 'control');
    }
  }

  function askBlocks(at: Round, link: LinkId, grove: GroveId): void {
    const fits = roomOf(at, link, shareOf(at, link));
    const blocks = at.holders.pick(link, isUnderWay, fits);
    if (blocks.length === 0 && at.holders.size === 0) blocks.push(...lateOnes(at, link));
    for (const block of blocks) sources.ask(link, block, at.parts.get(block)?.size ?? 0);
    if (blocks.length > 0) context.send(link, { type: 'want-blocks', grove, blob, blocks }, 'control');
  }

  /** Takes one block after the other off what the link may be asked for now, up to `most`. */
  function roomOf(at: Round, link: LinkId, most: number): (block: Hash) => boolean {
    const room = pace.room(link);
    let { bytes } = room;
    let count = Math.min(room.count, most);
    return (block) => {
      const size = at.parts.get(block)?.size ?? 0;
      if (count < 1 || bytes < size) return false;
      count -= 1;
      bytes -= size;
      return true;
    };
  }

  /** Those that others owe and that this one would bring much sooner than any of them, the latest first. */
  function lateOnes(at: Round, link: LinkId): Hash[] {
    const fits = roomOf(at, link, Infinity);
    const now = context.elapsed();
    const late = new Map<Hash, { size: number; left: number }>();
    for (const [owner, { owes }] of sources.owing()) {
      let ahead = 0;
      for (const [block, { size, at: asked }] of owes) {
        ahead += size;
        // As long as it has waited already, it may wait again.
        const left = Math.max(pace.timeFor(owner, ahead) ?? 0, now - asked);
        late.set(block, { size, left: Math.min(left, late.get(block)?.left ?? Infinity) });
      }
    }
    const others = [...late].filter(
      ([block]) =>
        !sources.owners(block).includes(link) && at.parts.has(block) && at.holders.holds(link, block),
    );
    let mine = pace.bytes(link);
    const chosen: Hash[] = [];
    for (const [block, { size, left }] of others.sort(([, a], [, b]) => b.left - a.left)) {
      mine += size;
      // Who was silent for so long may be so again.
      const time = Math.max(pace.timeFor(link, mine) ?? CONFIG.cas.endgame.every, pace.silence(link));
      if (left <= CONFIG.cas.endgame.times * time || !fits(block)) break;
      chosen.push(block);
    }
    if (chosen.length > 0) context.count('blocks.askedTwice', chosen.length);
    return chosen;
  }

  /** Which blocks it holds is worth knowing where there are many. */
  function askWhich(at: Round, link: LinkId, grove: GroveId): void {
    if (at.claim.size <= CONFIG.cas.haveFrom || at.watched.has(link)) return;
    at.watched.add(link);
    context.send(link, { type: 'want-have', grove, blob, root: at.claim.root }, 'control');
  }

  return {
    /** As much as its window allows. */
    ask(at: Round, link: LinkId, grove: GroveId): void {
      askWhich(at, link, grove);
      if (!pace.hasRoom(link)) return;
      askLists(at, link, grove);
      if (at.phase === 'blocks') askBlocks(at, link, grove);
    },

    /** Whether the link may have something that is wanted, and nobody was asked for. */
    mayAsk(at: Round, link: LinkId): boolean {
      if (at.phase === 'blocks') return at.holders.mayHold(link, isUnderWay);
      return at.phase === 'planning' || [...at.wantedLists].some((list) => !sources.isOwed(list));
    },
  };
}
