// Calls about this device and others: who we are, how we are set up, whom we are linked to, and the counters.
import { hexToBytes } from '@noble/hashes/utils.js';
import {
  encodeIdentity,
  encodeSettings,
  IDENTITY_KEY,
  RENEWED,
  SETTINGS_KEY,
  type Settings,
} from '../boot.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { encodeBody } from '../model/body.ts';
import { toPeerId, type GroveId, type PeerId } from '../model/ids.ts';
import { ThicketError } from '../model/errors.ts';
import { fingerprint } from '../model/keys.ts';
import type { WriteOp } from '../ports.ts';
import { mayWrite } from '../openings.ts';
import { activeGrove, groveOf, type Call } from './api.ts';
import { peerInfo } from './peer-info.ts';
import type { Turns } from './turns.ts';

/** `whenLoaded`: once what is stored of a grove was read back. */
export function peerCalls(core: Core, turns: Turns, whenLoaded: (grove: Grove, run: () => void) => void) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  const me = () => ({ peerId: self, name: identity.name, fingerprint: fingerprint(self) });

  function write(call: Call, ops: readonly WriteOp[], done: () => void): void {
    context.write(ops, 'strict', (failure) => {
      if (failure === null) done();
      else call.refuse(core.errorCode(failure.failure), failure.message);
    });
  }

  /** Our name, told in a grove whose log shows another; whatever else our profile says there stays. */
  function tellName(grove: Grove, end: () => void): void {
    if (core.groves.get(grove.id) !== grove || grove.record.state !== 'active') return end();
    if (grove.members.nameOf(self) === identity.name) return end();
    if (identity.name === '' || !mayWrite(core, grove, 'profile')) return end();
    const known = grove.acts.profiles.newest(grove.members.persons.devices(self))?.body;
    const body = encodeBody({ ...known, kind: 'profile', name: identity.name });
    core.sync.append(grove.id, {
      kind: 'profile',
      body,
      table: null,
      also: () => [],
      then: (outcome) => {
        if ('code' in outcome) core.problem({ failure: outcome.code, message: outcome.message });
        end();
      },
    });
  }

  const unreadable = (id: GroveId): number => {
    const lost = core.sync.pipeline(id)?.unreadable() ?? null;
    return lost === null ? 0 : lost.to - lost.from + 1;
  };

  /** A member or linked peer of this grove. */
  function peerIn(grove: Grove, id: string): PeerId {
    const peer = id as PeerId;
    const isKnown =
      grove.members.isMember(peer) || [...core.links.values()].some((link) => link.peer === peer);
    if (peer === self || !isKnown)
      throw new ThicketError('not-found', `peer: "${grove.name}" has no other member ${id}`);
    return peer;
  }

  return {
    /** For the worker: where its pages come from, which is where the endpoint is unless set otherwise. */
    boot(call: Call, options: { origin: string; form: Core['form'] }): void {
      core.origin = options.origin;
      core.form = options.form;
      core.link({ type: 'form', form: options.form });
      core.configureSignal();
      call.reply(null);
    },

    /** For the worker: all its tabs are hidden, or one is seen again (SPEC P8). */
    hidden(call: Call, hidden: boolean): void {
      core.mesh.setFrozen(hidden);
      call.reply(null);
    },

    identity: (call: Call): void => call.reply(me()),

    setName(asked: Call, name: string): void {
      turns.take(identity, asked, (call) => {
        if (core.renewed) return call.refuse(...RENEWED);
        const value = encodeIdentity({ ...identity, name });
        write(
          call,
          [{ op: 'put', table: 'meta', key: IDENTITY_KEY, value }, ...call.note({ ...me(), name })],
          () => {
            identity.name = name;
            for (const grove of core.groves.values())
              whenLoaded(grove, () => turns.run(grove, (end) => tellName(grove, end)));
            core.event('identity', me());
            call.reply(me());
          },
        );
      });
    },

    settings(asked: Call, change: Partial<Settings> = {}): void {
      if (Object.keys(change).length === 0) return asked.reply(core.settings);
      turns.take(identity, asked, (call) => {
        const settings = { ...core.settings, ...change };
        const ops: WriteOp[] = [
          { op: 'put', table: 'meta', key: SETTINGS_KEY, value: encodeSettings(settings) },
        ];
        write(call, [...ops, ...call.note(settings)], () => {
          core.settings = settings;
          core.configureSignal();
          core.storage.policyChanged();
          call.reply(settings);
        });
      });
    },

    peers(call: Call, id?: string): void {
      const scope = id === undefined ? [...core.groves.values()] : [groveOf(core, id)];
      const members = scope.flatMap((grove) => grove.members.list().filter(({ left }) => !left));
      const linked = id === undefined ? [...core.links.values()] : [];
      const peers = new Set([self, ...members.map(({ peer }) => peer), ...linked.map(({ peer }) => peer)]);
      call.reply([...peers].map((peer) => peerInfo(core, peer, scope)));
    },

    pausePeer(call: Call, id: string, peer: string, on: boolean): void {
      const grove = activeGrove(core, id);
      core.peering.pause(grove, peerIn(grove, peer), on);
      call.reply(null);
    },

    retryPeer(call: Call, id: string, peer: string): void {
      const grove = activeGrove(core, id);
      core.mesh.retry(grove, peerIn(grove, peer));
      call.reply(null);
    },

    /** What was seen of it is forgotten, wherever it was met. */
    forgivePeer(call: Call, peer: string): void {
      const id = toPeerId(hexToBytes(peer));
      core.standing.forgive(id);
      for (const grove of core.groves.values()) if (grove.members.isMember(id)) core.mesh.retry(grove, id);
      call.reply(null);
    },

    resyncPeer(call: Call, id: string, peer: string): void {
      const grove = activeGrove(core, id);
      const link = core.peering.linkTo(grove.id, peerIn(grove, peer));
      if (link === null) throw new ThicketError('offline', 'peer: there is no open link to it in this grove');
      core.sync.pipeline(grove.id)?.exchange.resync(link);
      call.reply(null);
    },

    stats(call: Call): void {
      const counters = Object.fromEntries(context.counters);
      const gauges = {
        groves: core.groves.size,
        links: core.links.size,
        entries: [...core.groves.keys()].reduce((sum, id) => sum + (core.sync.log(id)?.size ?? 0), 0),
        /** Own entries that lie on this disk and can't be read (SPEC S17). */
        unreadable: [...core.groves.keys()].reduce((sum, id) => sum + unreadable(id), 0),
        staged: [...core.groves.keys()].reduce((sum, id) => sum + (core.sync.pipeline(id)?.staged() ?? 0), 0),
      };
      const transfers = core.cas.transfers().map((info) => ({
        ...info,
        cids: [...(core.groves.get(info.grove)?.blobs.get(info.hash)?.cids ?? [])],
      }));
      call.reply({ counters, gauges, signal: core.signal, transfers });
    },
  };
}
