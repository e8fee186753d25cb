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
import { queryCalls } from './queries.ts';

export const glanceKey = (id: GroveId): string => `glance/${id}`;

/** What is noted: answers of the calls of the same names. */
interface Glance {
  /** ms since the epoch. */
  at: number;
  name: string;
  entries: number;
  contributions: number;
  frontier: object;
  items: unknown[];
}

export function createGlances(core: Core) {
  const { context } = core;
  const { glance } = CONFIG;
  const queries = queryCalls(core);
  /** Of groves that nothing was noted of. */
  let waiting: { grove: Grove; call: Call }[] = [];
  const noted = new Set<GroveId>();

  function look(grove: Grove, limit: number): Glance {
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

  function note(grove: Grove): void {
    if (core.groves.get(grove.id) !== grove || grove.leaving || !grove.loaded) return;
    const value = utf8(JSON.stringify(look(grove, glance.items)));
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
      const ready = waiting.filter(({ grove }) => grove.loaded || core.groves.get(grove.id) !== grove);
      waiting = waiting.filter((each) => !ready.includes(each));
      for (const { grove, call } of ready)
        call.attempt(() => call.reply({ ...look(activeGrove(core, grove.id), glance.items), reading: null }));
    },

    calls: {
      glance(call: Call, id: string): void {
        const grove = activeGrove(core, id);
        if (grove.loaded) return call.reply({ ...look(grove, glance.items), reading: null });
        context.read('meta', [glanceKey(grove.id)], (values) => {
          const bytes = isFailure(values) ? null : (values[0] ?? null);
          const kept = bytes && decodeGlance(bytes);
          if (grove.loaded)
            return call.attempt(() => call.reply({ ...look(grove, glance.items), reading: null }));
          if (kept === null) return void waiting.push({ grove, call });
          const reading = core.sync.pipeline(grove.id)?.reading() ?? { done: 0, total: kept.entries };
          call.reply({ ...kept, reading });
        });
      },
    },
  };
}

/** The disk is checked: what isn't whole is as if it were not there. */
function decodeGlance(bytes: Uint8Array): Glance | null {
  const text = bytes.length <= CONFIG.glance.bytes ? fromUtf8(bytes) : null;
  const json = text?.ok === true ? parseJson(text.value, 'glance') : null;
  if (json?.ok !== true || typeof json.value !== 'object' || json.value === null) return null;
  const { at, name, entries, contributions, frontier, items } = json.value as Partial<Glance>;
  if (typeof name !== 'string' || typeof frontier !== 'object' || !Array.isArray(items)) return null;
  if (typeof at !== 'number' || typeof entries !== 'number' || typeof contributions !== 'number') return null;
  return { at, name, entries, contributions, frontier, items };
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
