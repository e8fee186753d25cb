// The graph read along its relations: threads, lineage, series, and what agents did (SPEC G22-G24), over what the views
// compose. Learns of changes at once and looks at them when somebody asks.
import type { Cid } from '../model/ids.ts';
import { createAgents } from './agents.ts';
import type { Agents } from './agents.ts';
import type { Contribution } from './contributions.ts';
import { createLineage } from './lineage.ts';
import type { LineageReader } from './lineage.ts';
import type { Metrics } from './metrics.ts';
import { createProvenance } from './provenance.ts';
import type { ProvenanceSources } from './provenance.ts';
import { createReplies } from './replies.ts';
import { seriesOf } from './series.ts';
import type { Series, SeriesFilter } from './series.ts';
import { threadPage } from './thread.ts';
import type { ThreadOptions, ThreadPage } from './thread.ts';
import { createThreads } from './threads.ts';
import type { ThreadFilter, ThreadList } from './threads.ts';
import { createTouched } from './touched.ts';

export interface Reading {
  /** Anything of it may be another now, once this step is over. */
  touch(contribution: Contribution): void;
  /** All of these throw `invalid` for limits, depths and cursors. */
  thread(cid: Cid, options?: ThreadOptions): ThreadPage;
  threads(filter?: ThreadFilter): ThreadList;
  lineage: LineageReader['of'];
  path: LineageReader['path'];
  /** Null for a metric that nobody scored and the contract doesn't name. */
  series(metric: string, filter?: SeriesFilter): Series | null;
  agents: Agents['list'];
  session: Agents['session'];
}

export interface ReadingSources extends ProvenanceSources {
  metrics: Pick<Metrics<Contribution>, 'get'>;
}

export function createReading(sources: ReadingSources): Reading {
  const provenance = createProvenance(sources);
  const replies = createReplies(provenance);
  const threads = createThreads(provenance, replies);
  const agents = createAgents();
  const lineage = createLineage(provenance);
  const touched = createTouched<Contribution>((contribution) => {
    provenance.update(contribution);
    threads.update(contribution);
    agents.update(contribution);
  });

  /** What is asked sees all that happened before. */
  const settled =
    <A extends readonly unknown[], R>(read: (...args: A) => R) =>
    (...args: A): R => {
      touched.settle();
      return read(...args);
    };

  return {
    touch: touched.touch,
    thread: settled((cid, options = {}) => threadPage(cid, options, { provenance, replies })),
    threads: settled((filter = {}) => threads.list(filter)),
    lineage: settled(lineage.of),
    path: settled(lineage.path),
    series: (metric, filter = {}) => seriesOf(metric, filter, sources.metrics),
    agents: settled(agents.list),
    session: settled(agents.session),
  };
}
