// Light, dark, or as the system has it: applied before anything is drawn, remembered on this device. Knows no component.

export const APPEARANCES = ['system', 'light', 'dark'] as const;
export type Appearance = (typeof APPEARANCES)[number];

const KEY = 'thicket/appearance';

export const appearanceIn = (memory: Pick<Storage, 'getItem'>): Appearance =>
  APPEARANCES.find((each) => each === memory.getItem(KEY)) ?? 'system';

function apply(document: Document, appearance: Appearance): void {
  const { dataset } = document.documentElement;
  if (appearance === 'system') delete dataset['appearance'];
  else dataset['appearance'] = appearance;
  // The bar of an installed app: each of the two says for which of the system's it is.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const own = meta.dataset['media'] ?? meta.media;
    meta.dataset['media'] = own;
    meta.media = appearance === 'system' ? own : own.includes(appearance) ? 'all' : 'not all';
  }
}

/** From now on, also where another tab changes it. */
export function followAppearance(host: Window): void {
  apply(host.document, appearanceIn(host.localStorage));
  host.addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) apply(host.document, appearanceIn(host.localStorage));
  });
}

export function setAppearance(host: Window, appearance: Appearance): void {
  if (appearance === 'system') host.localStorage.removeItem(KEY);
  else host.localStorage.setItem(KEY, appearance);
  apply(host.document, appearance);
}
