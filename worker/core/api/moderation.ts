// Calls about what is reported and hidden (SPEC A18). A subject is a contribution by its CID, or what a member says of itself
// by the member's key.
import type { Moderated, Report } from '../access/moderation.ts';
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { Grove } from '../grove.ts';
import { ThicketError } from '../model/errors.ts';
import { GOVERN_LIMITS, type ModerateBody, type Subject } from '../model/governing.ts';
import { cidOf, hashOfCid, idBytes, toHash, type Cid, type PeerId } from '../model/ids.ts';
import { activeGrove, itemIn, write, type Call } from './api.ts';
import { mentionOf } from './mention.ts';
import { checkMember, checkPower } from './rank.ts';
import type { Turns } from './turns.ts';

export function moderationCalls(core: Core, turns: Turns) {
  const self = core.identity.keypair.id;

  /** @throws ThicketError `not-found` */
  function subjectOf(grove: Grove, named: string): Subject {
    if (named.startsWith('blake3:'))
      return { about: 'contribution', subject: hashOfCid(itemIn(grove, named).cid) };
    checkMember(grove, named as PeerId);
    const entry = grove.members.namedBy(named as PeerId);
    if (entry === null) throw new ThicketError('not-found', `subject: ${named} says nothing of itself`);
    return { about: 'entry', subject: toHash(idBytes(entry)) };
  }

  function subjectInfo(grove: Grove, { about, subject }: Subject) {
    if (about === 'contribution') {
      const cid: Cid = cidOf(subject);
      return { about, subject: cid, target: mentionOf(grove, cid) };
    }
    const peer = grove.members.list().find((each) => grove.members.namedBy(each.peer) === subject)?.peer;
    const member = peer === undefined ? {} : { member: { peerId: peer, name: grove.members.nameOf(peer) } };
    return { about, subject: peer ?? '', ...member };
  }

  const wordInfo = (grove: Grove, { source, body }: Report | Moderated) => ({
    ...{ id: source.id, by: source.author, byName: grove.members.nameOf(source.author) },
    ...{ reason: body.reason, at: source.at },
  });

  function moderate(
    call: Call,
    id: string,
    named: string,
    word: ModerateBody['word'],
    { reason = '' }: { reason?: string },
  ): void {
    const grove = activeGrove(core, id);
    turns.take(grove, call, (last) => {
      const rank = checkPower(core, grove, 'moderate', 'hide and show');
      const about = subjectOf(grove, named);
      const { hidden, open } = grove.members.moderation;
      const standing = hidden.get(about.subject);
      const byOwner =
        standing !== undefined &&
        grove.members.roleAt(standing.source.author, standing.source.seq) === 'owner';
      if (byOwner && rank !== 'owner' && word === 'show')
        throw new ThicketError('forbidden', 'subject: only the owner shows what the owner hid');
      const reports = open.filter(({ body }) => body.subject === about.subject);
      const isDone = word === 'dismiss' || (word === 'hide') === (standing !== undefined);
      if (isDone && reports.length === 0) return last.reply(null);
      const closes = reports.map(({ source }) => source.id).slice(0, GOVERN_LIMITS.closes);
      write(core, last, grove, { kind: 'moderate', ...about, word, closes, reason });
    });
  }

  return {
    report(call: Call, id: string, named: string, reason: string): void {
      const grove = activeGrove(core, id);
      turns.take(grove, call, (last) => {
        const about = subjectOf(grove, named);
        const mine = grove.members.moderation.open.find(
          ({ source, body }) => source.author === self && body.subject === about.subject,
        );
        if (mine?.body.reason === reason) return last.reply(null);
        write(core, last, grove, { kind: 'report', ...about, reason });
      });
    },

    reports(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const bySubject = new Map<string, Report[]>();
      for (const each of grove.members.moderation.open) {
        const key = `${each.body.about}/${each.body.subject}`;
        bySubject.set(key, [...(bySubject.get(key) ?? []), each]);
      }
      const rows = [...bySubject.values()].slice(0, CONFIG.access.listed).flatMap((reports) => {
        const [first] = reports;
        if (first === undefined) return [];
        const words = reports.slice(0, CONFIG.access.shown).map((each) => wordInfo(grove, each));
        return [{ ...subjectInfo(grove, first.body), reports: words, total: reports.length }];
      });
      call.reply(rows);
    },

    hide(call: Call, id: string, named: string, options: { reason?: string } = {}): void {
      moderate(call, id, named, 'hide', options);
    },
    unhide(call: Call, id: string, named: string, options: { reason?: string } = {}): void {
      moderate(call, id, named, 'show', options);
    },
    dismissReports(call: Call, id: string, named: string, options: { reason?: string } = {}): void {
      moderate(call, id, named, 'dismiss', options);
    },

    /** The newest first. */
    moderation(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const newest = grove.members.moderation.log.slice(-CONFIG.access.listed).reverse();
      call.reply(
        newest.map((each) => ({
          ...wordInfo(grove, each),
          ...subjectInfo(grove, each.body),
          word: each.body.word,
          stands: grove.members.moderation.hidden.get(each.body.subject)?.source.id === each.source.id,
        })),
      );
    },
  };
}
