// Which page a fragment names, and the one place that spells fragments. Pure.

export const KINDS = [
  'work',
  'review',
  'discussion',
  'adoption',
  'reproduction',
  'plan',
  'ask_user',
  'response',
] as const;

/** Pages of a grove that need to know nothing else. What walks over every screen reads this list. */
export const GROVE_PAGES = [
  'graph',
  'peers',
  'hand',
  'invite',
  'tasks',
  'threads',
  'activity',
  'about',
  'log',
] as const;
export type GrovePage = (typeof GROVE_PAGES)[number];

export type Route =
  | { name: 'home' }
  /** `url` is the invite link, held in memory only; null once it was forgotten by a reload. `cid`: what one is invited to see. */
  | { name: 'join'; url: string | null; cid: string | null }
  /** Contribute, to which grove is still to be said. */
  | { name: 'new' }
  /** `part`: where on the page one goes first. */
  | { name: 'settings'; part?: SettingsPart }
  /** `cid`: what an invite leads to. */
  | { name: GrovePage; grove: string; cid?: string }
  | { name: 'frontier'; grove: string; query: FrontierQuery }
  | { name: 'list'; grove: string; query: ListQuery }
  | { name: 'contribution'; grove: string; cid: string }
  /** `target`: what it is about, and `as`: in which way. */
  | { name: 'compose'; grove: string; target: string | null; as: Intent }
  | { name: 'unknown' };

/** What one is about to write: it chooses the kind, and the relation to what it is about. */
export const INTENTS = [
  'derive',
  'review',
  'reproduce',
  'adopt',
  'discuss',
  'answer',
  'ask',
  'plan',
] as const;
export type Intent = (typeof INTENTS)[number];

export interface ListQuery {
  text: string;
  kind: string;
  mode: string;
  tag: string;
}

/** Empty where nothing is asked for. */
export interface FrontierQuery {
  metric: string;
  kind: string;
  mode: string;
  tags: string[];
}

const SETTINGS_PARTS = ['identity', 'devices', 'storage'] as const;
/** Parts of the settings that have an address. */
export type SettingsPart = (typeof SETTINGS_PARTS)[number];
const isSettingsPart = (text: string): text is SettingsPart =>
  (SETTINGS_PARTS as readonly string[]).includes(text);
const HEX = /^[0-9a-f]{64}$/;

/** The grove-less and grove-bound pages of a fragment. An invite's code is not looked at here. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const params = new URLSearchParams(search);
  const [head = '', grove = '', page = '', id = ''] = path.split('/').filter((part) => part !== '');
  if (head === '') return { name: 'home' };
  if (head === 'join') return { name: 'join', url: null, cid: null };
  if (head === 'new') return { name: 'new' };
  if (head === 'settings')
    return isSettingsPart(grove) ? { name: 'settings', part: grove } : { name: 'settings' };
  if (head !== 'g' || !HEX.test(grove)) return { name: 'unknown' };
  const known = GROVE_PAGES.find((name) => name === page);
  if (known === 'invite' && HEX.test(params.get('c') ?? ''))
    return { name: known, grove, cid: `blake3:${params.get('c') ?? ''}` };
  if (known !== undefined) return { name: known, grove };
  switch (page) {
    case '':
      return { name: 'frontier', grove, query: readFrontierQuery(params) };
    case 'list':
      return { name: 'list', grove, query: readQuery(params) };
    case 'c':
      return HEX.test(id.replace(/^blake3:/, ''))
        ? { name: 'contribution', grove, cid: `blake3:${id.replace(/^blake3:/, '')}` }
        : { name: 'unknown' };
    case 'new':
      return {
        name: 'compose',
        grove,
        target: params.get('target'),
        as: INTENTS.find((intent) => intent === params.get('as')) ?? 'derive',
      };
    default:
      return { name: 'unknown' };
  }
}

const JOIN = '#/join/';
/** How the installed app is handed an invite by the browser (`protocol_handlers` of the manifest). */
const SCHEME = /^web\+thicket:(?:\/\/)?(?:join\/)?/;

/** An invite link apart from the contribution that it leads to; null where there is no invite in it. The code is not looked at. */
export function readInvite(link: string): { url: string; cid: string | null } | null {
  const text = link.trim();
  const start = text.indexOf(JOIN);
  if (start < 0 && !SCHEME.test(text)) return null;
  const [code = '', search = ''] = plain(start < 0 ? text : text.slice(start + JOIN.length))
    .replace(SCHEME, '')
    .split('?', 2);
  if (code === '') return null;
  const cid = new URLSearchParams(search).get('c') ?? '';
  return { url: `${JOIN}${code}`, cid: HEX.test(cid) ? `blake3:${cid}` : null };
}

/** The link to an invite with what one is to see first. */
export const inviteTo = (url: string, cid: string): string =>
  `${url.trim().replace(/\?.*$/, '')}?c=${cid.replace(/^blake3:/, '')}`;

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const readQuery = (params: URLSearchParams): ListQuery => ({
  text: params.get('q') ?? '',
  kind: params.get('kind') ?? '',
  mode: params.get('mode') ?? '',
  tag: params.get('tag') ?? '',
});

const readFrontierQuery = (params: URLSearchParams): FrontierQuery => ({
  metric: params.get('metric') ?? '',
  kind: params.get('kind') ?? '',
  mode: params.get('mode') ?? '',
  tags: params.getAll('tag').filter((tag) => tag !== ''),
});

/** With what is not empty of a query behind it. */
function withQuery(path: string, query: readonly (readonly [string, string | undefined])[]): string {
  const params = new URLSearchParams();
  for (const [key, value] of query) if (value !== undefined && value !== '') params.append(key, value);
  const search = params.toString();
  return search === '' ? path : `${path}?${search}`;
}

/** The one place that spells fragments. */
export const href = {
  home: '#/',
  new: '#/new',
  settings: '#/settings',
  storage: '#/settings/storage',
  identity: '#/settings/identity',
  devices: '#/settings/devices',
  grove: (grove: string, { metric, kind, mode, tags = [] }: Partial<FrontierQuery> = {}) =>
    withQuery(`#/g/${grove}`, [
      ['metric', metric],
      ['kind', kind],
      ['mode', mode],
      ...tags.map((tag) => ['tag', tag] as const),
    ]),
  graph: (grove: string) => `#/g/${grove}/graph`,
  peers: (grove: string) => `#/g/${grove}/peers`,
  hand: (grove: string) => `#/g/${grove}/hand`,
  invite: (grove: string, cid?: string) =>
    `#/g/${grove}/invite${cid === undefined ? '' : `?c=${cid.replace(/^blake3:/, '')}`}`,
  contribution: (grove: string, cid: string) => `#/g/${grove}/c/${cid.replace(/^blake3:/, '')}`,
  tasks: (grove: string) => `#/g/${grove}/tasks`,
  activity: (grove: string) => `#/g/${grove}/activity`,
  threads: (grove: string) => `#/g/${grove}/threads`,
  about: (grove: string) => `#/g/${grove}/about`,
  log: (grove: string) => `#/g/${grove}/log`,
  compose: (grove: string, target?: string, as: Intent = 'derive') =>
    withQuery(`#/g/${grove}/new`, [
      ['target', target],
      ['as', as === 'derive' ? '' : as],
    ]),
  list: (grove: string, { text, kind, mode, tag }: Partial<ListQuery> = {}) =>
    withQuery(`#/g/${grove}/list`, [
      ['q', text],
      ['kind', kind],
      ['mode', mode],
      ['tag', tag],
    ]),
};
