// A contribution as the scripting surface shows it: the manifest, who signed it, and what of it is where.
import type { Core } from '../core.ts';
import { claimStatus, type Claim } from '../graph/claims.ts';
import type { ContributionItem, ContributionRecord } from '../graph/types.ts';
import type { Grove } from '../grove.ts';
import { gatesOf, verifiedBrief } from '../judging.ts';
import { hiddenBy } from '../hidden.ts';
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

export function claimInfo(
  grove: Grove,
  claim: Pick<Claim, 'claim' | 'author' | 'at' | 'until' | 'ended' | 'note'>,
  now: number,
) {
  const { author, at, until, note } = claim;
  const authorName = grove.members.nameOf(author);
  return { claim: claim.claim, author, authorName, status: claimStatus(claim, now), at, until, note };
}

export function votesOf(core: Core, grove: Grove, cid: Cid) {
  const { votes } = grove.acts;
  const { up, down } = votes.of(cid);
  return { up, down, mine: votes.by(cid, core.identity.keypair.id) };
}

/** What members did about it, each where there is some. */
function actsOf(core: Core, grove: Grove, cid: Cid) {
  const votes = votesOf(core, grove, cid);
  const claim = grove.acts.claims.of(cid);
  const outcomes = grove.acts.outcomes.counts(cid);
  const hidden = hiddenBy(grove, cid);
  return {
    ...(votes.up + votes.down === 0 ? {} : { votes }),
    ...(claim === null ? {} : { claim: claimInfo(grove, claim, core.context.now()) }),
    ...(outcomes === null ? {} : { outcomes: { ...outcomes } }),
    ...(hidden === null ? {} : { hidden }),
  };
}

/** A manifest may hold any field: none may pass for what members did. */
function withoutActs(manifest: Manifest): Manifest {
  const kept: Manifest & { votes?: unknown; claim?: unknown; outcomes?: unknown; hidden?: unknown } = {
    ...manifest,
  };
  delete kept.votes;
  delete kept.claim;
  delete kept.outcomes;
  delete kept.hidden;
  return kept;
}

export function itemOf(core: Core, grove: Grove, item: ContributionItem) {
  const manifest = item.manifest ?? unknownManifest(item.createdAt);
  const author = item.publishers[0]?.author ?? '';
  const files = filesOf(core, grove, manifest);
  const verification = verifiedBrief(grove, item);
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
    ...(verification === null ? {} : { verification }),
    ...actsOf(core, grove, item.cid),
  };
}

export function describe(core: Core, grove: Grove, record: ContributionRecord) {
  const manifest = record.manifest ?? unknownManifest(record.createdAt);
  const [first] = record.publishers;
  const kept = first === undefined ? null : (core.sync.log(grove.id)?.get(first.entry) ?? null);
  return {
    ...withoutActs(manifest),
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
    gates: gatesOf(grove, record.cid),
    verification: verifiedBrief(grove, record),
    ...actsOf(core, grove, record.cid),
    outgoing: record.outgoing,
    incoming: record.incoming,
    files: filesOf(core, grove, manifest),
    holders: core.holdings.knownHolders(grove, record.cid).size,
  };
}
