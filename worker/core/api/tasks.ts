// Calls about who works on what and what others make of it: claims, votes, outcomes, tasks and questions (SPEC G12-G15).
import { wishOp } from '../claiming.ts';
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import { claimStatus, type Claim } from '../graph/claims.ts';
import { GRAPH } from '../graph/config.ts';
import { TASK_KINDS, type Priority, type Task, type TaskKind, type TaskStatus } from '../graph/tasks.ts';
import type { Grove } from '../grove.ts';
import type { ClaimBody, OutcomeBody, VoteBody } from '../model/acts.ts';
import { encodeBody } from '../model/body.ts';
import { ThicketError } from '../model/errors.ts';
import { hashOfCid, type Cid, type EntryId } from '../model/ids.ts';
import { activeGrove, checkMayWrite, unheardOf, write, type Call } from './api.ts';
import { claimInfo, itemOf, votesOf } from './describe.ts';

interface ClaimOptions {
  lease?: number;
  note?: string;
  renew?: boolean;
}
interface Page {
  author?: string;
  mine?: boolean;
  limit?: number;
  cursor?: string;
}
type TaskQuery = Page & { kind?: TaskKind; status?: TaskStatus[] };
type QuestionQuery = Page & { open?: boolean; priority?: Priority };

export function taskCalls(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;

  /** @throws ThicketError `not-found` */
  function targetOf(grove: Grove, cid: string): Cid {
    if (grove.views.has(cid as Cid)) return cid as Cid;
    throw unheardOf(grove, cid);
  }

  /** Something that can be claimed. */
  function taskOf(grove: Grove, id: string): Cid {
    const cid = targetOf(grove, id);
    const item = grove.views.item(cid);
    if (item?.withdrawn === true)
      throw new ThicketError('not-found', `cid: all who published ${cid} withdrew it`);
    const kind = item?.manifest?.kind;
    if (kind === undefined)
      throw new ThicketError('not-found', `cid: the manifest of ${cid} is not held here; fetch it first`);
    if (!TASK_KINDS.some((each) => each === kind))
      throw new ThicketError('invalid', `cid: only plan and ask_user can be claimed, ${cid} is ${kind}`);
    return cid;
  }

  /** This device's own claim in force. */
  function ownClaim(grove: Grove, cid: Cid): Claim {
    const claim = grove.acts.claims.of(cid);
    if (claim === null || claim.author !== self)
      throw new ThicketError('not-found', `cid: this device has no claim on ${cid} that is in force`);
    if (claim.ended !== null)
      throw new ThicketError('invalid', `cid: this device ${claim.ended} its claim on ${cid} already`);
    return claim;
  }

  /** Why what another claims, or what is done, can't be claimed. */
  function checkFree(grove: Grove, cid: Cid, claim: Claim, now: number): void {
    const status = claimStatus(claim, now);
    const who = grove.members.nameOf(claim.author);
    const until = new Date(claim.until).toISOString();
    if (status === 'completed')
      throw new ThicketError('invalid', `cid: ${cid} was completed by ${who} (${claim.author})`);
    if (status === 'active' && claim.author !== self)
      throw new ThicketError('busy', `cid: ${cid} is claimed by ${who} (${claim.author}) until ${until}`);
  }

  function claim(
    call: Call,
    grove: Grove,
    cid: Cid,
    given: Omit<ClaimBody, 'kind' | 'target'>,
    wish: { claim: EntryId | null; renew: boolean } | null,
  ): void {
    checkMayWrite(core, grove, 'claim');
    const { act, lease, note } = given;
    const body = encodeBody({ kind: 'claim', target: hashOfCid(cid), ...given });
    const holds = act === 'claim' || act === 'renew';
    const answer = (claim: EntryId, at: number) =>
      holds ? claimInfo(grove, { claim, author: self, at, until: at + lease, ended: null, note }, at) : null;
    core.sync.append(grove.id, {
      kind: 'claim',
      body,
      table: null,
      also: (entry) => {
        const claim = wish?.claim ?? entry.id;
        const noted = call.note(answer(claim, entry.at));
        return wish === null ? noted : [...noted, wishOp(grove.id, claim, { cid, renew: wish.renew })];
      },
      then(outcome) {
        if (!('entry' in outcome)) {
          call.refuse(outcome.code, outcome.message);
          return;
        }
        const claim = wish?.claim ?? outcome.entry.id;
        if (wish !== null) core.claiming.wish(grove, claim, { cid, renew: wish.renew });
        call.reply(answer(claim, outcome.entry.at));
      },
    });
  }

  function renew(call: Call, grove: Grove, cid: Cid, own: Claim, options: ClaimOptions): void {
    const given = { act: 'renew', of: own.claim, lease: options.lease ?? own.lease } as const;
    const wish = core.claiming.wishFor(grove, own.claim);
    claim(
      call,
      grove,
      cid,
      { ...given, note: options.note ?? '' },
      { claim: own.claim, renew: options.renew ?? wish },
    );
  }

  function end(call: Call, id: string, cid: string, act: 'release' | 'complete', note: string): void {
    const grove = activeGrove(core, id);
    const own = ownClaim(grove, targetOf(grove, cid));
    claim(call, grove, cid as Cid, { act, of: own.claim, lease: 0, note }, null);
  }

  function toItem(grove: Grove, task: Task) {
    const item = grove.views.item(task.cid);
    if (item === null) return [];
    const { status, responses, kind, priority } = task;
    return [
      { ...itemOf(core, grove, item), status, responses, ...(kind === 'ask_user' ? { priority } : {}) },
    ];
  }

  return {
    claim(call: Call, id: string, given: string, options: ClaimOptions = {}): void {
      const grove = activeGrove(core, id);
      const cid = taskOf(grove, given);
      const known = grove.acts.claims.of(cid);
      const now = context.now();
      if (known !== null) {
        checkFree(grove, cid, known, now);
        if (claimStatus(known, now) === 'active') return renew(call, grove, cid, known, options);
      }
      const { lease = CONFIG.claims.lease, note = '' } = options;
      const act = { act: 'claim', of: known?.last ?? null, lease, note } as const;
      claim(call, grove, cid, act, { claim: null, renew: options.renew ?? true });
    },

    renewClaim(call: Call, id: string, given: string, options: Omit<ClaimOptions, 'renew'> = {}): void {
      const grove = activeGrove(core, id);
      const cid = targetOf(grove, given);
      const own = ownClaim(grove, cid);
      if (claimStatus(own, context.now()) !== 'active') {
        const until = new Date(own.until).toISOString();
        throw new ThicketError(
          'expired',
          `cid: this device's claim on ${cid} ran out at ${until}; claim it again`,
        );
      }
      renew(call, grove, cid, own, options);
    },

    release: (call: Call, id: string, cid: string, note = ''): void => end(call, id, cid, 'release', note),
    complete: (call: Call, id: string, cid: string, note = ''): void => end(call, id, cid, 'complete', note),

    claims(call: Call, id: string, given: string): void {
      const grove = activeGrove(core, id);
      const cid = targetOf(grove, given);
      const now = context.now();
      const { claims } = grove.acts;
      const current = claims.of(cid);
      const { claims: all, total } = claims.history(cid, GRAPH.claims);
      const history = all.map(({ standing, by, ...claim }) => {
        const info = claimInfo(grove, claim, now);
        const isGone = standing === 'lost' || (standing === 'ended' && claim.ended === null);
        return { ...info, status: isGone ? standing : info.status, by };
      });
      call.reply({ current: current && claimInfo(grove, current, now), history, total });
    },

    vote(call: Call, id: string, cid: string, vote: VoteBody['vote']): void {
      const grove = activeGrove(core, id);
      write(core, call, grove, { kind: 'vote', target: hashOfCid(targetOf(grove, cid)), vote });
    },

    votes(call: Call, id: string, given: string): void {
      const grove = activeGrove(core, id);
      const cid = targetOf(grove, given);
      const votes = grove.acts.votes
        .of(cid)
        .votes.slice(0, GRAPH.maxPage)
        .map((each) => ({ ...each, authorName: grove.members.nameOf(each.author) }));
      call.reply({ ...votesOf(core, grove, cid), votes });
    },

    outcome(call: Call, id: string, cid: string, outcome: OutcomeBody['outcome'], reason = ''): void {
      const grove = activeGrove(core, id);
      const target = hashOfCid(targetOf(grove, cid));
      write(core, call, grove, { kind: 'outcome', target, outcome, reason });
    },

    outcomes(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      const all = grove.acts.outcomes.of(targetOf(grove, cid)).slice(0, GRAPH.maxPage);
      call.reply(all.map((each) => ({ ...each, authorName: grove.members.nameOf(each.author) })));
    },

    tasks(call: Call, id: string, { mine, ...filter }: TaskQuery = {}): void {
      const grove = activeGrove(core, id);
      const query = { ...filter, ...(mine === true ? { claimant: self } : {}) };
      const { items, cursor } = grove.views.tasks.list(query, grove.acts.claims, context.now());
      const found = items.flatMap((task) => toItem(grove, task));
      call.reply({ items: found, ...(cursor === undefined ? {} : { cursor }) });
    },

    questions(call: Call, id: string, { mine, open, ...filter }: QuestionQuery = {}): void {
      const grove = activeGrove(core, id);
      const query = {
        ...filter,
        kind: 'ask_user' as const,
        ...(open === undefined ? {} : { isAnswered: !open }),
        ...(mine === true ? { author: self } : {}),
      };
      const { items, cursor } = grove.views.tasks.list(query, grove.acts.claims, context.now());
      const found = items.flatMap((task) => toItem(grove, task));
      call.reply({ items: found, ...(cursor === undefined ? {} : { cursor }) });
    },
  };
}
