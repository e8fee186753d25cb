// A grove's first view at once, also while its log is read back: as it was when it was last noted (SPEC G28). Only ever
// shown: nothing is derived from it.
import { CONFIG } from '../config.ts';
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { fromUtf8, utf8 } from '../model/bytes.ts';
import type { GroveId } from '../model/ids.ts';
import { parseJson } from '../model/json.ts';
import { activeGrove, type Call } from './api.ts';
import { groveInfo } from './groves.ts';
import { queryCalls } from './queries.ts';

export const glanceKey = (id: GroveId): string => `glance/${id}`;

/** Answers of the calls of the same names. */
interface Seen {
  /** ms since the epoch. */
  at: number;
  name: string;
  entries: number;
  contributions: number;
  frontier: object;
  items: unknown[];
}
/** What is noted. */
interface Glance {
  seen: Seen;
  /** As `groves` tells of it. */
  info: Info;
}
type Info = ReturnType<typeof groveInfo>;

export function createGlances(core: Core) {
  const { context } = core;
  const { glance } = CONFIG;
  const queries = queryCalls(core);
  /** For the truth of groves that nothing was noted of. */
  let waiting: { groves: readonly Grove[]; run: () => void }[] = [];
  /** What was noted of groves that are being read back, null for nothing: asked for again and again meanwhile. */
  const kept = new Map<GroveId, Info | null>();
  const noted = new Set<GroveId>();

  function look(grove: Grove, limit: number): Seen {
    const frontier = answerTo((call) => queries.frontier(call, grove.id));
    const page = answerTo((call) => queries.contributions(call, grove.id, { limit }));
    return {
      at: context.now(),
      name: grove.name,
      entries: core.sync.log(grove.id)?.size ?? 0,
      contributions: grove.views.counts().contributions,
      frontier: frontier ?? {},
      items: page !== null && 'items' in page && Array.isArray(page.items) ? page.items : [],
    };
  }

  /** As `glance` answers once it is read back. */
  function truth(grove: Grove): Seen & { reading: null } {
    return { ...look(grove, glance.items), reading: null };
  }

  const isReady = (grove: Grove): boolean =>
    grove.loaded || grove.record.state !== 'active' || core.groves.get(grove.id) !== grove;

  function whenRead(groves: readonly Grove[], run: () => void): void {
    if (groves.every(isReady)) run();
    else waiting.push({ groves, run });
  }

  const reading = (grove: Grove, total: number): { done: number; total: number } =>
    core.sync.pipeline(grove.id)?.reading() ?? { done: 0, total };

  /** All groves, those that are being read back as they were when that was last noted. */
  function told(): object[] {
    return [...core.groves.values()].flatMap((grove): object[] => {
      if (isReady(grove)) return [groveInfo(core, grove)];
      const info = kept.get(grove.id) ?? null;
      return info === null ? [] : [{ ...info, links: 0, reading: reading(grove, info.entries) }];
    });
  }

  function note(grove: Grove): void {
    if (core.groves.get(grove.id) !== grove || grove.leaving || !grove.loaded) return;
    const value = utf8(JSON.stringify({ ...look(grove, glance.items), info: groveInfo(core, grove) }));
    // Manifests may be long: better none than one that takes as long to read as the log.
    if (value.length > glance.bytes) return context.count('glance.tooLarge');
    noted.add(grove.id);
    context.write([{ op: 'put', table: 'meta', key: glanceKey(grove.id), value }], 'relaxed', (failure) => {
      if (failure !== null) context.count('glance.notStored');
    });
  }

  return {
    /** The views changed, or were read back. */
    touched(id: GroveId): void {
      const grove = core.groves.get(id);
      const timer = `glance/${id}`;
      if (grove?.loaded !== true || (core.sync.log(id)?.size ?? 0) < glance.from) return;
      if (context.isScheduled(timer)) return;
      const after = noted.has(id) ? glance.every : glance.after;
      context.schedule(timer, context.elapsed() + after, () => note(grove));
    },

    /** Some grove was read back. */
    loaded(): void {
      const ready = waiting.filter(({ groves }) => groves.every(isReady));
      waiting = waiting.filter((each) => !ready.includes(each));
      for (const { run } of ready) run();
      for (const id of kept.keys()) if (core.groves.get(id)?.loaded !== false) kept.delete(id);
    },

    calls: {
      groves(call: Call): void {
        const asked = [...core.groves.values()].filter((grove) => !isReady(grove) && !kept.has(grove.id));
        const answer = (): void => {
          const unknown = [...core.groves.values()].filter(
            (grove) => !isReady(grove) && (kept.get(grove.id) ?? null) === null,
          );
          whenRead(unknown, () => call.attempt(() => call.reply(told())));
        };
        if (asked.length === 0) return answer();
        context.read(
          'meta',
          asked.map(({ id }) => glanceKey(id)),
          (values) => {
            asked.forEach(({ id }, at) => {
              const bytes = isFailure(values) ? null : (values[at] ?? null);
              kept.set(id, (bytes && decodeGlance(id, bytes))?.info ?? null);
            });
            answer();
          },
        );
      },

      glance(call: Call, id: string): void {
        const grove = activeGrove(core, id);
        const answer = (): void => call.attempt(() => call.reply(truth(activeGrove(core, id))));
        if (grove.loaded) return answer();
        context.read('meta', [glanceKey(grove.id)], (values) => {
          const bytes = isFailure(values) ? null : (values[0] ?? null);
          const noted = bytes && decodeGlance(grove.id, bytes);
          if (noted === null) return whenRead([grove], answer);
          if (grove.loaded) return answer();
          call.reply({ ...noted.seen, reading: reading(grove, noted.seen.entries) });
        });
      },
    },
  };
}

/** The disk is checked: what isn't whole is as if it were not there. */
function decodeGlance(id: GroveId, bytes: Uint8Array): Glance | null {
  const text = bytes.length <= CONFIG.glance.bytes ? fromUtf8(bytes) : null;
  const json = text?.ok === true ? parseJson(text.value, 'glance') : null;
  if (json?.ok !== true || typeof json.value !== 'object' || json.value === null) return null;
  const { at, name, entries, contributions, frontier, items, info } = json.value as Partial<Seen & Glance>;
  if (typeof name !== 'string' || typeof frontier !== 'object' || !Array.isArray(items)) return null;
  if (typeof at !== 'number' || typeof entries !== 'number' || typeof contributions !== 'number') return null;
  if (typeof info !== 'object' || info.id !== id) return null;
  return { seen: { at, name, entries, contributions, frontier, items }, info };
}

/** What a call that answers at once is answered. */
function answerTo(run: (call: Call) => void): object | null {
  const answers: unknown[] = [];
  run({
    reply: (value) => void answers.push(value),
    refuse: () => undefined,
    attempt: (go) => go(),
    note: () => [],
  });
  const [value] = answers;
  return typeof value === 'object' ? value : null;
}
