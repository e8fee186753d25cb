// Calls that write contributions and withdraw them, and those that bring what is elsewhere.
import { isFailure } from '../context.ts';
import { blobKey } from '../cas/keys.ts';
import { decodeBlobRecord } from '../cas/record.ts';
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { encodeBody } from '../model/body.ts';
import { MAX_INLINE_BODY } from '../model/entry.ts';
import { ThicketError, unwrap } from '../model/errors.ts';
import { cidOf, hashOfCid, toHash, type Cid, type Hash } from '../model/ids.ts';
import { canonicalManifest, checkManifest, type Manifest } from '../model/manifest.ts';
import { encodeTable, type BlobRow } from '../model/table.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import { activeGrove, append, type Call } from './api.ts';
import { describe } from './describe.ts';

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

  /** The contribution, or an error that says that nobody here has heard of it. */
  function recordOf(grove: Grove, cid: string) {
    const record = grove.views.get(cid as Cid);
    if (record === null)
      throw new ThicketError('not-found', `cid: no contribution ${cid} in "${grove.name}"`);
    return record;
  }

  function publish(call: Call, grove: Grove, manifest: Manifest, rows: readonly BlobRow[]): void {
    const { bytes, hash, cid } = unwrap(canonicalManifest(manifest));
    const known = grove.views.get(cid);
    const standing =
      known !== null && !known.withdrawn && known.publishers.some(({ author }) => author === self);
    if (standing) return call.reply({ cid });
    const write = (all: readonly BlobRow[]): void => {
      const table = all.length === 0 ? null : encodeTable(all);
      const total = all.reduce((sum, { size }) => sum + size, 0);
      append(
        core,
        call,
        grove,
        { kind: 'contribution', body: bytes, table: table && { bytes: table, total } },
        () => ({
          cid,
        }),
      );
    };
    if (bytes.length <= MAX_INLINE_BODY) return write(rows);
    context.ingest(bytes, (blob) => {
      if (isFailure(blob)) return call.refuse(core.errorCode(blob.failure), blob.message);
      const row = {
        hash,
        size: blob.size,
        mediaType: 'application/json',
        root: toHash(hexToBytes(blob.root)),
      };
      write([...rows.filter((each) => each.hash !== hash), row]);
    });
  }

  /** Calls back once all of it is here, or it can't be had. */
  function bring(call: Call, grove: Grove, cid: Cid, artifacts: boolean, done: () => void): void {
    const hashes = (): Hash[] => {
      const manifest = recordOf(grove, cid).manifest;
      if (manifest === null) return [hashOfCid(cid)];
      return artifacts ? grove.artifactHashes(manifest) : [];
    };
    const missing = (): Hash[] => hashes().filter((hash) => grove.blobs.get(hash)?.held !== true);
    const whole = (): boolean => recordOf(grove, cid).manifest !== null && missing().length === 0;
    if (whole()) return done();
    const nowhere = missing().find((hash) => !grove.blobs.has(hash));
    if (nowhere !== undefined) {
      throw new ThicketError('not-found', `artifact: no publisher of ${cid} says where ${nowhere} is`);
    }
    if (core.peering.openLinks(grove.id).length === 0) {
      throw new ThicketError('offline', `fetch: no member of "${grove.name}" is linked just now`);
    }
    const failure = (): string | null => core.holdings.failureOf(missing());
    const timer = `fetch/${grove.id}/${cid}/${context.now()}`;
    const want = (): void => missing().forEach((hash) => core.holdings.want(grove, hash));
    want();
    const stop = core.holdings.wait({
      met: () => {
        if (whole()) return true;
        want();
        return failure() !== null;
      },
      done: () => {
        context.schedule(timer, null, () => undefined);
        const why = failure();
        if (why === null || whole()) done();
        else call.refuse('corrupt', `fetch: ${why}`);
      },
    });
    if (whole()) return;
    context.schedule(timer, context.now() + CONFIG.api.fetchTimeout, () => {
      stop();
      call.refuse(
        'timeout',
        `fetch: not complete within ${CONFIG.api.fetchTimeout / 1000} s; it goes on in the background`,
      );
    });
  }

  return {
    contribute(call: Call, id: string, fields: Fields): void {
      const grove = activeGrove(core, id);
      const taken = Object.entries(fields.artifacts ?? {});
      const name = identity.name;
      const manifest = unwrap(
        checkManifest({
          mode: 'evaluation',
          ...fields,
          manifestVersion: MANIFEST_VERSION,
          artifacts: Object.fromEntries(taken.map(([file, { hash }]) => [file, cidOf(hash)])),
          relations: fields.relations ?? [],
          tags: fields.tags ?? [],
          agent: fields.agent ?? {
            agentId: self,
            platform: 'thicket',
            ...(name === '' ? {} : { agentName: name }),
          },
          createdAt: fields.createdAt ?? new Date(context.now()).toISOString(),
        }),
      );
      const rows = new Map(
        taken.map(([, { hash, size, root, mediaType }]) => [hash, { hash, size, root, mediaType }]),
      );
      publish(call, grove, manifest, [...rows.values()]);
    },

    publish(call: Call, id: string, value: unknown): void {
      const grove = activeGrove(core, id);
      const manifest = unwrap(checkManifest(value));
      const hashes = grove.artifactHashes(manifest);
      context.read('blobs', hashes.map(blobKey), (records) => {
        // What is neither held nor named by others has no row: it is known by its hash alone.
        const rows = hashes.flatMap((hash, index): BlobRow[] => {
          const known = grove.blobs.get(hash)?.row;
          if (known !== undefined) return [known];
          const bytes = isFailure(records) ? null : (records[index] ?? null);
          const record = bytes && decodeBlobRecord(bytes);
          if (!record?.ok || !record.value.complete) return [];
          return [
            { hash, size: record.value.size, root: record.value.root, mediaType: 'application/octet-stream' },
          ];
        });
        try {
          publish(call, grove, manifest, rows);
        } catch (error) {
          if (!(error instanceof ThicketError)) throw error;
          call.refuse(error.code, error.message);
        }
      });
    },

    cid(call: Call, value: unknown): void {
      call.reply(unwrap(canonicalManifest(unwrap(checkManifest(value)))).cid);
    },

    retract(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      const record = recordOf(grove, cid);
      if (!record.publishers.some(({ author }) => author === self)) {
        throw new ThicketError('forbidden', 'cid: only those who published a contribution may retract it');
      }
      const body = encodeBody({ kind: 'retract', target: hashOfCid(record.cid) });
      append(core, call, grove, { kind: 'retract', body }, () => null);
    },

    fetch(call: Call, id: string, cid: string, options: { artifacts?: boolean } = {}): void {
      const grove = activeGrove(core, id);
      recordOf(grove, cid);
      bring(call, grove, cid as Cid, options.artifacts !== false, () =>
        call.reply(describe(core, grove, recordOf(grove, cid))),
      );
    },

    /** For the RPC server: what it needs to read an artifact out of the store. */
    artifactInfo(call: Call, id: string, cid: string, name: string): void {
      const grove = activeGrove(core, id);
      const { manifest } = recordOf(grove, cid);
      const named =
        manifest !== null && Object.hasOwn(manifest.artifacts, name) ? manifest.artifacts[name] : undefined;
      if (named === undefined) throw new ThicketError('not-found', `name: ${cid} has no artifact "${name}"`);
      const hash = hashOfCid(named as Cid);
      const blob = grove.blobs.get(hash);
      if (blob === undefined)
        throw new ThicketError('not-found', `name: no publisher says where "${name}" is`);
      call.reply({ hash, size: blob.row.size, mediaType: blob.row.mediaType, held: blob.held === true });
    },

    replicated(
      call: Call,
      id: string,
      cid: string,
      copies: number,
      options: { timeout?: number } = {},
    ): void {
      const grove = activeGrove(core, id);
      recordOf(grove, cid);
      const count = (): number => core.holdings.holdersOf(grove, cid as Cid).size;
      const timer = `replicated/${grove.id}/${cid}/${copies}/${context.now()}`;
      core.holdings.askHolders(grove, cid as Cid);
      const stop = core.holdings.wait({
        met: () => count() >= copies,
        done: () => {
          context.schedule(timer, null, () => undefined);
          call.reply({ copies: count() });
        },
      });
      if (count() >= copies) return;
      const timeout = Math.min(options.timeout ?? CONFIG.api.replicatedTimeout, CONFIG.api.maxTimeout);
      context.schedule(timer, context.now() + timeout, () => {
        stop();
        call.refuse('timeout', `replicated: ${count()} of ${copies} copies after ${timeout} ms`);
      });
    },
  };
}
