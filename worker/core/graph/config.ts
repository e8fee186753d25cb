// Limits of the views, each with its reason.

export const GRAPH = {
  /** Items of one page of `list`, and the most one may ask for (rpc/api.ts ContributionFilter). */
  page: 50,
  maxPage: 500,
  /** Entries of one ranking (SPEC G5), and the most one may ask for. */
  ranking: 10,
  maxRanking: 500,
  /** Nodes of one picture: what a renderer draws in a third of a second (FACTS: sigma, 10,000 nodes in 269 ms). */
  maxNodes: 10_000,
  /** Metrics in one frontier beside the contract's: a hostile manifest may bring 100 names of its own. */
  maxMetrics: 64,
  /** Characters of each field that search sees: enough for an abstract, and 1,000 artifact names can't fill the index. */
  searchField: 4_096,
  /** Characters of a search text: longer ones are refused, since each word costs a walk of the index. */
  maxSearchText: 256,
} as const;
