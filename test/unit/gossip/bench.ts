// One membership by itself: what it is told, and what it tells.
import { createContext } from '../../../worker/core/context.ts';
import { GOSSIP, type MembershipLimits } from '../../../worker/core/gossip/config.ts';
import { descriptorMessage } from '../../../worker/core/gossip/descriptor.ts';
import {
  createMembership,
  type MembershipFact,
  type MembershipFrame,
  type Remembered,
} from '../../../worker/core/gossip/membership.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import type { WireDescriptor } from '../../../worker/core/wire/frame.ts';
import { GROVE, isMarked, mark, peerOf, quickRandom } from './overlay.ts';

export const SELF = peerOf(0);
type Sent = Extract<MembershipFact, { type: 'send' }>;
type Typed<T extends MembershipFrame['type']> = Extract<MembershipFrame, { type: T }>;

export function describedAs(peer: PeerId, change: Partial<WireDescriptor> = {}): WireDescriptor {
  const fields = { peer, seq: 1_000, frozen: false, ...change };
  const signature = mark(peer, descriptorMessage(GROVE, fields));
  return { age: 0, hops: 2, signature, ...fields, ...change };
}

export interface BenchOptions {
  remembered?: readonly Remembered[];
  limits?: Partial<MembershipLimits>;
  isMember?: (peer: PeerId) => boolean;
  isDoubtful?: (peer: PeerId) => boolean;
  isEager?: (peer: PeerId) => boolean;
}

export type Bench = ReturnType<typeof createBench>;

export function createBench({
  remembered = [],
  limits = {},
  isMember = () => true,
  isDoubtful = () => false,
  isEager = () => false,
}: BenchOptions = {}) {
  const context = createContext(quickRandom(5));
  let facts: MembershipFact[] = [];
  let verified = 0;
  let now = 1_000_000;
  context.setNow(now);
  const membership = createMembership({
    grove: GROVE,
    self: SELF,
    context,
    limits: { ...GOSSIP.desktop, ...limits },
    remembered,
    isMember,
    isDoubtful,
    isEager,
    sign: (message) => mark(SELF, message),
    verify(peer, message, signature) {
      verified += 1;
      return isMarked(peer, message, signature);
    },
    emit: (fact) => void facts.push(fact),
  });

  const taken = (): MembershipFact[] => facts.splice(0);
  const frame = (from: PeerId, given: MembershipFrame): void => membership.frame(from, given);
  const asks = (from: PeerId, ask: Typed<'neighbour'>['ask']): void =>
    frame(from, { type: 'neighbour', grove: GROVE, ask, descriptor: describedAs(from) });
  const replies = (from: PeerId, accepted: boolean): void =>
    frame(from, { type: 'neighbour-reply', grove: GROVE, accepted, descriptor: describedAs(from) });

  return {
    context,
    membership,
    taken,
    frame,
    asks,
    replies,
    verified: () => verified,
    counted: (name: string) => context.counters.get(`membership.${name}`) ?? 0,
    /** Frames of one type that went out since the last look, with whom they went to. */
    sent<T extends MembershipFrame['type']>(type: T): (Typed<T> & { to: PeerId })[] {
      const mine = (fact: MembershipFact): fact is Sent => fact.type === 'send' && fact.frame.type === type;
      const found = facts.filter(mine);
      facts = facts.filter((fact) => !mine(fact));
      return found.map(({ to, frame: each }) => ({ ...(each as Typed<T>), to }));
    },
    dialled(): PeerId[] {
      const mine = facts.filter((fact) => fact.type === 'dial');
      facts = facts.filter((fact) => fact.type !== 'dial');
      return mine.map(({ peer }) => peer);
    },
    facts: (type: MembershipFact['type']) => facts.filter((fact) => fact.type === type),
    known: (peer: PeerId) => membership.info().find((each) => each.peer === peer),
    /** Linked, asked and accepted. */
    befriend(...peers: PeerId[]): void {
      for (const peer of peers) {
        membership.opened(peer, 'endpoint');
        if (!membership.active().includes(peer)) asks(peer, 'high');
      }
      taken();
    },
    /** Heard of by a shuffle that ends here. */
    tell(from: PeerId, origin: WireDescriptor, rows: WireDescriptor[], n = 1): void {
      frame(from, { type: 'shuffle', grove: GROVE, n, ttl: 1, origin, sample: rows });
    },
    wait(ms: number): void {
      const end = now + ms;
      for (let next = context.nextTimer(); ; next = context.nextTimer()) {
        const left = next === null ? Infinity : next - context.elapsed();
        if (now + left > end) break;
        now += Math.max(0, Math.ceil(left));
        context.setNow(now);
        context.runTimers();
      }
      now = end;
      context.setNow(now);
    },
  };
}
