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
export const GROVE_PAGES = ['graph', 'peers', 'hand', 'invite', 'tasks', 'threads', 'about'] as const;
export type GrovePage = (typeof GROVE_PAGES)[number];

export type Route =
  | { name: 'home' }
  /** `url` is the whole invite link, held in memory only; null once it was forgotten by a reload. */
  | { name: 'join'; url: string | null }
  /** `part`: where on the page one goes first. */
  | { name: 'settings'; part?: 'storage' }
  | { name: 'frontier' | GrovePage; grove: string }
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

const HEX = /^[0-9a-f]{64}$/;

/** The grove-less and grove-bound pages of a fragment. An invite's code is not looked at here. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const params = new URLSearchParams(search);
  const [head = '', grove = '', page = '', id = ''] = path.split('/').filter((part) => part !== '');
  if (head === '') return { name: 'home' };
  if (head === 'join') return { name: 'join', url: null };
  if (head === 'settings')
    return grove === 'storage' ? { name: 'settings', part: 'storage' } : { name: 'settings' };
  if (head !== 'g' || !HEX.test(grove)) return { name: 'unknown' };
  const plain = GROVE_PAGES.find((name) => name === page);
  if (plain !== undefined) return { name: plain, grove };
  switch (page) {
    case '':
      return { name: 'frontier', grove };
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

const readQuery = (params: URLSearchParams): ListQuery => ({
  text: params.get('q') ?? '',
  kind: params.get('kind') ?? '',
  mode: params.get('mode') ?? '',
  tag: params.get('tag') ?? '',
});

/** The one place that spells fragments. */
export const href = {
  home: '#/',
  settings: '#/settings',
  storage: '#/settings/storage',
  grove: (grove: string) => `#/g/${grove}`,
  graph: (grove: string) => `#/g/${grove}/graph`,
  peers: (grove: string) => `#/g/${grove}/peers`,
  hand: (grove: string) => `#/g/${grove}/hand`,
  invite: (grove: string) => `#/g/${grove}/invite`,
  contribution: (grove: string, cid: string) => `#/g/${grove}/c/${cid.replace(/^blake3:/, '')}`,
  tasks: (grove: string) => `#/g/${grove}/tasks`,
  threads: (grove: string) => `#/g/${grove}/threads`,
  about: (grove: string) => `#/g/${grove}/about`,
  compose: (grove: string, target?: string, as: Intent = 'derive') => {
    const params = new URLSearchParams();
    if (target !== undefined) params.set('target', target);
    if (as !== 'derive') params.set('as', as);
    const search = params.toString();
    return `#/g/${grove}/new${search === '' ? '' : `?${search}`}`;
  },
  list: (grove: string, query: Partial<ListQuery> = {}) => {
    const params = new URLSearchParams();
    for (const [key, value] of [
      ['q', query.text],
      ['kind', query.kind],
      ['mode', query.mode],
      ['tag', query.tag],
    ] as const) {
      if (value !== undefined && value !== '') params.set(key, value);
    }
    const search = params.toString();
    return `#/g/${grove}/list${search === '' ? '' : `?${search}`}`;
  },
};
