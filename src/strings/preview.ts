// Looking at files: what is shown of them, and what changed since the contribution they grew out of.
import { count } from './count.ts';

export const preview = {
  preview: {
    views: (name: string) => `Ways to look at ${name}`,
    text: 'Text',
    source: 'Source',
    table: 'Table',
    json: 'Tree',
    markdown: 'Read',
    changes: 'Changes',
    loading: 'Opening…',
    cut: (size: string) => `Only the first ${size} are shown. Download it to have all of it.`,
    none: {
      type: 'No preview for this type. Download it to open it elsewhere.',
      pdf: 'PDF files are not opened here: they may run scripts. Download it to open it elsewhere.',
      large: 'Too large to be shown here. Download it to open it elsewhere.',
    },
    image: (name: string) => `Preview of ${name}`,
    cannotPlay: 'This browser cannot show it. Download it to open it elsewhere.',
    notTable: 'Its lines do not have the same fields, so it is shown as text.',
    rowsMore: (n: number) => `The first ${count(n, 'row', 'rows')} are shown.`,
    jsonItems: (n: number) => count(n, 'item', 'items'),
    jsonMore: (n: number) => `Show ${n.toLocaleString()} more`,
    against: 'Compared with',
    same: 'It is the same file, byte for byte.',
    sameText: 'No line differs: only how lines end.',
    notHere: 'The earlier file is not on this device.',
    fetch: 'Fetch it',
    fetching: 'Fetching…',
    notText: 'One of the two is not text, so they are not compared line by line.',
    tooMuch: 'The two differ in too much to be compared line by line.',
    cutBoth: (size: string) => `Only the first ${size} of each are compared.`,
    lines: (added: number, removed: number) =>
      `${count(added, 'line', 'lines')} added, ${count(removed, 'line', 'lines')} removed`,
    gap: (n: number) => `Show ${count(n, 'unchanged line', 'unchanged lines')}`,
    added: 'Added:',
    removed: 'Removed:',
    colBefore: 'Line before',
    colAfter: 'Line now',
    colText: 'Text',
  },
} as const;
