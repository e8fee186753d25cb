// Writes contributions of a grove as one file (G27). Bytes become Blobs as soon as there are enough of them: the browser then
// keeps them, out of this worker's heap. What a contribution is the node says.
import { ThicketError } from '../core/model/errors.ts';
import { hashOfCid, type Cid, type Hash } from '../core/model/ids.ts';
import { parseManifest } from '../core/model/manifest.ts';
import { encodeCarHeader, encodeNote, MAX_ROOTS, MAX_SECTION, sectionHead } from '../core/wire/car.ts';
import { unwrap } from '../core/model/errors.ts';
import { release } from '../release.ts';
import type { Range } from '../read.ts';
import type { ExportOptions } from '../rpc/shapes/portable.ts';
import { createHashBytes } from './hashing.ts';
import { lineOf } from './ndjson.ts';
import { inOrder, type Node } from './order.ts';

export interface ExportDeps {
  node(method: string, params: unknown, requestId: string | null): Promise<unknown>;
  read(hash: Hash, mediaType: string, range?: Range): Promise<Blob>;
  hash(source: Blob | Uint8Array): Promise<Hash>;
}

/** What the node's internal `exportFacts` answers of a CID; null where the grove doesn't have it. */
export interface ExportFacts extends Node {
  body: boolean;
  withdrawn: boolean;
  /** Artifacts that aren't held here. */
  lacks: number;
}
/** And `exportManifests`. */
interface Whole {
  cid: Cid;
  bytes: Uint8Array;
  files: { hash: Hash; size: number; mediaType: string; held: boolean }[];
}

/** Asked of the node at once: a few ms of its time. */
const PAGE = 128;
const BLOB = 1024 * 1024;
const TYPES = { ndjson: 'application/x-ndjson', car: 'application/vnd.ipld.car' } as const;

export async function exportFile(deps: ExportDeps, grove: string, options: ExportOptions): Promise<Blob> {
  const withArtifacts = options.format === 'car' && options.artifacts !== false;
  const nodes = held(await choose(deps, grove, options), options, withArtifacts);
  const cids = inOrder(nodes);
  const out = createParts();
  if (options.format === 'car')
    out.add(encodeCarHeader(rootsOf(nodes, cids).map((cid) => ({ codec: 'json', hash: hashOfCid(cid) }))));
  const seen = new Set<Hash>();
  for (let at = 0; at < cids.length; at += PAGE) {
    const page = (await deps.node('exportManifests', [grove, cids.slice(at, at + PAGE)], null)) as Whole[];
    for (const { cid, bytes, files } of page) {
      if (options.format === 'ndjson') {
        out.add(lineOf(cid, unwrap(parseManifest(bytes))));
        continue;
      }
      for (const file of withArtifacts ? files : []) {
        if (!file.held || seen.has(file.hash)) continue;
        seen.add(file.hash);
        await addArtifact(deps, out, file);
      }
      out.add(sectionHead({ codec: 'json', hash: hashOfCid(cid) }, bytes.length));
      out.add(bytes);
    }
  }
  return out.end(TYPES[options.format]);
}

// ---- what goes in -------------------------------------------------------------------------------------

async function choose(
  deps: ExportDeps,
  grove: string,
  { cids, lineage }: ExportOptions,
): Promise<Map<Cid, ExportFacts>> {
  const found = new Map<Cid, ExportFacts>();

  async function look(
    wanted: readonly Cid[],
    take: (facts: ExportFacts | null, cid: Cid) => void,
  ): Promise<void> {
    for (let at = 0; at < wanted.length; at += PAGE) {
      const page = wanted.slice(at, at + PAGE);
      const facts = (await deps.node('exportFacts', [grove, page], null)) as (ExportFacts | null)[];
      page.forEach((cid, i) => take(facts[i] ?? null, cid));
    }
  }
  const named = (facts: ExportFacts | null, cid: Cid): void => {
    if (facts === null) throw new ThicketError('not-found', `export: the grove has no contribution ${cid}`);
    found.set(cid, facts);
  };

  const start = lineage === undefined ? cids : [lineage];
  if (start !== undefined) await look([...new Set(start)] as Cid[], named);
  else {
    for (let from: number | null = 0; from !== null;) {
      const page = (await deps.node('exportList', [grove, from], null)) as {
        cids: Cid[];
        next: number | null;
      };
      const fresh = page.cids.filter((cid) => !found.has(cid));
      await look(fresh, (facts, cid) => facts?.withdrawn === false && found.set(cid, facts));
      from = page.next;
    }
  }
  if (lineage === undefined) return found;
  for (let edge = [...found.values()]; edge.length > 0;) {
    const next = new Set(edge.flatMap(({ targets }) => targets).filter((cid) => !found.has(cid)));
    edge = [];
    // What it points at and the grove never heard of is no part of it.
    await look([...next], (facts, cid) => {
      if (facts === null) return;
      found.set(cid, facts);
      edge.push(facts);
    });
  }
  return found;
}

/** Those whose manifest is here. @throws ThicketError `not-found` where something isn't and may not be left out. */
function held(
  found: ReadonlyMap<Cid, ExportFacts>,
  { partial = false }: ExportOptions,
  withArtifacts: boolean,
): Map<Cid, ExportFacts> {
  const here = new Map([...found].filter(([, { body }]) => body));
  if (partial) return here;
  const bodies = found.size - here.size;
  const artifacts = withArtifacts ? [...here.values()].reduce((sum, { lacks }) => sum + lacks, 0) : 0;
  if (bodies + artifacts === 0) return here;
  throw new ThicketError(
    'not-found',
    `export: ${bodies} manifests and ${artifacts} artifacts of ${found.size} contributions are not held here: fetch them, or leave them out with partial: true`,
  );
}

/** What nothing else in the file points at: the last ones, as many as a header takes. The last of all is among them. */
function rootsOf(nodes: ReadonlyMap<Cid, Node>, cids: readonly Cid[]): Cid[] {
  const targets = new Set([...nodes.values()].flatMap((node) => node.targets));
  return cids.filter((cid) => !targets.has(cid)).slice(-MAX_ROOTS);
}

// ---- bytes --------------------------------------------------------------------------------------------

type Parts = ReturnType<typeof createParts>;

function createParts() {
  const parts: Blob[] = [];
  let ready: Uint8Array[] = [];
  let size = 0;
  function cut(): void {
    if (ready.length > 0) parts.push(new Blob(ready as BlobPart[]));
    [ready, size] = [[], 0];
  }
  return {
    add(bytes: Uint8Array): void {
      ready.push(bytes);
      size += bytes.length;
      if (size >= BLOB) cut();
    },
    addBlob(blob: Blob): void {
      cut();
      parts.push(blob);
    },
    end(type: string): Blob {
      cut();
      return new Blob(parts, { type });
    },
  };
}

async function addArtifact(
  deps: ExportDeps,
  out: Parts,
  { hash, size, mediaType }: Whole['files'][number],
): Promise<void> {
  const hashOf = createHashBytes(deps.hash);
  const note = encodeNote({ hash, size, mediaType });
  out.add(sectionHead({ codec: 'cbor', hash: await hashOf(note) }, note.length));
  out.add(note);
  for (let at = 0; at < size; at += MAX_SECTION) {
    const piece = await deps.read(hash, '', { start: at, end: Math.min(at + MAX_SECTION, size) });
    const bytes = new Uint8Array(await piece.arrayBuffer());
    out.add(
      sectionHead({ codec: 'raw', hash: size <= MAX_SECTION ? hash : await hashOf(bytes) }, bytes.length),
    );
    if (bytes.length < BLOB / 16) out.add(bytes);
    else {
      out.addBlob(piece);
      release(bytes);
    }
  }
}
