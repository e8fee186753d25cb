// The mark of each kind: a shape and a colour, so that neither has to carry the meaning alone.

/** Paths around 0,0 with a radius of about 6. */
const SHAPES: Readonly<Record<string, string>> = {
  work: 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z',
  review: 'M0-6.800 6.800 0 0 6.800-6.800 0z',
  discussion:
    'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM-3.400 0a3.400 3.400 0 1 1 6.800 0a3.400 3.400 0 1 1-6.800 0z',
  adoption: 'M-6 6C-6-2-2-6 6-6C6 2 2 6-6 6z',
  reproduction:
    'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0zM-4.200 0a4.200 4.200 0 1 1 8.400 0a4.200 4.200 0 1 1-8.400 0zM-2.300 0a2.300 2.300 0 1 0 4.600 0a2.300 2.300 0 1 0-4.600 0z',
  plan: 'M-5.300-5.300H5.300V5.300H-5.300z',
  ask_user: 'M-6.500-5.500H6.500L0 6.500z',
  response: 'M6.500 5.500H-6.500L0-6.500z',
};
const UNKNOWN = 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z';

const isKnown = (kind: string | undefined): kind is string =>
  kind !== undefined && Object.hasOwn(SHAPES, kind);

export const shapeOf = (kind: string | undefined): string =>
  (isKnown(kind) ? SHAPES[kind] : undefined) ?? UNKNOWN;
/** Only kinds we know become part of a property's name: the word comes from a peer. */
export const colourOf = (kind: string | undefined): string =>
  isKnown(kind) ? `var(--kind-${kind})` : 'var(--ink-faint)';
