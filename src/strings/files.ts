// Files on their way out: zips, folders, and what was changed in a folder.
import { count } from './count.ts';

export const files = {
  takeOut: {
    label: 'Take the files with you',
    zip: 'Download as zip',
    zipSome: (n: number) => `Download ${n} chosen as zip`,
    lineage: 'With all it grew from',
    lineageHint: 'One zip of this contribution and of everything it derives from',
    folder: 'Check out to a folder',
    folderHint: 'Writes the files into a folder of yours, to work on and derive from',
    gathering: 'Gathering what is missing here…',
    writing: (percent: number) => `Writing, ${percent} %`,
    cancel: 'Stop',
    saved: (name: string) => `Saved as ${name}.`,
    checkedOut: (name: string) =>
      `Checked out into “${name}”. Change what you like there, then derive from it.`,
    missing: (n: number) =>
      `${count(n, 'ancestor', 'ancestors')} of it ${n === 1 ? 'is' : 'are'} unknown in this grove and not in the zip.`,
  },
  changes: {
    pick: 'Take what changed in a folder',
    pickHint: 'Compares a checkout with the contribution it came from',
    comparing: 'Comparing…',
    against: (summary: string) => `Against “${summary}”:`,
    againstNothing: 'This folder is no checkout of a contribution here, so all of it is new:',
    found: (changed: number, added: number, removed: number, same: number) =>
      `${changed} changed, ${added} new, ${removed} no longer there, ${same} unchanged.`,
    nothing: 'Nothing in it changed.',
    same: (n: number) => `Add the unchanged ${n === 1 ? 'one' : n} too`,
  },
} as const;
