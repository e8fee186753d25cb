// A CAR file as items (G27): manifests, and artifacts whole or in pieces of 1 MiB after a note. Knows no grove.
import { MIN_LARGE, type HashBytes } from './hashing.ts';
import { ThicketError } from '../core/model/errors.ts';
import { cidOf, type Hash } from '../core/model/ids.ts';
import {
  decodeCarHeader,
  decodeNote,
  MAX_CAR_HEADER,
  MAX_CID,
  MAX_SECTION,
  readCid,
  readVarint,
  type ArtifactNote,
  type CarCid,
} from '../core/wire/car.ts';
import { broken, manifestItem, type Item, type Source } from './items.ts';
import { createWindow, type Window } from './window.ts';

interface Section {
  line: number;
  cid: CarCid;
  /** Where its bytes lie in the file. */
  from: number;
  to: number;
}

/** @throws ThicketError `corrupt`, `too-large` where the header is wrong; later where a section can't be read. */
export async function readCar(blob: Blob, hash: HashBytes): Promise<Source> {
  const first = createWindow(blob);
  const roots = await readHeader(first, blob.size);
  const start = first.position();
  return {
    what: 'section',
    roots: roots.map((root) => root.hash),
    items: (verify) => itemsOf(blob, start, hash, verify),
  };
}

async function readHeader(window: Window, size: number): Promise<CarCid[]> {
  const head = readVarint(await window.peek(8));
  if (typeof head === 'string')
    throw new ThicketError('corrupt', 'import: neither lines of JSON nor a CAR file');
  window.take(head.length);
  if (head.value > Math.min(MAX_CAR_HEADER, size - head.length))
    throw new ThicketError('corrupt', `import: a CAR header of ${head.value} bytes, in a file of ${size}`);
  const header = decodeCarHeader(await window.peek(head.value));
  if (!header.ok)
    throw new ThicketError(header.code, `import: no lines of JSON, and as a CAR file: ${header.message}`);
  window.take(head.value);
  return header.value;
}

async function* itemsOf(
  blob: Blob,
  start: number,
  hash: HashBytes,
  verify: boolean,
): AsyncGenerator<Item, void, void> {
  const window = createWindow(blob.slice(start));
  let line = 0;

  /** The head of the next section; its bytes are next in the window. */
  async function next(): Promise<Section | null> {
    const at = start + window.position();
    if (at === blob.size) return null;
    line += 1;
    const wrong = (reason: string): ThicketError => broken('section', line, at, reason);
    const head = await window.peek(8 + MAX_CID);
    const length = readVarint(head);
    if (typeof length === 'string') throw wrong('no length, the file may be cut off');
    if (length.value > MAX_SECTION + MAX_CID)
      throw wrong(`at most ${MAX_SECTION} bytes and a CID, given ${length.value}`);
    if (length.value > blob.size - at - length.length)
      throw wrong(`${length.value} bytes are said, but the file ends before that`);
    const cid = readCid(head.subarray(length.length));
    if (!cid.ok) throw wrong(cid.message);
    if (cid.value.length > length.value) throw wrong('shorter than its CID');
    window.take(length.length + cid.value.length);
    const from = start + window.position();
    return { line, cid: cid.value.cid, from, to: from + length.value - cid.value.length };
  }

  async function contents({ from, to }: Section): Promise<Uint8Array> {
    const bytes = (await window.peek(to - from)).slice();
    window.take(bytes.length);
    return bytes;
  }

  /** Why a raw section isn't what its CID says, if so. Moves behind it. */
  async function pieceProblem(section: Section): Promise<string | null> {
    if (!verify) {
      window.take(section.to - section.from);
      return null;
    }
    const found = await hash(await contents(section));
    return found === section.cid.hash ? null : `its hash is ${found}, not ${section.cid.hash}`;
  }

  /** The artifact that a note tells of. Its pieces are the sections that follow: 1 MiB each, but for the last. */
  async function noted(at: Section, note: ArtifactNote): Promise<Item> {
    const pieces: Blob[] = [];
    let problem: string | null = null;
    for (let left = note.size; left > 0;) {
      const piece = await next();
      const size = Math.min(left, MAX_SECTION);
      if (piece === null)
        throw broken('section', line, blob.size, `the file ends before the artifact ${note.hash} does`);
      if (piece.cid.codec !== 'raw' || piece.to - piece.from !== size)
        throw broken(
          'section',
          line,
          piece.from,
          `${size} raw bytes of the artifact ${note.hash} belong here`,
        );
      const reason = await pieceProblem(piece);
      problem ??= reason;
      pieces.push(blob.slice(piece.from, piece.to));
      left -= size;
    }
    const bytes = new Blob(pieces);
    if (problem === null && verify) problem = await wholeProblem(bytes, note.hash);
    if (problem !== null) return { type: 'bad', line: at.line, reason: problem };
    return { type: 'artifact', line: at.line, hash: note.hash, mediaType: note.mediaType, bytes };
  }

  async function wholeProblem(bytes: Blob, expected: Hash): Promise<string | null> {
    const found = await hash(bytes.size < MIN_LARGE ? new Uint8Array(await bytes.arrayBuffer()) : bytes);
    return found === expected ? null : `the hash of the artifact is ${found}, not ${expected}`;
  }

  for (;;) {
    const section = await next();
    if (section === null) return;
    const { codec, hash: named } = section.cid;
    if (codec === 'raw') {
      const reason = await pieceProblem(section);
      yield reason === null
        ? {
            type: 'artifact',
            line,
            hash: named,
            mediaType: null,
            bytes: blob.slice(section.from, section.to),
          }
        : { type: 'bad', line, reason };
      continue;
    }
    const bytes = await contents(section);
    const found = await hash(bytes);
    if (codec === 'json') {
      yield manifestItem(line, bytes, cidOf(named), found);
      continue;
    }
    // How many sections belong to it is not known without it.
    if (found !== named) throw broken('section', line, section.from, `its hash is ${found}, not ${named}`);
    const note = decodeNote(bytes);
    if (!note.ok) throw broken('section', line, section.from, note.message);
    yield await noted(section, note.value);
  }
}
