// One grove's pipeline over a store of plain maps, every effect carried out at once or held back; and authors who
// write logs for it. Nothing here waits: a step of the core is a step of the test.
import { createContext, type ContextControl } from '../../../worker/core/context.ts';
import { DEFAULT_POLICY } from '../../../worker/core/access/policy.ts';
import type { GroveRecord } from '../../../worker/core/access/record.ts';
import { Grove } from '../../../worker/core/grove.ts';
import { isControl } from '../../../worker/core/access/membership.ts';
import type { Effect } from '../../../worker/core/io.ts';
import { encodeBody, type Body } from '../../../worker/core/model/body.ts';
import { compareEntries, signEntry, type Entry } from '../../../worker/core/model/entry.ts';
import {
  toGroveId,
  idBytes,
  type EntryId,
  type GroveId,
  type LinkId,
  type PeerId,
} from '../../../worker/core/model/ids.ts';
import {
  hash32,
  keypairFromSeed,
  nobleSignatures,
  verifyMessage,
  type Keypair,
} from '../../../worker/core/model/keys.ts';
import { canonicalManifest } from '../../../worker/core/model/manifest.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { Row, Signatures, StoreFailure, Table, WriteOp } from '../../../worker/core/ports.ts';
import { createBroadcast } from '../../../worker/core/gossip/plumtree.ts';
import { buildEntry } from '../../../worker/core/sync/build.ts';
import { Log } from '../../../worker/core/sync/log.ts';
import { createPipeline } from '../../../worker/core/sync/pipeline.ts';
import { encodeRow, logKey } from '../../../worker/core/sync/row.ts';
import type { AppliedEntry, Inbound, SyncFact } from '../../../worker/core/sync/types.ts';
import { decodeFrame, type Frame, type WireEntry } from '../../../worker/core/wire/frame.ts';
import { manifestOf, valueOf } from '../model/fixtures.ts';

export const key = (n: number): Keypair => keypairFromSeed(new Uint8Array(32).fill(n));
export const linkOf = (name: string): LinkId => name as LinkId;
export const OWNER = key(1);

// ---- a store that answers when told ---------------------------------------------------------------------

export class Tables {
  readonly rows = new Map<string, Uint8Array>();

  get(table: Table, at: string): Uint8Array | null {
    return this.rows.get(`${table}:${at}`) ?? null;
  }

  scan(table: Table, prefix: string, after: string | null, limit: number): Row[] {
    return [...this.rows]
      .filter(([at]) => at.startsWith(`${table}:${prefix}`))
      .map(([at, value]) => ({ key: at.slice(table.length + 1), value }))
      .filter((row) => after === null || row.key > after)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }

  write(ops: readonly WriteOp[]): boolean {
    const clash = ops.some((op) => op.op === 'expect' && this.get(op.table, op.key) !== op.value);
    if (clash) return false;
    for (const op of ops) {
      if (op.op === 'put') this.rows.set(`${op.table}:${op.key}`, op.value);
      else if (op.op === 'delete') this.rows.delete(`${op.table}:${op.key}`);
      else if (op.op === 'clear')
        for (const at of [...this.rows.keys()])
          if (at.startsWith(`${op.table}:${op.prefix}`)) this.rows.delete(at);
    }
    return true;
  }

  copy(): Tables {
    const copy = new Tables();
    for (const [at, value] of this.rows) copy.rows.set(at, value);
    return copy;
  }
}

const verdicts = new Map<string, boolean>();
function verified(item: { key: Uint8Array; message: Uint8Array; signature: Uint8Array }): boolean {
  const name = [item.key, item.message, item.signature].map((part) => hash32(part).join()).join('/');
  const known = verdicts.get(name) ?? verifyMessage(item.key, item.message, item.signature);
  verdicts.set(name, known);
  return known;
}

/** Carries out an effect of the store or of crypto; false for any other. */
export function answer(
  effect: Effect,
  context: ContextControl,
  tables: Tables,
  failing: StoreFailure | null = null,
): boolean {
  switch (effect.type) {
    case 'read': {
      const values = effect.keys.map((at) => tables.get(effect.table, at));
      context.resume({ type: 'read', token: effect.token, values });
      return true;
    }
    case 'scan': {
      const rows = tables.scan(effect.table, effect.prefix, effect.after, effect.limit);
      context.resume({ type: 'scanned', token: effect.token, rows });
      return true;
    }
    case 'write': {
      const { token } = effect;
      if (failing !== null)
        context.resume({ type: 'store-failed', token, failure: failing, message: 'forced' });
      else if (tables.write(effect.ops)) context.resume({ type: 'written', token });
      else context.resume({ type: 'store-failed', token, failure: 'conflict', message: 'conflict' });
      return true;
    }
    case 'verify':
      context.resume({ type: 'verified', token: effect.token, ok: effect.items.map(verified) });
      return true;
    default:
      return false;
  }
}

// ---- the pipeline under test ----------------------------------------------------------------------------

export interface Sent {
  link: LinkId;
  frame: Frame;
  lane: string;
}

export const recordOf = (id: GroveId): GroveRecord => ({
  id,
  state: 'active',
  name: 'Grove',
  reason: null,
  secrets: [],
  invite: null,
  policy: DEFAULT_POLICY,
  pins: new Set(),
  acknowledged: 0,
  resumeFrom: 0,
  fresh: false,
});

export function createBench(
  id: GroveId,
  options: { self?: Keypair; tables?: Tables; forgotten?: (ids: readonly EntryId[]) => void } = {},
) {
  const tables = options.tables ?? new Tables();
  const context = createContext(createSeededRandom(5));
  const grove = new Grove(recordOf(id), hash32);
  if (options.tables === undefined) grove.finishReading();
  const facts: SyncFact[] = [];
  const applied: AppliedEntry[] = [];
  const sent: Sent[] = [];
  const events: Effect[] = [];
  let now = 1_000_000;
  context.setNow(now);
  const pipeline = createPipeline(id, {
    keypair: options.self ?? key(99),
    context,
    hash: hash32,
    broadcast(_, hooks) {
      const { send, push, ...asked } = hooks;
      const broadcast = createBroadcast({
        ...{ grove: id, context, rtt: () => null, ...asked },
        emit(fact) {
          if (fact.type === 'send') send(fact.link, fact.frame);
          else push(fact.link, fact.ids, fact.why, fact.hops);
        },
      });
      return {
        ...broadcast,
        forget(ids) {
          const some = [...ids];
          options.forgotten?.(some);
          broadcast.forget(some);
        },
      };
    },
    hooks: {
      admits: (_, entry) => grove.members.admits(entry.author, entry.kind, entry.seq),
      resumeFrom: () => 0,
      wantsBody: () => true,
      viewHash: () => null,
      isControl,
    },
    emit(fact) {
      facts.push(fact);
      if (fact.type === 'loaded') grove.finishReading();
      if (fact.type !== 'applied') return;
      for (const each of fact.applied) {
        applied.push(each);
        grove.apply(each);
      }
    },
  });

  const bench = {
    pipeline,
    context,
    grove,
    tables,
    facts,
    applied,
    sent,
    events,
    failing: null as StoreFailure | null,
    /** Effects carried out so far. */
    steps: 0,
    /** Carries out effects until none is left, or so many were. False where it stopped short. */
    run(limit = Infinity): boolean {
      let waiting = context.takeEffects();
      while (waiting.length > 0) {
        for (const effect of waiting) {
          if (effect.type === 'link-send') {
            sent.push({ link: effect.link, frame: valueOf(decodeFrame(effect.frame)), lane: effect.lane });
            if (effect.lane === 'bulk') context.drained(effect.link, effect.frame.length);
            pipeline.exchange.drained(effect.link);
          } else if (effect.type === 'write' && bench.steps >= limit) return false;
          else {
            if (effect.type === 'write') bench.steps += 1;
            if (!answer(effect, context, tables, bench.failing)) events.push(effect);
          }
        }
        waiting = context.takeEffects();
      }
      return true;
    },
    load() {
      pipeline.load();
      bench.run();
      return bench;
    },
    give(link: string, entries: readonly WireEntry[], why: Inbound['why'] = 'sync') {
      pipeline.receive({ link: linkOf(link), peer: key(50).id, entries, why, hops: 1 });
    },
    /** The clock moves, and what is due is done. */
    pass(ms: number) {
      now += ms;
      context.setNow(now);
      context.runTimers();
      bench.run();
    },
    counter: (name: string): number => context.counters.get(name) ?? 0,
    ids: (): string[] => applied.map(({ entry }) => entry.id),
  };
  return bench;
}

// ---- authors --------------------------------------------------------------------------------------------

export interface Written {
  entry: Entry;
  wire: WireEntry;
}

/** People who write one grove, each on a log of their own that they bring together now and then. */
export class World {
  readonly all: Written[] = [];
  readonly logs = new Map<PeerId, Log>();
  readonly grove: GroveId;
  readonly invite: Entry;
  #at = 1_700_000_000_000;

  readonly #signatures: Signatures;

  /** `signatures`: whoever writes thousands of entries gives faster ones. */
  constructor(people: readonly Keypair[], signatures: Signatures = nobleSignatures) {
    this.#signatures = signatures;
    const contract = this.write(OWNER, {
      kind: 'contract',
      nonce: new Uint8Array(16).fill(7),
      name: 'Grove',
      description: '',
      metrics: [],
      ownerName: 'Owner',
      box: OWNER.boxPublic,
    });
    this.grove = toGroveId(idBytes(contract.entry.id));
    const invite = { kind: 'invite', sealed: new Uint8Array(8), role: 'member', expiresAt: null } as const;
    this.invite = this.write(OWNER, { ...invite, uses: 100 }).entry;
    for (const person of people) this.admit(OWNER, person);
    for (const person of people) this.meet(OWNER, person);
  }

  log(who: Keypair): Log {
    const log = this.logs.get(who.id) ?? new Log();
    this.logs.set(who.id, log);
    return log;
  }

  admit(by: Keypair, person: Keypair, invite: Entry = this.invite): Written {
    const { id: admitted, boxPublic: box } = person;
    const body = {
      kind: 'admit',
      invite: invite.id,
      key: admitted,
      role: 'member',
      name: 'Someone',
    } as const;
    return this.write(by, { ...body, box, proof: new Uint8Array(64) });
  }

  write(by: Keypair, body: Body): Written {
    return this.append(by, body.kind, encodeBody(body));
  }

  contribute(by: Keypair, summary: string): Written {
    return this.append(by, 'contribution', valueOf(canonicalManifest(manifestOf({ summary }))).bytes);
  }

  append(by: Keypair, kind: string, body: Uint8Array): Written {
    this.#at += 1;
    const grove = kind === 'contract' ? null : this.grove;
    const entry = buildEntry({ kind, body, table: null }, this.log(by), grove, by.id, this.#at);
    const wire = {
      header: entry.header,
      signature: signEntry(this.#signatures, by, entry.id),
      body,
      table: null,
    };
    this.log(by).append(entry, NOTED(entry));
    const written = { entry, wire };
    this.all.push(written);
    return written;
  }

  /** Both know afterwards what either knew. */
  meet(a: Keypair, b: Keypair): void {
    const [left, right] = [this.log(a), this.log(b)];
    for (const { entry } of [...this.all].sort((x, y) => compareEntries(x.entry, y.entry))) {
      if (left.has(entry.id) && !right.has(entry.id)) right.append(entry, NOTED(entry));
      else if (right.has(entry.id) && !left.has(entry.id)) left.append(entry, NOTED(entry));
    }
  }

  wires(): WireEntry[] {
    return this.all.map(({ wire }) => wire);
  }

  /** The disk of somebody who holds it all. */
  disk(): Tables {
    const tables = new Tables();
    const ops = this.all.flatMap(({ entry, wire }, index): WriteOp[] => {
      const row = {
        entry,
        signature: wire.signature,
        table: null,
        index,
        receivedAt: 0,
        receivedFrom: OWNER.id,
      };
      const key = logKey(this.grove, entry.author, entry.seq);
      const put: WriteOp = { op: 'put', table: 'log', key, value: encodeRow(row) };
      return wire.body === null
        ? [put]
        : [put, { op: 'put', table: 'bodies', key: entry.body, value: wire.body }];
    });
    tables.write(ops);
    return tables;
  }
}

export const NOTED = (entry: Entry) => ({
  receivedAt: 0,
  receivedFrom: null,
  control: isControl(entry.kind),
  bytes: entry.header.length + entry.size,
  signed: true,
  aside: false,
});
