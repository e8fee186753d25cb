// Calls that edit: a contribution that supersedes another and carries over what it doesn't change (SPEC G25).
import type { Core } from '../core.ts';
import { editedManifest, type EditFields } from '../graph/edited.ts';
import type { Grove } from '../grove.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import { cidOf, type Cid, type Hash } from '../model/ids.ts';
import { canonicalManifest, checkManifest, type Manifest } from '../model/manifest.ts';
import type { BlobRow } from '../model/table.ts';
import { activeGrove, checkMayWrite, itemIn, type Call } from './api.ts';
import { bring } from './bring.ts';
import { NO_HASH, authored, heldRows, publishManifest } from './publishing.ts';

type Given = Omit<EditFields, 'artifacts'>;
/** What the RPC server made of the artifacts that are new: their bytes are in the store already. */
type Taken = Readonly<Record<string, BlobRow | null>>;

export function editCalls(core: Core) {
  /** Has the former's manifest brought where it isn't held. */
  function former(call: Call, grove: Grove, cid: string, then: (cid: Cid, manifest: Manifest) => void): void {
    checkMayWrite(core, grove, 'contribution');
    const item = itemIn(grove, cid);
    if (item.withdrawn)
      throw new ThicketError('not-found', `cid: ${cid} was withdrawn by all who published it`);
    bring(core, call, grove, item.cid, false, () => {
      const manifest = grove.views.manifest(item.cid);
      if (manifest === null) throw new ThicketError('not-found', `cid: the text of ${cid} is not here`);
      then(item.cid, manifest);
    });
  }

  function manifestOf(cid: Cid, manifest: Manifest, fields: EditFields): Manifest {
    return unwrap(checkManifest(editedManifest(cid, manifest, fields, authored(core))));
  }

  return {
    /** For the RPC server: refuses what `edit` would refuse whatever the new artifacts' bytes are (C22). */
    mayEdit(call: Call, id: string, cid: string, fields: Given, names: readonly string[]): void {
      const grove = activeGrove(core, id);
      former(call, grove, cid, (known, manifest) => {
        const artifacts = Object.fromEntries(names.map((name) => [name, cidOf(NO_HASH)]));
        unwrap(canonicalManifest(manifestOf(known, manifest, { ...fields, artifacts })));
        call.reply(null);
      });
    },

    edit(call: Call, id: string, cid: string, fields: Given & { artifacts?: Taken } = {}): void {
      const grove = activeGrove(core, id);
      const { artifacts = {}, ...rest } = fields;
      former(call, grove, cid, (known, manifest) => {
        const named = Object.entries(artifacts).map(([name, row]) => [name, row && cidOf(row.hash)] as const);
        const next = manifestOf(known, manifest, { ...rest, artifacts: Object.fromEntries(named) });
        const taken = new Map<Hash, BlobRow>();
        for (const row of Object.values(artifacts)) if (row !== null) taken.set(row.hash, row);
        const carried = grove.artifactHashes(next).filter((hash) => !taken.has(hash));
        heldRows(core, grove, carried, (rows) =>
          call.attempt(() => publishManifest(core, call, grove, next, [...rows, ...taken.values()])),
        );
      });
    },
  };
}
