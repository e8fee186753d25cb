// The logs on disk against what was read of them: every row and segment, hashes, places in their chains, signatures, tables and
// bodies (SPEC S18). Says what is wrong; repairs nothing.
import { isFailure } from '../context.ts';
import { CONFIG } from '../config.ts';
import { entryMessage, groveOf } from '../model/entry.ts';
import { cidOf, idBytes, toHash, type EntryId, type GroveId, type Hash, type PeerId } from '../model/ids.ts';
import type { Grove } from '../grove.ts';
import type { Row, VerifyItem } from '../ports.ts';
import { lostRows } from '../sync/damage.ts';
import type { Log, LogEntry } from '../sync/log.ts';
import { decodeRow, placeOf, type LogRow } from '../sync/row.ts';
import { decodeSegment, segmentOf } from '../sync/segment.ts';
import type { FindingKind } from './findings.ts';
import { inTurn, walk, type Run } from './run.ts';

/** An entry of the log whose row or body is not what it should be. */
export interface Blamed {
  grove: Grove;
  kept: LogEntry;
  kind: FindingKind;
  detail: string;
  /** Its body is lost; what else is wrong may be its row. */
  body: boolean;
  /** Its row as it lies there, where only its signature is wrong. */
  row: LogRow | null;
}

export interface LogCheck {
  blamed: readonly Blamed[];
  /** Bodies that no entry names, of whatever grove. */
  loose: readonly Hash[];
}

/** One grove that is read back. What is written from now on is not looked at. */
interface Target {
  grove: Grove;
  log: Log;
  end: number;
  seen: Set<EntryId>;
  /** Whose bodies lie with them, and are whole. */
  whole: Set<EntryId>;
  blamed: Map<EntryId, Blamed>;
  segments: Map<number, LogEntry[]>;
}

const GROVE_LENGTH = 64;

function targetsOf({ core }: Run): Map<GroveId, Target> {
  const targets = new Map<GroveId, Target>();
  for (const grove of core.groves.values()) {
    const log = core.sync.log(grove.id);
    if (log === null || !grove.loaded) continue;
    const segments = new Map<number, LogEntry[]>();
    for (const kept of log.since(0, log.size))
      if (kept.slot !== null)
        segments.set(kept.slot.segment, [...(segments.get(kept.slot.segment) ?? []), kept]);
    targets.set(grove.id, {
      ...{ grove, log, end: log.end, segments },
      seen: new Set(),
      whole: new Set(),
      blamed: new Map(),
    });
  }
  return targets;
}

export function checkLogs(run: Run, then: (check: LogCheck) => void): void {
  const { core, hash, findings, checked } = run;
  const { context } = core;
  const targets = targetsOf(run);
  const total = [...targets.values()].reduce((sum, { log }) => sum + log.size, 0);
  const named = new Set<Hash>();
  /** Bodies by their hash that are what they should be. */
  const bodies = new Set<Hash>();
  const badBodies = new Set<Hash>();
  /** Something can't be read that names bodies, nobody knows which. */
  let isDoubtful = false;

  function blame(
    target: Target,
    kept: LogEntry,
    kind: FindingKind,
    detail: string,
    row: LogRow | null = null,
  ): void {
    const before = target.blamed.get(kept.id);
    if (before !== undefined) {
      before.body ||= kind === 'body';
      return;
    }
    target.blamed.set(kept.id, { grove: target.grove, kept, kind, detail, body: kind === 'body', row });
  }

  // ---- rows and segments ------------------------------------------------------------------------------

  interface Signed {
    target: Target;
    kept: LogEntry;
    row: LogRow;
    item: VerifyItem;
  }

  /** `body`: what lies with it in a segment. */
  function checkRow(target: Target, row: LogRow, body: Uint8Array | null): Signed[] {
    const { entry, signature, table } = row;
    checked.entries += 1;
    named.add(entry.body);
    const { log } = target;
    const kept = log.get(entry.id);
    if (kept === null) {
      // What is being written just now comes into the log in a moment.
      if (row.index < target.end && log.at(entry.author, entry.seq) === null) stray(target.grove, row);
      return [];
    }
    target.seen.add(kept.id);
    if (body !== null) {
      checked.bodies += 1;
      if (toHash(hash(body)) === entry.body) target.whole.add(kept.id);
      else blame(target, kept, 'body', 'its body in the segment is not the one that its header names');
    }
    const tableHash = table === null ? null : toHash(hash(table));
    if (tableHash !== (entry.blobs?.table ?? null))
      blame(target, kept, 'entry', 'its table of artifacts is not the one that its header names');
    const before = log.at(entry.author, entry.seq - 1);
    const follows = kept.quarantined || (before?.id ?? null) === entry.prev;
    if (!follows || entry.lamport !== log.lamportAfter(entry.prev, entry.parents))
      blame(target, kept, 'entry', 'it does not follow what it says it follows');
    if (kept.signed !== (signature !== null)) {
      blame(target, kept, 'signature', 'its signature is not on disk', row);
      return [];
    }
    if (signature === null) return [];
    const item = { key: idBytes(entry.author), message: entryMessage(entry.id), signature };
    return [{ target, kept, row, item }];
  }

  /** A row of the log that the log does not hold: it waits for what it stands on. */
  function stray(grove: Grove, { entry }: LogRow): void {
    const own = entry.author === core.identity.keypair.id;
    const finding = findings.add(
      'entry',
      grove.id,
      entry.id,
      `entry ${entry.seq} of its author stands on one that is missing here`,
    );
    if (own) findings.settle(finding, 'lost', `${finding.detail}; it is this device’s own`);
    else findings.settle(finding, 'asked');
  }

  function unreadable(target: Target, key: string): void {
    const { author, seq, aside } = placeOf(key);
    const kept = aside
      ? target.log.get(key.slice(-GROVE_LENGTH) as EntryId)
      : target.log.at(author as PeerId, seq);
    if (kept !== null && kept.slot === null) return blame(target, kept, 'entry', 'its row can’t be read');
    isDoubtful = true;
    const own = author === core.identity.keypair.id;
    const detail = `the row of entry ${seq} of ${own ? 'this device' : author} can’t be read, and nobody gave it again yet`;
    findings.settle(findings.add('entry', target.grove.id, key, detail), own ? 'lost' : 'asked');
  }

  function takeRow(target: Target, { key, value }: Row): Signed[] {
    const row = decodeRow(value, hash);
    if (!row.ok || groveOf(row.value.entry) !== target.grove.id) {
      unreadable(target, key);
      return [];
    }
    const { author, seq } = placeOf(key);
    if (row.value.entry.author !== author || row.value.entry.seq !== seq) {
      unreadable(target, key);
      return [];
    }
    return checkRow(target, row.value, null);
  }

  function takeSegment(target: Target, segment: number, { key, value }: Row): Signed[] {
    const packed = decodeSegment(value);
    const here = target.segments.get(segment) ?? [];
    if (!packed.ok) {
      for (const kept of here) blame(target, kept, 'entry', 'the segment that it lies in can’t be read');
      if (here.length === 0) {
        isDoubtful = true;
        const finding = findings.add(
          'entry',
          target.grove.id,
          key,
          'a segment of entries can’t be read: they come again from others',
        );
        findings.settle(finding, 'asked');
      }
      return [];
    }
    return packed.value.flatMap(({ row: bytes, body }, slot) => {
      const row = decodeRow(bytes, hash);
      if (row.ok && groveOf(row.value.entry) === target.grove.id) return checkRow(target, row.value, body);
      const kept = here.find((each) => each.slot?.slot === slot);
      if (kept !== undefined) blame(target, kept, 'entry', 'its row in the segment can’t be read');
      return [];
    });
  }

  /** Of groves that were left and not erased nothing is known but what bodies they name. */
  function takeLeft(value: Uint8Array, isSegment: boolean): void {
    const packed = isSegment ? decodeSegment(value) : null;
    const rows = packed === null ? [value] : packed.ok ? packed.value.map(({ row }) => row) : [];
    isDoubtful ||= packed?.ok === false;
    for (const bytes of rows) {
      const row = decodeRow(bytes, hash);
      if (row.ok) named.add(row.value.entry.body);
      else isDoubtful = true;
    }
  }

  function takeRows(rows: readonly Row[], next: () => void): void {
    const signed = rows.flatMap((row) => {
      const target = targets.get(row.key.slice(0, GROVE_LENGTH) as GroveId);
      const segment = segmentOf(row.key);
      if (target !== undefined)
        return segment === null ? takeRow(target, row) : takeSegment(target, segment, row);
      takeLeft(row.value, segment !== null);
      return [];
    });
    run.progress('log', checked.entries, total);
    const parts = Array.from({ length: Math.ceil(signed.length / CONFIG.verify.rows) }, (_, at) =>
      signed.slice(at * CONFIG.verify.rows, (at + 1) * CONFIG.verify.rows),
    );
    inTurn(
      parts.map((part) => (done) => checkSignatures(part, done)),
      next,
    );
  }

  function checkSignatures(signed: readonly Signed[], next: () => void): void {
    context.verify(
      signed.map(({ item }) => item),
      (verdicts) => {
        if (run.isStopped()) return;
        if (isFailure(verdicts)) return run.fail(verdicts.message);
        checked.signatures += signed.length;
        signed.forEach(({ target, kept, row }, at) => {
          if (verdicts[at] !== true)
            blame(target, kept, 'signature', 'its signature is not its author’s', row);
        });
        next();
      },
    );
  }

  // ---- bodies -----------------------------------------------------------------------------------------

  function takeBodies(rows: readonly Row[], next: () => void): void {
    for (const { key, value } of rows) {
      checked.bodies += 1;
      if (toHash(hash(value)) === key) bodies.add(key as Hash);
      else badBodies.add(key as Hash);
    }
    run.progress('bodies', checked.bodies, null);
    next();
  }

  /** Whether a body belongs beside this entry, now. */
  function needsBody({ grove }: Target, kept: LogEntry): boolean {
    if (kept.kind !== 'contribution') return true;
    const cid = cidOf(kept.body);
    return !kept.quarantined && grove.views.isHeld(cid) && !grove.views.isWithdrawn(cid);
  }

  // ---- what is not there ------------------------------------------------------------------------------

  /** The log may be another one by now: it was read anew. */
  const isSame = ({ grove, log }: Target): boolean => core.sync.log(grove.id) === log;

  function missing(target: Target, next: () => void): void {
    const { grove, log } = target;
    if (!isSame(target)) {
      run.skipped.push({ grove: grove.id, reason: 'its log was read anew meanwhile' });
      target.blamed.clear();
      return next();
    }
    const entries = log.since(0, log.size).filter(({ index }) => index < target.end);
    const gone = entries.filter(({ id }) => !target.seen.has(id) && !target.blamed.has(id));
    for (const kept of entries) {
      if (target.whole.has(kept.id) || bodies.has(kept.body) || target.blamed.has(kept.id)) continue;
      if (!target.seen.has(kept.id) || !needsBody(target, kept)) continue;
      const what = badBodies.has(kept.body) ? 'its body can’t be read' : 'its body is missing';
      blame(target, kept, 'body', what);
    }
    for (const each of target.blamed.values())
      each.body ||=
        !target.whole.has(each.kept.id) && !bodies.has(each.kept.body) && needsBody(target, each.kept);
    heads(target);
    if (gone.length === 0) return next();
    // Looked for once more, since the disk may have failed for a moment.
    lostRows({ grove: grove.id, context, hash }, gone, (lost) => {
      const places = new Set(lost.map(({ author, seq }) => `${author}/${seq}`));
      for (const kept of gone) {
        if (!places.has(`${kept.author}/${kept.seq}`)) continue;
        blame(target, kept, 'entry', 'its row is missing');
        const each = target.blamed.get(kept.id);
        if (each !== undefined) each.body = !bodies.has(kept.body) && needsBody(target, kept);
      }
      next();
    });
  }

  /** The newest of each author carries a signature, but where an act that cuts it off says it. */
  function heads(target: Target): void {
    const { log, grove } = target;
    for (const { author } of log.vector()) {
      const head = log.head(author);
      if (head === null || head.signed || log.quarantine.limitOf(author) < Infinity) continue;
      findings.add('signature', grove.id, head.id, 'the newest entry of its author has no signature');
    }
  }

  inTurn(
    [
      (next) => walk(run, { table: 'log', prefix: '', each: takeRows }, next),
      (next) => walk(run, { table: 'bodies', prefix: '', each: takeBodies }, next),
      ...[...targets.values()].map((target) => (next: () => void) => missing(target, next)),
    ],
    () => {
      const blamed = [...targets.values()].flatMap((target) => [...target.blamed.values()]);
      // What can't be read was named too; so is what came since.
      for (const { id } of core.groves.values()) {
        const log = core.sync.log(id);
        for (const { body } of log?.since(0, log.size) ?? []) named.add(body);
        isDoubtful ||= core.groves.get(id)?.record.state === 'active' && log === null;
      }
      const loose = isDoubtful ? [] : [...bodies, ...badBodies].filter((body) => !named.has(body));
      then({ blamed, loose });
    },
  );
}
