// Repairs what a check found wrong in logs: our own signatures are made again, bodies put together from their blobs, and the rest is
// asked of who shares the grove (SPEC S18). What nobody gives stays as it lies, and is told.
import { CONFIG } from '../config.ts';
import { isFailure } from '../context.ts';
import { signEntry } from '../model/entry.ts';
import type { EntryId, GroveId, Hash } from '../model/ids.ts';
import type { LogEntry } from '../sync/log.ts';
import { encodeRow, rowKey } from '../sync/row.ts';
import type { Finding } from './findings.ts';
import type { Blamed, LogCheck } from './logs.ts';
import { inTurn, type Run } from './run.ts';

interface Open {
  blamed: Blamed;
  finding: Finding;
}

export function mendLogs(run: Run, { blamed, loose }: LogCheck, then: () => void): void {
  const { core, findings } = run;
  const { context } = core;
  const { keypair } = core.identity;
  const told = blamed.map((each): Open => ({
    blamed: each,
    finding: findings.add(
      each.kind,
      each.grove.id,
      each.kept.id,
      `entry ${each.kept.seq} of ${each.kept.author === keypair.id ? 'this device' : each.kept.author}: ${each.detail}`,
    ),
  }));
  const orphans =
    loose.length === 0
      ? null
      : findings.add('orphan', null, 'bodies', `${loose.length} bodies that no entry names`);
  if (!run.repair) return then();

  /** Ed25519 gives the same signature again. */
  function sign({ blamed: { grove, kept, row }, finding }: Open, next: () => void): void {
    if (row === null) return next();
    const signature = signEntry(context.signatures, keypair, kept.id);
    const value = encodeRow({ ...row, signature });
    context.write([{ op: 'put', table: 'log', key: rowKey(grove.id, kept), value }], 'strict', (failure) => {
      if (failure === null) findings.settle(finding, 'repaired');
      next();
    });
  }

  /** The text of a large contribution is stored as an artifact too. */
  function assemble({ blamed: { kept }, finding }: Open, next: () => void): void {
    context.assemble(kept.body, (bytes) => {
      if (bytes === null || isFailure(bytes)) return next();
      context.write([{ op: 'put', table: 'bodies', key: kept.body, value: bytes }], 'strict', (failure) => {
        if (failure === null) findings.settle(finding, 'repaired');
        next();
      });
    });
  }

  function ask(id: GroveId, all: readonly Open[], next: () => void): void {
    const open = new Map<EntryId, Open>(all.map((each) => [each.blamed.kept.id, each]));
    const pipeline = core.sync.pipeline(id);
    const links = pipeline?.exchange.links() ?? [];
    const key = `verify/mend/${id}`;
    let stop = (): void => undefined;
    const end = (): void => {
      context.schedule(key, null, end);
      stop();
      for (const { blamed: each, finding } of open.values())
        findings.settle(finding, 'lost', why(each, links.length));
      next();
    };
    if (pipeline === null || links.length === 0) return end();
    const wait = (): void => context.schedule(key, context.elapsed() + CONFIG.verify.patience, end);
    wait();
    stop = pipeline.mend(
      all.map(({ blamed: each }) => ({ kept: each.kept, body: each.body })),
      ({ id: entry }: LogEntry) => {
        const each = open.get(entry);
        if (each === undefined) return;
        open.delete(entry);
        findings.settle(each.finding, 'repaired', `${each.finding.detail}; another member gave it again`);
        run.progress('repair', all.length - open.size, all.length);
        if (open.size === 0) end();
        else wait();
      },
    );
  }

  function why({ detail, kept, grove }: Blamed, links: number): string {
    const what = `entry ${kept.seq} of ${kept.author === keypair.id ? 'this device' : kept.author}: ${detail}`;
    if (kept.author === keypair.id && kept.seq > grove.record.acknowledged)
      return `${what}; it is this device’s own, and no other member is known to have it`;
    return links === 0
      ? `${what}; nobody who shares the grove is linked now`
      : `${what}; nobody who is linked now gave it`;
  }

  const isOpen = ({ finding }: Open): boolean => finding.state === 'found';
  const own = told.filter(
    ({ blamed: { kept, kind, row, body } }) =>
      kept.author === keypair.id && kind === 'signature' && row !== null && kept.slot === null && !body,
  );
  const large = told.filter(
    ({ blamed: { kind, grove, kept } }) => kind === 'body' && grove.blobs.get(kept.body)?.held === true,
  );
  inTurn(
    [
      ...own.map((each) => (next: () => void) => sign(each, next)),
      ...large.map((each) => (next: () => void) => assemble(each, next)),
      (next) => {
        if (orphans === null) return next();
        dropBodies(run, loose, (dropped) => {
          if (dropped) findings.settle(orphans, 'repaired');
          next();
        });
      },
      (next) => {
        const groves = [...new Set(told.filter(isOpen).map(({ blamed: { grove } }) => grove.id))];
        let left = groves.length;
        if (left === 0) return next();
        // All at once: who is asked in one grove need not wait for who is silent in another.
        for (const id of groves)
          ask(
            id,
            told.filter((each) => isOpen(each) && each.blamed.grove.id === id),
            () => (left -= 1) === 0 && next(),
          );
      },
    ],
    then,
  );
}

/** A few at a time, each looked at again: what was named since stays. */
function dropBodies({ core }: Run, loose: readonly Hash[], then: (dropped: boolean) => void): void {
  const { context } = core;
  const step = (from: number): void => {
    const some = loose.slice(from, from + CONFIG.storage.rows);
    if (some.length === 0) return then(true);
    const named = (hash: Hash): boolean =>
      [...core.groves.values()].some(({ blobs, missing }) => blobs.has(hash) || missing.has(hash));
    const ops = some
      .filter((hash) => !named(hash))
      .map((key) => ({ op: 'delete', table: 'bodies', key }) as const);
    context.write(ops, 'relaxed', (failure) => (failure === null ? step(from + some.length) : then(false)));
  };
  step(0);
}
