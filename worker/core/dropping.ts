// Bodies of what all publishers withdrew go from the disk (SPEC G25); headers stay, so the log verifies and syncs as before.
// Artifacts are the collector's: they may go once nothing that stands names them.
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import type { Grove } from './grove.ts';
import { hashOfCid, type Cid, type GroveId } from './model/ids.ts';
import { canonicalManifest } from './model/manifest.ts';
import type { WriteOp } from './ports.ts';

export type Dropping = ReturnType<typeof createDropping>;

/** Withdrawn by all, and nothing that stands needs its words here. Whether others hold it makes no difference. */
export const isAbandoned = (grove: Grove, cid: Cid): boolean =>
  grove.views.isWithdrawn(cid) && !grove.views.isNamed(cid) && !grove.record.pins.has(cid);

export function createDropping(core: Core) {
  const { context } = core;
  const { storage } = CONFIG;
  const groves = (): Grove[] => [...core.groves.values()];

  /** Bodies lie in the store by their hash, whichever grove they came with. */
  const mayGo = (cid: Cid): boolean =>
    groves().every((grove) => !grove.views.has(cid) || isAbandoned(grove, cid));

  function soon(id: GroveId): void {
    const key = `dropping/${id}`;
    if (!context.isScheduled(key))
      context.schedule(key, context.elapsed() + storage.dropAfter, () => drop(id));
  }

  function drop(id: GroveId): void {
    const grove = core.groves.get(id);
    if (grove === undefined) return;
    // Until all logs are read it isn't known what names what.
    if (groves().some(({ record, loaded }) => !loaded && record.state === 'active')) return soon(id);
    const rest = [...grove.retracted].filter(mayGo);
    const step = (): void => {
      const some = rest.splice(0, storage.rows).filter(mayGo);
      if (some.length === 0) return rest.length > 0 ? step() : undefined;
      const gone = some.map((cid): WriteOp => ({ op: 'delete', table: 'bodies', key: hashOfCid(cid) }));
      cutOut(groves(), some, (segments) =>
        context.write([...gone, ...segments], 'relaxed', (failure) => {
          if (failure !== null) return core.problem(failure);
          context.count('storage.dropped', some.length);
          for (const cid of some) if (!mayGo(cid)) putBack(cid);
          step();
        }),
      );
    };
    step();
  }

  /** Calls back with what takes them out of the segments that they lie in, of one grove after the other (SPEC S15). */
  function cutOut(
    [grove, ...rest]: readonly Grove[],
    cids: readonly Cid[],
    then: (ops: WriteOp[]) => void,
  ): void {
    if (grove === undefined) return then([]);
    const entries = cids.flatMap((cid) => grove.publications(cid));
    core.sync.withoutBodies(grove.id, entries, (ops) =>
      cutOut(rest, cids, (more) => then([...ops, ...more])),
    );
  }

  /** Someone published it just then: what was written before it was deleted is written again. */
  function putBack(cid: Cid): void {
    const manifest = groves()
      .map((grove) => grove.views.manifest(cid))
      .find((each) => each !== null);
    const canonical = manifest ? canonicalManifest(manifest) : null;
    if (canonical?.ok !== true) return;
    const { hash, bytes } = canonical.value;
    context.write([{ op: 'put', table: 'bodies', key: hash, value: bytes }], 'relaxed', (failure) => {
      if (failure !== null) core.problem(failure);
    });
  }

  return { soon };
}
