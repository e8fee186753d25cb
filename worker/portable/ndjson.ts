// Manifests as lines: each the canonical JSON of a manifest with its `cid` (G27). Knows no grove.
import { canonicalJson, JSON_DEPTH, nesting, parseJson } from '../core/model/json.ts';
import { equalBytes, fromUtf8, utf8 } from '../core/model/bytes.ts';
import { isCid, type Cid } from '../core/model/ids.ts';
import { canonicalManifest, checkManifest, LIMITS, type Manifest } from '../core/model/manifest.ts';
import { broken, type Item, type Source } from './items.ts';
import { createWindow } from './window.ts';

/** A manifest of the largest kind, and `"cid":"blake3:…",`. */
const MAX_LINE = LIMITS.bytes + 100;
const NEW_LINE = 10;

/** With the line break that ends it. */
export const lineOf = (cid: Cid, manifest: Manifest): Uint8Array =>
  utf8(`${canonicalJson({ ...manifest, cid })}\n`);

export function readLines(blob: Blob): Source {
  return {
    what: 'line',
    roots: [],
    async *items(): AsyncGenerator<Item, void, void> {
      const window = createWindow(blob);
      for (let line = 1; window.position() < blob.size; line += 1) {
        const at = window.position();
        const bytes = await nextLine(window);
        if (bytes === null) throw broken('line', line, at, `at most ${MAX_LINE} bytes, given more`);
        yield itemOf(line, bytes.slice());
        window.take(bytes.length + 1);
      }
    },
  };
}

/** Without its end; null where it is too long. */
async function nextLine(window: ReturnType<typeof createWindow>): Promise<Uint8Array | null> {
  // Most lines are short: looked for in what is at hand first.
  for (let most = 4_096; ; most *= 8) {
    const wanted = Math.min(most, MAX_LINE + 1);
    const bytes = await window.peek(wanted);
    const end = bytes.indexOf(NEW_LINE);
    if (end >= 0) return bytes.subarray(0, end);
    if (bytes.length < wanted) return bytes;
    if (wanted > MAX_LINE) return null;
  }
}

function itemOf(line: number, bytes: Uint8Array): Item {
  const bad = (reason: string): Item => ({ type: 'bad', line, reason });
  const source = fromUtf8(bytes);
  if (!source.ok) return bad(source.message);
  if (nesting(source.value) > JSON_DEPTH) return bad(`at most ${JSON_DEPTH} levels of JSON`);
  const value = parseJson(source.value, 'not JSON');
  if (!value.ok) return bad(value.message);
  const named = value.value instanceof Object ? (value.value as { cid?: unknown }).cid : undefined;
  if (!isCid(named)) return bad('a manifest with its cid: blake3: and 64 hex digits');
  const manifest = checkManifest(value.value);
  if (!manifest.ok) return bad(manifest.message);
  const canonical = canonicalManifest(manifest.value);
  if (!canonical.ok) return bad(canonical.message);
  const { cid } = canonical.value;
  if (cid !== named) return bad(`its hash is ${cid}, not ${named}`);
  if (!equalBytes(utf8(canonicalJson({ ...manifest.value, cid })), bytes))
    return bad('not in canonical form');
  return { type: 'manifest', line, cid, manifest: manifest.value, bytes: canonical.value.bytes };
}
