// Where the nodes of a graph go, in numbers only, which cost next to nothing between threads: rank by depth along x, one
// lane per branch along y. Pure, and stable as nodes are appended.

/** A graph in causal order. Of each edge the older end is `parents`. */
export interface Outline {
  /** ms since the epoch, by node; 0 where it isn't known. */
  at: Float64Array;
  /** 1 for what continues its branch, 0 for what comments on it. By node. */
  continues: Uint8Array;
  parents: Int32Array;
  children: Int32Array;
}
/** By node. */
export interface Places {
  rank: Int32Array;
  lane: Int32Array;
  /** The parent whose branch it continues; -1 for none. */
  main: Int32Array;
}

export function place(outline: Outline): Places {
  const parents = parentsOf(outline);
  const rank = ranks(outline, parents);
  return { rank, ...lanes(outline, parents, rank) };
}

function parentsOf({ at, parents, children }: Outline): number[][] {
  const all = Array.from(at, (): number[] => []);
  children.forEach((child, edge) => all[child]?.push(parents[edge] ?? 0));
  return all;
}

/** Longest path from the roots. A root itself stands where the front was when it was made, so that new is on the right. */
function ranks({ at }: Outline, parents: readonly number[][]): Int32Array {
  const behind = (places: Int32Array, own: readonly number[]): number =>
    own.reduce((most, parent) => Math.max(most, 1 + (places[parent] ?? 0)), 0);
  const depth = new Int32Array(at.length);
  parents.forEach((own, node) => (depth[node] = behind(depth, own)));
  const byDate = Array.from(at.keys()).sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b);
  const front = new Int32Array(at.length);
  let reached = 0;
  for (const node of byDate) {
    front[node] = reached;
    reached = Math.max(reached, depth[node] ?? 0);
  }
  const rank = new Int32Array(at.length);
  parents.forEach((own, node) => (rank[node] = own.length === 0 ? (front[node] ?? 0) : behind(rank, own)));
  return rank;
}

/** Gives each node the free lane nearest to its branch. The topmost is 0. */
function lanes(
  { continues }: Outline,
  parents: readonly number[][],
  rank: Int32Array,
): Pick<Places, 'lane' | 'main'> {
  const width = rank.reduce((most, each) => Math.max(most, each + 1), 0);
  /** By lane: which ranks are taken. */
  const taken = new Map<number, Uint8Array>();
  const isFree = (at: number, from: number, to: number): boolean =>
    taken
      .get(at)
      ?.subarray(from, to + 1)
      .includes(1) !== true;
  const lane = new Int32Array(rank.length);
  const main = new Int32Array(rank.length).fill(-1);
  let top = 0;
  parents.forEach((own, node) => {
    const trunk = own.reduce(
      (best, parent) => (best < 0 || (rank[parent] ?? 0) > (rank[best] ?? 0) ? parent : best),
      -1,
    );
    main[node] = trunk;
    const to = rank[node] ?? 0;
    const from = trunk < 0 ? to : (rank[trunk] ?? 0) + 1;
    const home = trunk < 0 ? 0 : (lane[trunk] ?? 0);
    // The trunk's own lane is for work that continues it; what comments on it sits beside.
    for (let distance = trunk < 0 || continues[node] === 1 ? 0 : 1; ; distance += 1) {
      const sides = node % 2 === 0 ? [home + distance, home - distance] : [home - distance, home + distance];
      const free = sides.find((side) => isFree(side, from, to));
      if (free === undefined) continue;
      const row = taken.get(free) ?? new Uint8Array(width);
      taken.set(free, row.fill(1, from, to + 1));
      lane[node] = free;
      top = Math.min(top, free);
      return;
    }
  });
  return { lane: lane.map((each) => each - top), main };
}
