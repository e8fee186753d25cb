// Who is linked to whom, how, and why not. Comes with the page of peers, not before.
import type { FindingAction, FindingCode } from '../peers/diagnosis.ts';
import { count } from './count.ts';

export const network = {
  mesh: {
    title: 'Who is linked to whom',
    hint: 'What this device knows, and what its neighbours say of their own links. They are asked while you look, and only then.',
    label: (people: number, links: number) =>
      `${count(people, 'device', 'devices')} in sight, ${count(links, 'link', 'links')} between them. The list below says the same.`,
    summary: (people: number, links: number, messages: number) =>
      `${count(people, 'device', 'devices')} · ${count(links, 'link', 'links')} · ${count(messages, 'message', 'messages')} passed since you look`,
    more: (n: number) => `${count(n, 'other is', 'others are')} in sight too.`,
    away: (n: number) => `${count(n, 'member is', 'members are')} out of sight.`,
    self: 'This device',
    eager: 'News at once',
    lazy: 'News only named',
    none: 'Linked, no news',
    told: 'Said by others',
    passing: 'Messages',
    news: 'with news',
    list: 'As a list',
    from: 'Between',
    and: 'and',
    how: 'News',
    by: 'Known by',
    passed: 'Passed since you look',
    flow: (out: number, incoming: number, news: number) =>
      `${out.toLocaleString()} out, ${incoming.toLocaleString()} in${news === 0 ? '' : `, ${news.toLocaleString()} with news`}`,
    byOwn: 'this device',
    byBoth: 'both of them',
    byOne: 'one of them',
  },
  path: {
    title: 'Way',
    direct: 'direct',
    relayed: 'relayed',
    is: (relayed: boolean, local: string, remote: string, protocol: string) =>
      `${relayed ? 'through a TURN server' : 'from device to device'} (${local} to ${remote}, ${protocol})`,
    kinds: {
      host: 'own address',
      srflx: 'address seen by STUN',
      prflx: 'address seen by the other',
      relay: 'TURN',
    } as Record<string, string>,
    other: 'unknown',
    rate: (out: string, incoming: string) => `${out}/s out, ${incoming}/s in`,
    nowTitle: 'Now',
    ms: (ms: number) => `round trip ${Math.round(ms)} ms by the network`,
  },
  held: {
    title: 'Holds',
    show: 'Look',
    entries: (held: number, of: number) =>
      held === of
        ? `all ${count(of, 'entry', 'entries')} of the log`
        : `${held.toLocaleString()} of ${count(of, 'entry', 'entries')} of the log`,
    unknown: 'nothing was compared yet',
    whole: (n: number) => `${count(n, 'contribution', 'contributions')} wholly, by its word`,
    offersTitle: 'Offers',
    none: 'It signed no offer lately. Only the best of each ranking are offered.',
    more: (n: number) => `and ${count(n, 'other', 'others')}`,
    rankings: {
      adoption: 'adoption',
      recency: 'recency',
      review: 'reviews',
      reproduction: 'reproductions',
    } as Record<string, string>,
  },
  state: {
    lasts: (time: string) => `for ${time}`,
    lastError: 'Last error',
    rooms: (joined: number, wanted: number) =>
      wanted === 0
        ? 'asks for no room'
        : joined === wanted
          ? `let into ${count(wanted, 'room', 'rooms')}`
          : `let into ${joined} of ${count(wanted, 'room', 'rooms')}`,
    room: (others: number) =>
      others === 0
        ? 'nobody else of this grove is there'
        : `${count(others, 'other', 'others')} of this grove there`,
    notInRoom: 'not in this grove’s room',
    servers: 'STUN and TURN',
    noServers: 'None is set. Devices on different networks may not reach each other.',
    untested: 'not tested yet',
    ok: { stun: 'answers: an address was seen', turn: 'answers: a relay is ready' },
    dead: 'no answer',
    took: (ms: number) => `${ms.toLocaleString()} ms`,
    test: 'Test servers and clock',
    testing: 'Testing…',
    toSettings: 'Network settings',
    carrier: 'Links are carried by',
    thisTab: 'this tab',
    otherTab: (tabs: number) => `another tab (${tabs} are open)`,
    noTab: 'no tab',
    worker: 'This app runs in',
    workers: {
      shared: 'a worker that all tabs share',
      dedicated: 'a worker of one tab: this browser has no shared ones, so links end when that tab closes',
      unknown: 'a worker',
    },
    links: 'Links',
    linksOf: (up: number, connecting: number, most: number) =>
      `${up} of at most ${most}${connecting === 0 ? '' : `, ${connecting} coming about`}`,
    clock: 'Clock',
    clockRight: 'agrees with the meeting point’s',
    clockOff: (minutes: number) =>
      `${Math.abs(minutes).toLocaleString()} min ${minutes > 0 ? 'ahead of' : 'behind'} the meeting point’s`,
  },
  diagnosis: {
    title: 'Why is there no link?',
    titleLinked: 'How links stand',
    ask: 'Check my links',
    close: 'Close',
    about: 'About',
    said: 'Reason:',
    findings: {
      offline: [
        'This device is offline',
        'The browser says that there is no network. Links come about again by themselves once there is.',
      ],
      banned: [
        'This device was banned',
        'Members of this grove link to it no more. What is here stays readable.',
      ],
      'not-member': [
        'The membership has not arrived yet',
        'This device was let in, and has not read that in the log. It comes with the first link.',
      ],
      'gossip-off': [
        'Exchange is off for this grove',
        'Nothing of it leaves this device and nothing arrives, because you chose so.',
      ],
      alone: ['Nobody else is a member yet', 'There is nobody to link to. Send someone an invite.'],
      'no-carrier': [
        'No tab carries links',
        'A tab has to be open and awake to host connections. Reload this one.',
      ],
      'hand-only': [
        'This device links by hand only',
        'By its settings it asks no meeting point. Carry a text to another device and back.',
      ],
      'endpoint-down': [
        'The meeting point cannot be reached',
        'Devices that aren’t linked yet can’t find each other. This device tries again by itself; meanwhile you can link by hand.',
      ],
      'endpoint-connecting': [
        'The meeting point has not answered yet',
        'This device is still trying to reach it.',
      ],
      'room-closed': [
        'The meeting point has not let this device in',
        'It may be full, or this device asked for too many rooms. It asks again by itself.',
      ],
      'nobody-there': [
        'Nobody else is at the meeting point',
        'No other device of this grove is there now. Ask a member to open it; make sure that both use the same meeting point.',
      ],
      unheard: [
        'Others are there, and say nothing this device can read',
        'Their page may be asleep, or the grove’s secret was changed while this device was away.',
      ],
      'no-answer': [
        'Others don’t answer',
        'This device called or made an offer, and nothing came back: their page may be asleep or just closed.',
      ],
      'relay-only-none': [
        'Only TURN servers may be used, and none is set',
        'By its settings this device links through TURN servers only. Set one, or let it link without.',
      ],
      'relay-only-dead': [
        'Only TURN servers may be used, and none answers',
        'By its settings this device links through TURN servers only, and what is set can’t be reached. Set another, or let it link without.',
      ],
      'no-path-no-turn': [
        'No way through the networks was found',
        'The devices met and found no path to each other. A strict router or firewall stands between; a TURN server gets around it, and none is set.',
      ],
      'no-path-turn-dead': [
        'No way was found, and the TURN server does not answer',
        'The devices met and found no path to each other. The TURN server that is set should help and can’t be reached.',
      ],
      'no-path': [
        'No way through the networks was found',
        'The devices met and found no path to each other, though a TURN server is set. It may not answer: test it.',
      ],
      version: [
        'The other side runs another version',
        'The two speak no common language. Reload here, and ask the other to do so.',
      ],
      handshake: [
        'The other side could not prove who it is',
        'A connection opened, and its other end was not the one that was met. Nothing of this grove was told to it.',
      ],
      refused: [
        'Refused for what they did',
        'This device saw them send what an honest one does not, and links to them no more for a while. Others may still do so.',
      ],
      paused: ['Paused by you', 'You paused the exchange with them. Let it go on to link again.'],
      unproven: [
        'Linked, but not for this grove',
        'They showed no sign of this grove: they may have left it, paused this device or turned exchange off, or hold another secret.',
      ],
      'links-full': [
        'This device has as many links as it may',
        'Other groves take them all. A place gets free by itself.',
      ],
      dismissed: [
        'Others had no place left',
        'They closed the link for want of a place. Others are tried next.',
      ],
      'ice-dead': [
        'A STUN or TURN server does not answer',
        'Links to devices on other networks may fail for that.',
      ],
      clock: [
        'This device’s clock is wrong',
        'Invites and texts carried by hand may count as expired, and times look odd to others. Set it right in the system.',
      ],
      looking: ['This device is looking', 'Nothing is in the way. Links mostly take a few seconds.'],
      linked: ['Linked', 'News of this grove come and go.'],
    } satisfies Record<FindingCode, readonly [title: string, text: string]>,
    actions: {
      invite: 'Invite someone',
      hand: 'Link by hand',
      settings: 'Network settings',
      'gossip-on': 'Turn exchange on',
      reload: 'Reload',
      retry: 'Try again now',
      resume: 'Let it go on',
      forgive: 'Link to them again',
      test: 'Test servers and clock',
    } satisfies Record<NonNullable<FindingAction>, string>,
  },
  report: {
    make: 'Make a report',
    title: 'Report',
    hint: 'For whoever helps you. It holds states, figures and the first six digits of keys; no names, addresses, contents, secrets or invites. Read it before you send it.',
    copy: 'Copy report',
    label: 'Text of the report',
    close: 'Close',
  },
} as const;
