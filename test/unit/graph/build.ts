// What the tests of the views are made of: manifests and acts with ids that read as small numbers.
import type { Cid, EntryId, PeerId } from '../../../worker/core/model/ids.ts';
import { toEntryId, toPeerId } from '../../../worker/core/model/ids.ts';
import type { Manifest, Score } from '../../../worker/core/model/manifest.ts';
import { createViews } from '../../../worker/core/graph/views.ts';
import type { FrontierFilter, Rankings, Views } from '../../../worker/core/graph/views.ts';

function bytes32(kind: number, number: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, number);
  bytes[31] = kind;
  return bytes;
}
/** CIDs, entries and peers that sort as their numbers do. */
export const cid = (number: number): Cid => `blake3:${toPeerId(bytes32(1, number))}` as Cid;
export const entryId = (number: number): EntryId => toEntryId(bytes32(2, number));
export const peer = (number: number): PeerId => toPeerId(bytes32(3, number));

export function manifest(fields: Partial<Manifest> = {}): Manifest {
  return {
    manifestVersion: 1,
    kind: 'work',
    mode: 'evaluation',
    summary: 'a result',
    artifacts: {},
    relations: [],
    tags: [],
    agent: { agentId: 'agent' },
    createdAt: '2025-01-01T00:00:00Z',
    ...fields,
  };
}

type Relation = Manifest['relations'][number];
export const relation = (
  relationType: Relation['relationType'],
  target: number,
  metadata?: Relation['metadata'],
): Relation => ({ relationType, targetCid: cid(target), ...(metadata === undefined ? {} : { metadata }) });

/** What can happen to the views. Numbers name peers, entries and CIDs. */
export type Act =
  | { do: 'publish'; cid: number; author: number; lamport: number; entry: number; manifest: Manifest | null }
  | { do: 'body'; cid: number; manifest: Manifest }
  | { do: 'retract'; cid: number; author: number };

export const publish = (number: number, fields: Partial<Manifest> | null = {}, author = 1): Act => ({
  do: 'publish',
  cid: number,
  author,
  lamport: number,
  entry: number * 100 + author,
  manifest: fields === null ? null : manifest(fields),
});
export const body = (number: number, fields: Partial<Manifest> = {}): Act => ({
  do: 'body',
  cid: number,
  manifest: manifest(fields),
});
export const retract = (number: number, author = 1): Act => ({ do: 'retract', cid: number, author });

export function perform(views: Views, ...acts: readonly Act[]): void {
  for (const act of acts) {
    if (act.do === 'retract') views.retract(peer(act.author), cid(act.cid));
    else if (act.do === 'body') views.addBody(cid(act.cid), act.manifest);
    else {
      const entry = {
        id: entryId(act.entry),
        author: peer(act.author),
        lamport: act.lamport,
        at: act.lamport * 1000,
      };
      views.addContribution(entry, cid(act.cid), act.manifest);
    }
  }
}

export const NOW = Date.parse('2025-06-01T00:00:00Z');
type Metrics = Parameters<typeof createViews>[0]['metrics'];

export function build(acts: readonly Act[], metrics: Metrics = []): Views {
  const views = createViews({ metrics });
  perform(views, ...acts);
  return views;
}
export const frontier = (
  acts: readonly Act[],
  filter: FrontierFilter = {},
  metrics: Metrics = [],
): Rankings => build(acts, metrics).frontier(filter, NOW);
export const cids = (entries: readonly { cid: Cid }[] | undefined): Cid[] | undefined =>
  entries?.map((entry) => entry.cid);
export const score = (
  value: number,
  direction: 'minimize' | 'maximize' = 'minimize',
  unit?: string,
): Score => ({
  value,
  direction,
  ...(unit === undefined ? {} : { unit }),
});
