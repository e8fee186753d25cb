// What is on every page: the bar, notices, failures.
import type { Events } from '../../worker/rpc/api.ts';
import { count, peersCount } from './count.ts';

type Code = Events['problem']['code'];

export const shell = {
  app: {
    name: 'Thicket',
    skip: 'Skip to content',
    settings: 'Settings',
    home: 'All groves',
    sections: 'Sections of this grove',
    loading: 'Loading…',
    readingBack: (done: number, total: number) =>
      `This grove is being read from this device: ${done.toLocaleString()} of ${total.toLocaleString()} entries. Until then you see how it was last time, and what you do waits.`,
    retry: 'Try again',
    dismiss: 'Dismiss',
    cancel: 'Cancel',
    copy: 'Copy',
    copied: 'Copied',
    notFound: 'There is nothing at this address',
    notFoundHint: 'The link may be old, or meant for another device.',
    toGroves: 'Go to your groves',
    unnamed: 'unnamed',
    you: 'you',
    updateReady: 'A new version of Thicket is ready.',
    update: 'Update now',
    updateHint: 'Nothing you have saved is touched.',
    updateWaits: 'It starts as soon as what is being sent or written is done.',
    endpointDown: 'New peers cannot find this grove just now. Peers already linked go on working.',
    endpointDownHome: 'New peers cannot find this device just now. What is linked goes on working.',
    banned: (by: string) => `${by === '' ? 'A moderator' : by} banned you from this grove.`,
    bannedHint: 'What you hold stays on this device; nothing new comes or goes.',
    ended: 'Another device of yours ended this one.',
    endedHint: 'What it holds stays here; nothing new comes or goes, and what you write here counts nowhere.',
    restarted: 'The peer in this browser was restarted. What was pending was sent again.',
    joined: (name: string) => `You are now a member of ${name}.`,
    viewsDiffer: (grove: string, peer: string) =>
      `${peer} shows ${grove} differently, although both hold the same. One of the two has a fault: please tell those who make Thicket.`,
    fork: (grove: string, author: string) =>
      `${author} signed two different entries for one place in ${grove}. What came after is set aside.`,
    refused: (reason: string) => `The invite was refused: ${reason}`,
  },
  nav: {
    frontier: 'Frontier',
    list: 'Contributions',
    graph: 'Graph',
    tasks: 'Tasks',
    threads: 'Threads',
    activity: 'Activity',
    peers: 'Peers',
    more: 'More',
    about: 'About this grove',
    invite: 'Invite',
    compose: 'Contribute',
  },
  palette: {
    title: 'Go to',
    hint: 'A place, a grove, or words of a contribution',
    hintHome: 'A place or a grove',
    grove: 'Grove',
    none: 'Nothing by that name.',
  },
  keys: {
    title: 'Keys',
    close: 'Close',
    list: [
      ['Ctrl K, ⌘ K', 'Go anywhere, find a contribution'],
      ['/', 'Search on this page, or in all contributions'],
      ['?', 'This list'],
      ['← → ↑ ↓', 'In the graph: walk along the branches'],
      ['Enter', 'Open what is chosen'],
      ['Esc', 'Close, or let go of a choice'],
    ],
  },
  connection: {
    offline: 'offline',
    have: (n: number) => `Saved here · ${n === 1 ? '1 peer has it' : `${n} peers have it`}`,
    sending: (n: number) => `Saved here · sending to ${peersCount(n)}`,
    alone: 'Saved here · you are the only member so far',
    nobody: 'Saved here · nobody else online',
    unsent: (n: number) =>
      `Saved here only · ${count(n, 'entry', 'entries')} to send when someone comes online`,
    catchingUp: (done: number, total: number) =>
      `Catching up: ${done.toLocaleString()} of ${count(total, 'entry', 'entries')}`,
    catchingUpHint: 'What is here already can be used meanwhile.',
    joining: 'Waiting for a member to come online',
    waiting: 'Waiting for approval',
    refused: 'The invite was refused',
  },
  problems: {
    quota: 'There is no room for that on this device, so nothing of it was saved. Make room, then try again.',
    closed: 'The browser closed this peer’s database, so that was not saved. Try again; reload if it stays.',
    offline: 'That needs another peer, and none can be reached just now.',
    busy: 'Another window is using this peer, or too much is waiting. Try again in a moment.',
    timeout: 'No answer came in time. Try again.',
    version: 'Another tab runs a different version of Thicket. Close or reload it.',
    unsupported: 'This browser lacks something that Thicket needs.',
    corrupt: 'What arrived does not match its hash or signature, so it was refused.',
    internal: 'Something went wrong inside Thicket.',
  } satisfies Partial<Record<Code, string>>,
} as const;
