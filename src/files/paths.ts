// Artifact names as paths outside of Thicket (C24): safe on every system, no two the same. Pure.

/** Longer ones many file systems can't name. */
const MAX_SEGMENT = 200;
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The path of each name. The same set of names gives the same paths, in whatever order it comes. */
export function safePaths(names: Iterable<string>): Map<string, string> {
  const files = new Set<string>();
  const folders = new Set<string>();
  const paths = new Map<string, string>();
  for (const name of [...new Set(names)].sort(byCodeUnits)) {
    const segments = name.split('/').map(tame);
    const last = segments.pop() ?? '_';
    let path = '';
    for (const segment of segments) {
      path += freeOf(segment, (each) => !files.has(folded(path + each)));
      folders.add(folded(path));
      path += '/';
    }
    path += freeOf(last, (each) => !files.has(folded(path + each)) && !folders.has(folded(path + each)));
    files.add(folded(path));
    paths.set(name, path);
  }
  return paths;
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** As file systems that know no case compare. */
const folded = (path: string): string => path.toLowerCase();

function tame(segment: string): string {
  // Of names that pass M3 these are plain already; whatever else is asked for must not lead anywhere either.
  const plain = segment.replace(/[^A-Za-z0-9._ -]/g, '_');
  const headed = plain === '' || plain.startsWith('.') || DEVICE.test(plain) ? `_${plain}` : plain;
  const short = headed.length > MAX_SEGMENT ? shortened(headed) : headed;
  return /[. ]$/.test(short) ? `${short}_` : short;
}

function shortened(segment: string): string {
  const [stem, tail] = split(segment);
  const end = tail.length > 16 ? '' : tail;
  return stem.slice(0, MAX_SEGMENT - end.length) + end;
}

function freeOf(segment: string, isFree: (segment: string) => boolean): string {
  if (isFree(segment)) return segment;
  const [stem, tail] = split(segment);
  for (let n = 2; ; n += 1) if (isFree(`${stem}~${n}${tail}`)) return `${stem}~${n}${tail}`;
}

/** Before its last dot, and from there on. */
function split(segment: string): [stem: string, tail: string] {
  const dot = segment.lastIndexOf('.');
  return dot > 0 ? [segment.slice(0, dot), segment.slice(dot)] : [segment, ''];
}

/** A few words as the name of a folder or file. */
export const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
    .toLowerCase();
