// One grove's version vectors on the wire (SPEC S5). A vector longer than a frame takes several: each is full but the
// last, so that the receiver knows where it ends. Knows nothing of what is done about what they tell.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, LinkId } from '../model/ids.ts';
import { MAX_VECTOR_ROWS } from '../wire/frame.ts';
import type { Log, VectorRow } from './log.ts';

interface State {
  /** Rows of a vector whose last frame has not come. */
  part: VectorRow[];
  /** Answers given since `since`. */
  answers: number;
  since: number;
}

export function createVectors(grove: GroveId, log: Log, context: Context) {
  const { sync } = CONFIG;
  const states = new Map<LinkId, State>();

  function stateOf(link: LinkId): State {
    const known = states.get(link) ?? { part: [], answers: 0, since: context.elapsed() };
    states.set(link, known);
    return known;
  }

  function send(link: LinkId, reply: boolean): void {
    const rows = log.vector();
    for (let at = 0; at <= rows.length; at += MAX_VECTOR_ROWS) {
      const some = rows.slice(at, at + MAX_VECTOR_ROWS);
      context.send(link, { type: 'vector', grove, reply, rows: some }, 'control');
    }
  }

  return {
    send,

    /** The other asked, and is answered so. Who asks all the time is answered at intervals. */
    answer(link: LinkId, give: () => void): void {
      const state = stateOf(link);
      const now = context.elapsed();
      if (now - state.since >= sync.replies.within) Object.assign(state, { answers: 0, since: now });
      state.answers += 1;
      if (state.answers <= sync.replies.most) return give();
      context.schedule(`reply/${grove}/${link}`, state.since + sync.replies.within, () => {
        if (states.get(link) === state) give();
      });
    },

    /** The rows of the whole vector once its last frame came, else null. */
    whole(link: LinkId, rows: readonly VectorRow[]): readonly VectorRow[] | null {
      const state = stateOf(link);
      if (rows.length < MAX_VECTOR_ROWS) {
        const all = state.part.length === 0 ? rows : [...state.part, ...rows];
        state.part = [];
        return all;
      }
      if (state.part.length >= MAX_VECTOR_ROWS * (sync.vectorFrames - 1)) {
        context.count('vectors.tooLong');
        state.part = [];
        return null;
      }
      state.part = [...state.part, ...rows];
      return null;
    },

    forget(link: LinkId): void {
      states.delete(link);
      context.schedule(`reply/${grove}/${link}`, null, () => undefined);
    },
  };
}
