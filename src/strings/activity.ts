// What happened, who is at what, and what a person is told of.
import type { Role } from '../../worker/rpc/api.ts';
import { count } from './count.ts';

export const activity = {
  activity: {
    title: 'Activity',
    lead: 'The newest that came to this device, first.',
    empty: 'Nothing happened yet',
    isNew: 'new',
    unread: (n: number, more: boolean) => `${n}${more ? '+' : ''} new`,
    more: 'Show more',
    on: 'on',
    missing: 'something not on this device',
    withdrawn: 'something withdrawn since',
    kinds: {
      contract: 'founded this grove',
      contribution: 'contributed',
      retract: 'withdrew',
      profile: 'changed the own profile',
      setting: 'changed a setting',
      leave: 'left',
      handover: 'handed the grove to',
      ban: 'banned',
      unban: 'let back in',
    } satisfies Record<string, string>,
    other: (kind: string) => `wrote an entry of a kind not known here (${kind})`,
    admit: (role: string) => `let in as ${role}:`,
    role: (role: string) => `made ${role}:`,
    contributions: {
      work: 'contributed',
      review: 'wrote a review:',
      discussion: 'wrote:',
      adoption: 'adopted:',
      reproduction: 'reproduced:',
      plan: 'planned',
      ask_user: 'asked',
      response: 'answered',
    } satisfies Record<string, string>,
    claims: {
      claim: 'claimed',
      release: 'let go of',
      complete: 'marked as done',
    } satisfies Record<string, string>,
    votes: {
      up: 'voted for',
      down: 'voted against',
      none: 'took back a vote on',
    } satisfies Record<string, string>,
    outcome: (outcome: string) => `said “${outcome}” of`,
    settings: {
      'contract.name': 'changed the grove’s name',
      'contract.description': 'changed what the grove is about',
      'contract.metrics': 'changed what is measured here',
      'contract.gates': 'changed the rules for contributions',
      'contract.stops': 'changed when work here is done',
      'contract.policy': 'changed what devices that join begin with',
    } satisfies Record<string, string>,
    roleOf: { owner: 'owner', moderator: 'moderator', member: 'member', reader: 'reader' } satisfies Record<
      Role,
      string
    >,
  },
  tell: {
    answer: (by: string) => `${by} answered your question`,
    question: (by: string) => `${by} asks`,
    derived: (by: string) => `${by} builds on your work`,
    offer: 'Be told when someone answers you or builds on your work?',
    offerHint: 'Only while no window of this app is in view. Nothing is sent to anyone for it.',
    yes: 'Tell me',
    no: 'No',
  },
  presence: {
    idle: 'here',
    working: 'working on',
    workingAlone: 'writing something new',
    done: 'done with',
    doneAlone: 'done',
    here: (n: number) => `${count(n, 'person', 'people')} here now`,
    alsoWorking: (name: string) => `${name} is working on this now.`,
    alsoWorkingMany: (name: string, more: number) =>
      `${name} and ${count(more, 'other', 'others')} are working on this now.`,
  },
} as const;
