// Answers the calls of pages: checks them, takes bytes in and out of the store, and hands the rest to the node. It must
// not know which page asks.
import { ThicketError, unwrap } from '../core/model/errors.ts';
import { cidOf, type Hash } from '../core/model/ids.ts';
import { StoreError } from '../core/ports.ts';
import { makeBackup, readBackup } from '../backup.ts';
import type { EndpointTest } from '../adapters/signal-test.ts';
import type { Ingested } from '../ingest.ts';
import { exportFile } from '../portable/export.ts';
import { importFile } from '../portable/import.ts';
import type { Range } from '../read.ts';
import { sampleGrove } from '../sample.ts';
import type { ContributeInput, EditInput, LinkPath, Method, Methods, Settings, Stats } from './api.ts';
import { mediaTypeOf } from './media-types.ts';
import { checkCall } from './schemas.ts';

export interface ServerOptions {
  /** A call of the node; rejects with a ThicketError. */
  node(method: string, params: unknown, requestId: string | null): Promise<unknown>;
  /** Stores each as a blob, whatever its size: all of them or none. */
  ingest(sources: readonly (Blob | Uint8Array)[]): Promise<Ingested[]>;
  /** A blob that is held, or part of it. */
  read(hash: Hash, mediaType: string, range?: Range): Promise<Blob>;
  /** BLAKE3-256 of bytes, whatever their number. */
  hash(source: Blob | Uint8Array): Promise<Hash>;
  /** The parsed sample file. */
  loadSample(): Promise<unknown>;
  /** What only the process knows. */
  process(): Pick<Stats, 'build' | 'peer' | 'carrier'>;
  /** Whether a signaling address answers. */
  testEndpoint(url: string): Promise<EndpointTest>;
  /** Asked of the tab that carries the links. */
  paths(): Promise<LinkPath[]>;
  /** Settings as they are after a change. */
  onSettings(settings: Settings): void;
  uuid(): string;
  /** Once what was asked before is answered: another identity lies in the store now. */
  restart(): void;
}

export interface Server {
  /** Rejects with a ThicketError. */
  handle(method: string, params: unknown, requestId: string | null): Promise<unknown>;
}

/** What the node's internal method `artifactInfo` answers. */
interface HeldArtifact {
  hash: Hash;
  size: number;
  mediaType: string;
  held: boolean;
}

const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  globalThis.crypto.getRandomValues(new Uint8Array(count));

type Content = Blob | Uint8Array | string;

const bytesOf = (content: Content): Blob | Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;

export function createServer(options: ServerOptions): Server {
  /** The result's type is the contract between node.ts and rpc/api.ts. */
  const ask = async <M extends Method>(
    method: M,
    params: Methods[M]['params'],
    requestId: string | null,
  ): Promise<Methods[M]['result']> => (await options.node(method, params, requestId)) as Methods[M]['result'];

  /** Null, among artifacts, is none. */
  const write = async (
    [may, method]: readonly [may: string, method: 'contribute' | 'edit'],
    about: readonly string[],
    input: ContributeInput | EditInput,
    requestId: string | null,
  ): Promise<{ cid: string }> => {
    const { artifacts = {}, ...rest } = input;
    const all = Object.entries<Content | null>(artifacts);
    const none = all.filter(([, content]) => content === null);
    const given = all.flatMap(([name, content]) => (content === null ? [] : [[name, content] as const]));
    if (given.length > 0) {
      const names = given.map(([name]) => name);
      await options.node(may, [...about, rest, names], null);
    }
    const publish = async (blobs: readonly Ingested[]): Promise<{ cid: string }> => {
      const taken = given.flatMap(([name, content], i) => {
        const blob = blobs[i];
        if (blob === undefined) return [];
        const { hash, size, root } = blob;
        const type = typeof content === 'string' ? 'text/plain' : content instanceof Blob ? content.type : '';
        return [[name, { hash, size, root, mediaType: mediaTypeOf(name, type) }] as const];
      });
      const named = Object.fromEntries<unknown>([...none, ...taken]);
      const params = [...about, { ...rest, artifacts: named }];
      return (await options.node(method, params, requestId)) as { cid: string };
    };
    if (given.length === 0) return publish([]);
    return leased(async (taken) => {
      taken.push(...(await options.ingest(given.map(([, content]) => bytesOf(content)))));
      return publish(taken);
    });
  };

  const contribute = (
    grove: string,
    input: ContributeInput,
    requestId: string | null,
  ): Promise<{ cid: string }> => write(['mayContribute', 'contribute'], [grove], input, requestId);

  /** Nothing is collected between the first byte that is taken in and the entry that names it (C16). */
  const leased = async <T>(run: (taken: Ingested[]) => Promise<T>): Promise<T> => {
    const lease = await options.node('lease', [], null);
    const taken: Ingested[] = [];
    let code: string | null = null;
    try {
      return await run(taken);
    } catch (error) {
      code = error instanceof StoreError ? error.failure : error instanceof ThicketError ? error.code : null;
      throw error;
    } finally {
      const hashes = taken.map(({ hash }) => hash);
      await options.node('endLease', [lease, hashes, code], null);
    }
  };

  const artifact = async (grove: string, cid: string, name: string, range?: Range): Promise<Blob> => {
    const find = async (): Promise<HeldArtifact> =>
      (await options.node('artifactInfo', [grove, cid, name], null)) as HeldArtifact;
    let info = await find();
    if (!info.held) {
      await ask('fetch', [grove, cid, { artifacts: true }], null);
      info = await find();
    }
    return options.read(info.hash, info.mediaType, range);
  };

  const openSample = async (requestId: string): Promise<{ id: string }> => {
    const sample = unwrap(sampleGrove(await options.loadSample()));
    const { name, description, metrics, contributions } = sample;
    const grove = await ask('createGrove', [{ name, description, metrics }], `${requestId}/0`);
    const cids = new Map<string, string>();
    for (const [i, { localId, manifestFields, relations, artifact: file }] of contributions.entries()) {
      const input: ContributeInput = {
        ...manifestFields,
        relations: relations.map(({ target, relationType, metadata }) => {
          const targetCid = cids.get(target);
          if (targetCid === undefined) {
            throw new ThicketError(
              'corrupt',
              `sample: ${localId} comes before ${target}, which it points at`,
            );
          }
          return { targetCid, relationType, ...(metadata ? { metadata } : {}) };
        }),
        artifacts: { [file.name]: file.bytes },
      };
      const { cid } = await contribute(grove.id, input, `${requestId}/${i + 1}`);
      cids.set(localId, cid);
    }
    return grove;
  };

  const dispatch = async (method: string, params: unknown, requestId: string | null): Promise<unknown> => {
    const call = checkCall(method, params);
    switch (call.method) {
      case 'contribute':
        return contribute(call.params[0], call.params[1], requestId);
      case 'edit':
        return write(['mayEdit', 'edit'], [call.params[0], call.params[1]], call.params[2], requestId);
      case 'artifact':
        return artifact(...call.params);
      case 'hash':
        return cidOf(await options.hash(bytesOf(call.params[0])));
      case 'backup':
        return makeBackup(options.node, randomBytes, ...call.params);
      case 'restore':
        return readBackup(options.node, ...call.params);
      case 'renewKey': {
        const identity = await ask('renewKey', [], null);
        options.restart();
        return identity;
      }
      case 'export':
        return exportFile(options, ...call.params);
      case 'import': {
        const [grove, file, settings = {}] = call.params;
        const blob = file instanceof Blob ? file : new Blob([file as BlobPart]);
        return importFile({ ...options, leased }, grove, blob, settings, requestId);
      }
      case 'openSample':
        return openSample(requestId ?? options.uuid());
      case 'testEndpoint':
        return options.testEndpoint(...call.params);
      case 'paths':
        return options.paths();
      case 'stats':
        return { ...(await ask('stats', [], null)), ...options.process() };
      case 'settings': {
        const settings = await ask('settings', call.params, requestId);
        options.onSettings(settings);
        return settings;
      }
      default:
        return options.node(call.method, call.params, requestId);
    }
  };

  return {
    handle: (method, params, requestId) =>
      dispatch(method, params, requestId).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
        // Two writers at once is nothing a caller could mend but by trying again.
        throw new ThicketError(
          error.failure === 'conflict' ? 'busy' : error.failure,
          `store: ${error.message}`,
        );
      }),
  };
}
