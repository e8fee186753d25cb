// The manifest of an edit (SPEC G25): what supersedes a contribution carries over all that it doesn't change, fields of
// later versions too. Knows nothing of who may edit, or of where artifacts are.
import type { Cid } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';

/** Null takes away what the former had. */
export interface EditFields {
  mode?: string;
  summary?: string;
  description?: string | null;
  /** By name: those not named are carried over. */
  artifacts?: Readonly<Record<string, Cid | null>>;
  relations?: Manifest['relations'];
  scores?: Manifest['scores'] | null;
  tags?: string[];
  context?: Manifest['context'] | null;
  agent?: Manifest['agent'];
  createdAt?: string;
}

const SUPERSEDES = 'supersedes';

export function editedManifest(
  cid: Cid,
  former: Manifest,
  fields: EditFields,
  by: Pick<Manifest, 'agent' | 'createdAt'>,
): Record<string, unknown> {
  const { artifacts = {}, relations, ...rest } = fields;
  const merged = Object.entries({ ...former, ...by, ...rest }).filter(([, value]) => value != null);
  const files = Object.entries({ ...former.artifacts, ...artifacts }).filter(([, named]) => named !== null);
  return {
    ...Object.fromEntries(merged),
    artifacts: Object.fromEntries(files),
    relations: [superseding(cid), ...(relations ?? kept(former)).filter((each) => !isAbout(each, cid))],
  };
}

const superseding = (cid: Cid): Manifest['relations'][number] => ({
  targetCid: cid,
  relationType: 'derives_from',
  metadata: { relationship: SUPERSEDES },
});

/** What the former itself superseded is superseded already; saying so again would count for nothing new. */
const kept = ({ relations }: Manifest): Manifest['relations'] =>
  relations.filter(
    ({ relationType, metadata }) =>
      !(relationType === 'derives_from' && metadata?.['relationship'] === SUPERSEDES),
  );

/** Of several relations with one type and target the first counts (SPEC G4), so that another would only be in the way. */
const isAbout = ({ relationType, targetCid }: Manifest['relations'][number], cid: Cid): boolean =>
  relationType === 'derives_from' && targetCid === cid;
