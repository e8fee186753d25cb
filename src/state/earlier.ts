// The files of one name in the contributions that another derives from: what its own file can be compared with.
import type { ArtifactInfo, Contribution } from '../../worker/rpc/api.ts';
import type { Read } from '../preview/told.ts';
import type { Thicket } from './thicket.ts';

export interface Earlier {
  cid: string;
  summary: string;
  file: ArtifactInfo;
  read: Read;
  isHeld(): Promise<boolean>;
  /** Resolves once it is here. */
  fetch(): Promise<void>;
}

/** Parents that are looked at. */
const MOST = 8;

export async function earlierFiles(
  thicket: Thicket,
  grove: string,
  item: Pick<Contribution, 'outgoing'>,
  name: string,
): Promise<Earlier[]> {
  const parents = item.outgoing.filter(({ relationType }) => relationType === 'derives_from').slice(0, MOST);
  const found = await Promise.all(parents.map(({ cid }) => contributionOrNull(thicket, grove, cid)));
  return found.flatMap((parent) => {
    const file = parent?.files.find((each) => each.name === name);
    if (parent === null || file === undefined) return [];
    const { cid, summary } = parent;
    return {
      cid,
      summary,
      file,
      read: (range) => thicket.artifact(grove, cid, name, range),
      isHeld: async () =>
        (await thicket.contribution(grove, cid)).files.some((each) => each.name === name && each.held),
      fetch: async () => {
        await thicket.fetch(grove, cid, { artifacts: true });
      },
    };
  });
}

/** Null where nobody here has heard of it, or only its header is known. */
async function contributionOrNull(
  thicket: Thicket,
  grove: string,
  cid: string,
): Promise<Contribution | null> {
  try {
    const parent = await thicket.contribution(grove, cid);
    return parent.body ? parent : null;
  } catch {
    return null;
  }
}
