// A grove's secrets as they change: writes the next one, reads from the log which are in use, and hands over one that was
// not sealed to a member who came meanwhile (SPEC A15). Knows nothing of how they are sealed, nor of rooms and tags.
import { commitOf, openRotation, sealRotation } from './access/sealing.ts';
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import type { Grove } from './grove.ts';
import { encodeBody } from './model/body.ts';
import type { ErrorCode } from './model/errors.ts';
import { equalBytes } from './model/bytes.ts';
import type { GroveId, Hash } from './model/ids.ts';

export type Rotating = ReturnType<typeof createRotating>;

interface Failure {
  code: ErrorCode;
  message: string;
}

export function createRotating(core: Core) {
  const { context, identity } = core;
  /** Secrets that a member handed over, until the log says that they are the grove's. */
  const handed = new Map<GroveId, Uint8Array[]>();

  /** Writes a new secret, sealed to all who are members now. */
  function rotate(grove: Grove, then: (failure: Failure | null, epoch: number) => void): void {
    const { members } = grove;
    const epoch =
      1 +
      Math.max(
        0,
        ...grove.record.secrets.map((each) => each.epoch),
        ...members.rotations().map((each) => each.epoch),
      );
    const receivers = members.list().flatMap(({ peer, left }) => {
      const box = left ? null : members.boxOf(peer);
      return box === null ? [] : [{ peer, box }];
    });
    const bodies = sealRotation(context.random.bytes(32), epoch, receivers, context.random);
    const next = (at: number): void => {
      const body = bodies[at];
      if (body === undefined) return then(null, epoch);
      core.sync.append(grove.id, {
        kind: 'rotate',
        body: encodeBody(body),
        table: null,
        also: () => [],
        then: (outcome) => ('entry' in outcome ? next(at + 1) : then(outcome, epoch)),
      });
    };
    next(0);
  }

  /** What the log says of a grove's secrets may be other than what is known here: takes it over. */
  function settle(grove: Grove): void {
    if (grove.record.state !== 'active' || grove.record.secrets.length === 0) return;
    const rotations = grove.members.rotations();
    if (rotations.length === 0) return;
    const known = new Map<Hash, Uint8Array>();
    for (const secret of [...grove.secrets, ...(handed.get(grove.id) ?? [])])
      known.set(commitOf(secret), secret);
    const commits = new Set(rotations.map(({ commit }) => commit));
    // The first one, and those whose entry is not here yet.
    const before = grove.record.secrets.filter(({ secret }) => !commits.has(commitOf(secret)));
    const after = rotations.flatMap((rotation) => {
      const secret = known.get(rotation.commit) ?? openRotation(rotation, identity.keypair);
      return secret === null ? [] : [{ epoch: rotation.epoch, secret, since: rotation.source.at }];
    });
    const newest = Math.max(0, ...rotations.map(({ epoch }) => epoch));
    // Handed over on joining, ahead of its entry: it is the one in use.
    const ahead = before.filter(({ epoch }) => epoch > newest);
    const old = context.now() - CONFIG.access.epochFor;
    const all = [
      ...before.filter((each) => !ahead.includes(each)).map((each) => ({ ...each, since: 0 })),
      ...after,
    ];
    // One is kept for so long after the next came.
    const kept = all.filter((_, at) => (all[at + 1]?.since ?? Infinity) > old);
    const secrets = [...kept, ...ahead]
      .slice(-CONFIG.access.epochs)
      .map(({ epoch, secret }) => ({ epoch, secret }));
    const same =
      secrets.length === grove.record.secrets.length &&
      secrets.every(({ secret }, at) =>
        equalBytes(secret, grove.record.secrets[at]?.secret ?? new Uint8Array(0)),
      );
    if (same || secrets.length === 0) return;
    grove.record.secrets = secrets;
    handed.delete(grove.id);
    context.count('secrets.changed');
    core.peering.save(grove.record, () => undefined);
    core.peering.secretsChanged(grove);
  }

  return {
    rotate,
    settle,

    /** A member of an earlier epoch, for whom the one in use was not sealed: it gets it here. */
    handOver(grove: Grove, link: PeerLink): void {
      const newest = grove.members.rotations().at(-1);
      const secret = grove.record.secrets.at(-1);
      if (newest === undefined || secret === undefined || newest.boxes.has(link.peer)) return;
      if (!grove.members.isMember(link.peer) || commitOf(secret.secret) !== newest.commit) return;
      context.send(link.link, { type: 'admitted', grove: grove.id, ...secret, entries: [] }, 'control');
    },

    /** Whether the log says so is seen now, or once its entry is here. */
    onHanded(grove: Grove, secret: Uint8Array): void {
      const few = [...(handed.get(grove.id) ?? []), secret].slice(-CONFIG.access.handed);
      handed.set(grove.id, few);
      settle(grove);
    },

    removed: (id: GroveId): void => void handed.delete(id),
  };
}
