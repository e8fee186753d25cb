// Calls that write contributions and withdraw them, and those that bring what is elsewhere.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import { cidOf, hashOfCid, type Cid, type Hash } from '../model/ids.ts';
import { canonicalManifest, checkManifest, type Manifest } from '../model/manifest.ts';
import { activeGrove, checkMayWrite, recordIn, write, type Call } from './api.ts';
import { bring } from './bring.ts';
import { describe } from './describe.ts';
import { NO_HASH, authored, heldRows, publishManifest } from './publishing.ts';

/** What the RPC server made of an artifact: its bytes are in the store already. */
interface TakenArtifact {
  hash: Hash;
  size: number;
  root: Hash;
  mediaType: string;
}

type Fields = Omit<Partial<Manifest>, 'artifacts'> & { artifacts?: { [name: string]: TakenArtifact } };

const MANIFEST_VERSION = 1;

export function contributionCalls(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;

  function manifestOf(fields: Fields, artifacts: readonly (readonly [name: string, hash: Hash])[]): Manifest {
    const own = authored(core);
    return unwrap(
      checkManifest({
        mode: 'evaluation',
        ...fields,
        manifestVersion: MANIFEST_VERSION,
        artifacts: Object.fromEntries(artifacts.map(([file, hash]) => [file, cidOf(hash)])),
        relations: fields.relations ?? [],
        tags: fields.tags ?? [],
        agent: fields.agent ?? own.agent,
        createdAt: fields.createdAt ?? own.createdAt,
      }),
    );
  }

  return {
    /** For the RPC server: refuses what `contribute` would refuse whatever the artifacts' bytes are (C22). */
    mayContribute(call: Call, id: string, fields: Omit<Fields, 'artifacts'>, names: readonly string[]): void {
      const grove = activeGrove(core, id);
      checkMayWrite(core, grove, 'contribution');
      unwrap(
        canonicalManifest(
          manifestOf(
            fields,
            names.map((name) => [name, NO_HASH]),
          ),
        ),
      );
      call.reply(null);
    },

    contribute(call: Call, id: string, fields: Fields): void {
      const grove = activeGrove(core, id);
      const taken = Object.entries(fields.artifacts ?? {});
      const manifest = manifestOf(
        fields,
        taken.map(([name, { hash }]) => [name, hash]),
      );
      const rows = new Map(
        taken.map(([, { hash, size, root, mediaType }]) => [hash, { hash, size, root, mediaType }]),
      );
      publishManifest(core, call, grove, manifest, [...rows.values()]);
    },

    publish(call: Call, id: string, value: unknown): void {
      const grove = activeGrove(core, id);
      const manifest = unwrap(checkManifest(value));
      heldRows(core, grove, grove.artifactHashes(manifest), (rows) =>
        call.attempt(() => publishManifest(core, call, grove, manifest, rows)),
      );
    },

    cid(call: Call, value: unknown): void {
      call.reply(unwrap(canonicalManifest(unwrap(checkManifest(value)))).cid);
    },

    retract(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      const record = recordIn(grove, cid);
      if (!record.publishers.some(({ author }) => grove.isOne(author, self))) {
        throw new ThicketError('forbidden', 'cid: only those who published a contribution may retract it');
      }
      write(core, call, grove, { kind: 'retract', target: hashOfCid(record.cid) });
    },

    fetch(call: Call, id: string, cid: string, options: { artifacts?: boolean } = {}): void {
      const grove = activeGrove(core, id);
      recordIn(grove, cid);
      bring(core, call, grove, cid as Cid, options.artifacts !== false, () =>
        call.reply(describe(core, grove, recordIn(grove, cid))),
      );
    },

    /** For the RPC server: what it needs to read an artifact out of the store. */
    artifactInfo(call: Call, id: string, cid: string, name: string): void {
      const grove = activeGrove(core, id);
      const { manifest } = recordIn(grove, cid);
      const named =
        manifest !== null && Object.hasOwn(manifest.artifacts, name) ? manifest.artifacts[name] : undefined;
      if (named === undefined) throw new ThicketError('not-found', `name: ${cid} has no artifact "${name}"`);
      const hash = hashOfCid(named as Cid);
      const blob = grove.blobs.get(hash);
      const [row] = blob?.rows ?? [];
      if (blob === undefined || (row === undefined && blob.held !== true))
        throw new ThicketError('not-found', `name: no publisher says where "${name}" is`);
      const mediaType = row?.mediaType ?? 'application/octet-stream';
      core.storage.using(hash);
      call.reply({ hash, size: blob.size, mediaType, held: blob.held === true });
    },

    replicated(
      call: Call,
      id: string,
      cid: string,
      copies: number,
      options: { timeout?: number } = {},
    ): void {
      const grove = activeGrove(core, id);
      recordIn(grove, cid);
      const count = (): number => core.holdings.knownHolders(grove, cid as Cid).size;
      const timer = core.timer('replicated');
      core.holdings.askHolders(grove, cid as Cid);
      if (count() >= copies) return call.reply({ copies: count() });
      const stop = core.holdings.wait({
        met: () => count() >= copies || core.groves.get(grove.id) !== grove,
        done: () => {
          context.schedule(timer, null, () => undefined);
          if (count() >= copies) call.reply({ copies: count() });
          else call.refuse('not-found', `grove: this device left "${grove.name}"`);
        },
      });
      const timeout = Math.min(options.timeout ?? CONFIG.api.replicatedTimeout, CONFIG.api.maxTimeout);
      context.schedule(timer, context.elapsed() + timeout, () => {
        stop();
        call.refuse('timeout', `replicated: ${count()} of ${copies} copies after ${timeout} ms`);
      });
    },
  };
}
