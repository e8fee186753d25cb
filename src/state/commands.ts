// What the palette offers: places of this app, groves, and acts. Pure.
import type { GroveInfo } from '../../worker/rpc/api.ts';
import type { IconName } from '../components/icons.ts';
import { href } from '../routes.ts';
import { mayWrite } from './powers.ts';
import { strings } from '../strings.ts';
import { brief } from '../text.ts';

export interface Command {
  id: string;
  label: string;
  /** Where it stands: shown beside it. */
  note: string;
  href: string;
  icon: IconName;
}

/** For the grove that is looked at, then the others, then what belongs to none. */
export function commandsFor(grove: GroveInfo | null, groves: readonly GroveInfo[]): Command[] {
  const { nav, palette } = strings;
  const here = grove?.state === 'active' ? grove : null;
  const place = (id: string, label: string, to: string, icon: IconName): Command => ({
    id,
    label,
    note: here === null ? '' : brief(here.name, 40),
    href: to,
    icon,
  });
  const own =
    here === null
      ? []
      : [
          place('frontier', nav.frontier, href.grove(here.id), 'frontier'),
          place('list', nav.list, href.list(here.id), 'list'),
          place('graph', nav.graph, href.graph(here.id), 'graph'),
          place('tasks', nav.tasks, href.tasks(here.id), 'tasks'),
          place('threads', nav.threads, href.threads(here.id), 'threads'),
          place('activity', nav.activity, href.activity(here.id), 'activity'),
          place('peers', nav.peers, href.peers(here.id), 'peers'),
          place('about', nav.about, href.about(here.id), 'info'),
          place('log', strings.log.title, href.log(here.id), 'list'),
          ...(!mayWrite(here.role)
            ? []
            : [
                place('compose', nav.compose, href.compose(here.id), 'plus'),
                place('ask', strings.tasks.ask, href.compose(here.id, undefined, 'ask'), 'plus'),
                place('invite', nav.invite, href.invite(here.id), 'invite'),
              ]),
        ];
  const others = groves
    .filter(({ id }) => id !== grove?.id)
    .map(({ id, name }): Command => ({
      id: `grove-${id}`,
      label: name === '' ? strings.welcome.unnamedGrove : brief(name, 60),
      note: palette.grove,
      href: href.grove(id),
      icon: 'frontier',
    }));
  return [
    ...own,
    ...others,
    { id: 'home', label: strings.app.home, note: '', href: href.home, icon: 'back' },
    { id: 'settings', label: strings.app.settings, note: '', href: href.settings, icon: 'settings' },
    {
      id: 'storage',
      label: strings.storage.title,
      note: strings.app.settings,
      href: href.storage,
      icon: 'settings',
    },
  ];
}

/** Those in whose label each word begins some word, case aside. */
export function matchingCommands(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ label }) => {
    const own = label.toLowerCase().split(/[\s-]+/);
    return words.every((word) => own.some((each) => each.startsWith(word)));
  });
}
