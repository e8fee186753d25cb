// Calls about this device and others: who we are, how we are set up, whom we are linked to, and the counters.
import { encodeIdentity, encodeSettings, IDENTITY_KEY, SETTINGS_KEY, type Settings } from '../boot.ts';
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { encodeBody } from '../model/body.ts';
import type { PeerId } from '../model/ids.ts';
import { fingerprint } from '../model/keys.ts';
import type { WriteOp } from '../ports.ts';
import { groveOf, type Call } from './api.ts';

export function peerCalls(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  const me = () => ({ peerId: self, name: identity.name, fingerprint: fingerprint(self) });

  function write(call: Call, ops: readonly WriteOp[], done: () => void): void {
    context.write(ops, 'strict', (failure) => {
      if (failure === null) done();
      else call.refuse(core.errorCode(failure.failure), failure.message);
    });
  }

  /** Our name, told in a grove whose log shows another. */
  function tellName(grove: Grove): void {
    if (grove.record.state !== 'active' || grove.members.nameOf(self) === identity.name) return;
    if (identity.name === '' || !grove.members.admits(self, 'profile')) return;
    const body = encodeBody({ kind: 'profile', name: identity.name });
    core.sync.append(grove.id, {
      kind: 'profile',
      body,
      table: null,
      also: () => [],
      then: (outcome) => {
        if ('code' in outcome) core.problem({ failure: outcome.code, message: outcome.message });
      },
    });
  }

  function peerInfo(peer: PeerId, scope: readonly Grove[]) {
    const link = [...core.links.values()].find((each) => each.peer === peer);
    const attempt = core.linkInfos().find((each) => each.peer === peer);
    const failure = core.linkFailures().find((each) => each.peer === peer);
    const shared = scope.filter((grove) => grove.members.isMember(peer));
    const lags = shared.flatMap((grove) => {
      const lag = link === undefined ? null : (core.sync.pipeline(grove.id)?.exchange.lag(link.link) ?? null);
      return lag === null ? [] : [lag];
    });
    const gaveUp = failure !== undefined && failure.attempts >= CONFIG.links.giveUp;
    const state =
      peer === self ? 'self' : link ? 'linked' : attempt ? 'connecting' : gaveUp ? 'error' : 'away';
    const [first] = shared;
    return {
      peerId: peer,
      name: peer === self ? identity.name : (first?.members.nameOf(peer) ?? ''),
      fingerprint: fingerprint(peer),
      role: first?.members.role(peer) ?? null,
      state,
      link:
        link === undefined
          ? null
          : { id: link.link, since: link.since, sent: context.sentOn(link.link), received: link.received },
      rttMs: attempt?.rttMs ?? null,
      lag: lags.length === 0 ? null : lags.reduce((sum, { entries }) => sum + entries, 0),
      sync:
        link === undefined
          ? null
          : lags.some(({ backfilling }) => backfilling)
            ? 'backfilling'
            : lags.length > 0
              ? 'active'
              : 'idle',
      groves: shared.map(({ id }) => id),
      ...(failure === undefined ? {} : { reason: failure.reason }),
    };
  }

  return {
    /** For the worker: where its pages come from, which is where the endpoint is unless set otherwise. */
    boot(call: Call, options: { origin: string }): void {
      core.origin = options.origin;
      core.configureSignal();
      call.reply(null);
    },

    identity: (call: Call): void => call.reply(me()),

    setName(call: Call, name: string): void {
      const value = encodeIdentity({ ...identity, name });
      write(
        call,
        [{ op: 'put', table: 'meta', key: IDENTITY_KEY, value }, ...call.note({ ...me(), name })],
        () => {
          identity.name = name;
          for (const grove of core.groves.values()) tellName(grove);
          core.event('identity', me());
          call.reply(me());
        },
      );
    },

    settings(call: Call, change: Partial<Settings> = {}): void {
      const settings = { ...core.settings, ...change };
      if (Object.keys(change).length === 0) return call.reply(settings);
      const ops: WriteOp[] = [
        { op: 'put', table: 'meta', key: SETTINGS_KEY, value: encodeSettings(settings) },
      ];
      write(call, [...ops, ...call.note(settings)], () => {
        core.settings = settings;
        core.configureSignal();
        call.reply(settings);
      });
    },

    peers(call: Call, id?: string): void {
      const scope = id === undefined ? [...core.groves.values()] : [groveOf(core, id)];
      const members = scope.flatMap((grove) => grove.members.list().filter(({ left }) => !left));
      const linked = id === undefined ? [...core.links.values()] : [];
      const peers = new Set([self, ...members.map(({ peer }) => peer), ...linked.map(({ peer }) => peer)]);
      call.reply([...peers].map((peer) => peerInfo(peer, scope)));
    },

    stats(call: Call): void {
      const counters = Object.fromEntries(context.counters);
      const gauges = {
        groves: core.groves.size,
        links: core.links.size,
        entries: [...core.groves.keys()].reduce((sum, id) => sum + (core.sync.log(id)?.size ?? 0), 0),
        staged: [...core.groves.keys()].reduce((sum, id) => sum + (core.sync.pipeline(id)?.staged() ?? 0), 0),
      };
      call.reply({ counters, gauges, signal: core.signal, transfers: core.cas.transfers() });
    },
  };
}
