// Limits of the views, each with its reason.

export const GRAPH = {
  /** Items of one page of `list`, and the most one may ask for (rpc/api.ts ContributionFilter). */
  page: 50,
  maxPage: 500,
  /** Claims on one target that are told at once, the newest. */
  claims: 100,
  /** Entries of one ranking (SPEC G5), and the most one may ask for. */
  ranking: 10,
  maxRanking: 500,
  /** Manifests kept parsed: a page or two, and what stands around them. */
  parsed: 512,
  /** Nodes of one picture: what a renderer draws in a third of a second (FACTS: sigma, 10,000 nodes in 269 ms). */
  maxNodes: 10_000,
  /** Metrics in one frontier beside the contract's: a hostile manifest may bring 100 names of its own. */
  maxMetrics: 64,
  /** Characters of each field that search sees: enough for an abstract, and 1,000 artifact names can't fill the index. */
  searchField: 4_096,
  /** Contributions of one page of a thread, and levels of it (SPEC G22). */
  maxThread: 500,
  threadDepth: 16,
  /** Characters of a description that a thread tells of each: it is read in full where it is opened. */
  threadText: 4_096,
  /** Contributions of a lineage, and those looked at for a path (SPEC G23): as many as a picture has. */
  lineage: 500,
  maxLineage: 10_000,
  /** Relations told of each: a merge of a few, not the thousand that a manifest may have. */
  maxVia: 8,
  /** Types of relations one may ask for: there are five, and later versions' will not be many more. */
  maxRelations: 32,
  /** Points of a series (SPEC G24): as many as a chart has pixels across, and the most one may ask for. */
  series: 1_000,
  maxSeries: 10_000,
  /** Keys that one author's settings are remembered for (SPEC G16): an agent's prompts, and none fills the memory. */
  settingKeys: 1_024,
  /** Prompts, and settings, told at once. */
  maxShared: 1_000,
  /** What a contribution may ask for to be verified (SPEC G21): characters of `how`, and persons. */
  verify: { how: 4_096, quorum: 100 },
  /** Contributions put into the index of words before a search is answered; of more that wait it says `busy`: a second or two of work. */
  searchAtOnce: 2_000,
  /** Of one step of putting them there at leisure. */
  searchStep: 250,
  /** Characters of a search text: longer ones are refused, since each word costs a walk of the index. */
  maxSearchText: 256,
} as const;
