// Bodies of contributions that came without them: asked of all who share the grove, and given to who asks (SPEC S7).
// Bodies over 64 KiB are blobs and no matter of this file.
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import type { Grove } from './grove.ts';
import { cidOf, toHash, type Hash, type LinkId } from './model/ids.ts';
import { hash32 } from './model/keys.ts';
import { parseManifest } from './model/manifest.ts';

export type Bodies = ReturnType<typeof createBodies>;

export function createBodies(core: Core) {
  const { context } = core;
  const { bodies } = CONFIG;

  /** What the policy has fetched by itself. */
  const wanted = (grove: Grove): Hash[] =>
    [...grove.missing].filter((hash) => core.policies.wantsBody(grove, cidOf(hash))).slice(0, bodies.asked);

  function ask(grove: Grove, link: LinkId): void {
    const hashes = wanted(grove);
    if (hashes.length > 0) context.send(link, { type: 'want-body', grove: grove.id, hashes }, 'control');
  }

  /** Asks everybody soon, and again for as long as something is missing: who has it may come later. */
  function askSoon(grove: Grove, after: number): void {
    const key = `bodies/${grove.id}`;
    if (context.isScheduled(key) || wanted(grove).length === 0) return;
    context.schedule(key, context.elapsed() + after, () => {
      if (core.groves.get(grove.id) !== grove) return;
      for (const link of core.peering.openLinks(grove.id)) ask(grove, link);
      for (const hash of wanted(grove)) {
        // Asked for in vain: neighbours may not keep bodies, others do.
        if (after === bodies.again) core.fetching.inBackground(grove, cidOf(hash), false);
        // To the end of the line: what nobody has must not keep the rest from being asked for.
        grove.missing.delete(hash);
        grove.missing.add(hash);
      }
      askSoon(grove, bodies.again);
    });
  }

  /** Stores the verified bytes of a manifest that came apart from its header, and lets it enter the views. */
  function take(grove: Grove, hash: Hash, bytes: Uint8Array): void {
    const manifest = parseManifest(bytes);
    if (!manifest.ok) {
      grove.missing.delete(hash);
      return context.count('entries.malformed');
    }
    context.write([{ op: 'put', table: 'bodies', key: hash, value: bytes }], 'relaxed', (failure) => {
      if (failure !== null) return core.problem(failure);
      const cid = cidOf(hash);
      grove.missing.delete(hash);
      grove.addBody(cid, manifest.value);
      if (grove.views.has(cid)) core.questions.came(grove, cid);
      const hashes = grove.artifactHashes(manifest.value);
      core.holdings.lookUp(grove, hashes, () => {
        core.holdings.wantByPolicy(grove, hashes);
        core.holdings.announceIfComplete(grove, cid);
        core.holdings.settle();
      });
      core.changed(grove.id);
    });
  }

  return {
    /** Contributions were applied, some perhaps without their bodies. */
    want: (grove: Grove): void => askSoon(grove, bodies.soon),

    /** A grove opened on a link. */
    linkOpened: (grove: Grove, link: LinkId): void => ask(grove, link),

    onWant(link: PeerLink, grove: Grove, hashes: readonly Hash[]): void {
      // Only what this grove's log names; and no more than the channel takes.
      const known = hashes.slice(0, bodies.asked).filter((hash) => grove.views.has(cidOf(hash)));
      if (known.length === 0 || context.outstanding(link.link) > bodies.window) return;
      // It may lie with any of its publications.
      const entries = known.flatMap((hash) => grove.publications(cidOf(hash)));
      core.sync.readBodies(grove.id, entries.slice(0, bodies.asked), (values) => {
        if (core.links.get(link.link) !== link) return;
        const found = values.filter((body) => body !== null).filter(({ length }) => length <= bodies.largest);
        for (const [hash, body] of new Map(found.map((each) => [toHash(hash32(each)), each]))) {
          context.send(link.link, { type: 'body', grove: grove.id, hash, body, table: null }, 'bulk');
        }
      });
    },

    onBody(link: LinkId, grove: Grove, hash: Hash, body: Uint8Array): void {
      if (!grove.missing.has(hash)) return context.count('frames.unasked');
      if (toHash(hash32(body)) !== hash) {
        context.blame(link, 'bad-entry');
        return context.count('entries.badBody');
      }
      take(grove, hash, body);
    },

    take,
  };
}
