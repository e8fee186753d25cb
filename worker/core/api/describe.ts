// A contribution as the scripting surface shows it: the manifest, who signed it, and what of it is where.
import type { Core } from '../core.ts';
import type { ContributionItem, ContributionRecord } from '../graph/types.ts';
import type { Grove } from '../grove.ts';
import { hashOfCid, type Cid } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';

/** What stands in for a manifest that is not held: its CID, author and date are known from the signed header. */
const unknownManifest = (createdAt: string): Manifest => ({
  manifestVersion: 1,
  kind: 'work',
  mode: 'evaluation',
  summary: '',
  artifacts: {},
  relations: [],
  tags: [],
  agent: { agentId: '' },
  createdAt,
});

function filesOf(core: Core, grove: Grove, manifest: Manifest) {
  return Object.entries(manifest.artifacts).map(([name, named]) => {
    const hash = hashOfCid(named as Cid);
    const blob = grove.blobs.get(hash);
    const held = blob?.held === true;
    const size = blob?.size ?? 0;
    const received = held ? size : (core.cas.info(hash)?.received ?? 0);
    return { name, hash: named, size, mediaType: blob?.rows[0]?.mediaType ?? '', held, received };
  });
}

export function itemOf(core: Core, grove: Grove, item: ContributionItem) {
  const manifest = item.manifest ?? unknownManifest(item.createdAt);
  const author = item.publishers[0]?.author ?? '';
  const files = filesOf(core, grove, manifest);
  return {
    cid: item.cid,
    kind: manifest.kind,
    mode: manifest.mode,
    summary: manifest.summary,
    agent: manifest.agent,
    author,
    authorName: author === '' ? '' : grove.members.nameOf(author),
    createdAt: item.createdAt,
    ...(manifest.scores === undefined ? {} : { scores: manifest.scores }),
    tags: manifest.tags,
    body: item.manifest !== null,
    artifacts: { held: files.filter(({ held }) => held).length, total: files.length },
    lifecycle: item.lifecycle,
  };
}

export function describe(core: Core, grove: Grove, record: ContributionRecord) {
  const manifest = record.manifest ?? unknownManifest(record.createdAt);
  const [first] = record.publishers;
  const kept = first === undefined ? null : (core.sync.log(grove.id)?.get(first.entry) ?? null);
  return {
    ...manifest,
    cid: record.cid,
    author: first?.author ?? '',
    authorName: first === undefined ? '' : grove.members.nameOf(first.author),
    publishers: record.publishers.map(({ author }) => author),
    withdrawn: record.withdrawn,
    receivedAt: kept?.receivedAt ?? 0,
    receivedFrom: kept?.receivedFrom ?? null,
    // An entry whose signature doesn't hold is never applied, so whatever is shown here is verified (SPEC S4).
    signature: 'verified' as const,
    body: record.manifest !== null,
    lifecycle: record.lifecycle,
    outgoing: record.outgoing,
    incoming: record.incoming,
    files: filesOf(core, grove, manifest),
    holders: core.holdings.knownHolders(grove, record.cid).size,
  };
}
