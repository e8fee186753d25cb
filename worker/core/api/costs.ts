// What each choice of a policy would bring to this device, in bytes, of what is known now (SPEC Y5).
import type { Core } from '../core.ts';
import { cidOf, type Cid } from '../model/ids.ts';
import { activeGrove, type Call } from './api.ts';

interface Cost {
  count: number;
  bytes: number;
  here: number;
}

export function costCalls(core: Core) {
  return {
    policyCosts(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const { pins } = grove.record;
      const best = core.policies.frontierOf(grove);
      const choices = {
        all: (cid: Cid): boolean => pins.has(cid) || !grove.views.isWithdrawn(cid),
        frontier: (cid: Cid): boolean => pins.has(cid) || (best.has(cid) && !grove.views.isWithdrawn(cid)),
        pinned: (cid: Cid): boolean => pins.has(cid),
      };
      const nothing = (): Cost => ({ count: 0, bytes: 0, here: 0 });
      const bodies = { all: nothing(), frontier: nothing(), pinned: nothing() };
      const artifacts = { all: nothing(), frontier: nothing(), pinned: nothing() };
      const add = (costs: typeof bodies, cids: Iterable<Cid>, size: number, isHere: boolean): void => {
        const named = [...cids];
        for (const choice of ['all', 'frontier', 'pinned'] as const) {
          if (!named.some(choices[choice])) continue;
          costs[choice].count += 1;
          costs[choice].bytes += size;
          if (isHere) costs[choice].here += size;
        }
      };
      const seen = new Set<Cid>();
      for (const { kind, body, size, quarantined } of core.sync.log(grove.id)?.since(0, Infinity) ?? []) {
        const cid = cidOf(body);
        if (kind !== 'contribution' || quarantined || seen.has(cid) || !grove.views.has(cid)) continue;
        seen.add(cid);
        add(bodies, [cid], size, grove.views.manifest(cid) !== null);
      }
      for (const [hash, { cids, held }] of grove.blobs) {
        if (seen.has(cidOf(hash))) continue; // a body that travels as a blob
        add(artifacts, cids, core.storage.room.sizeOf(grove, hash), held === true);
      }
      call.reply({
        bodies: { all: bodies.all, frontier: bodies.frontier, 'on-demand': bodies.pinned },
        artifacts: { ...artifacts, 'on-demand': artifacts.pinned },
      });
    },
  };
}
