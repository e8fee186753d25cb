// The signed log, entry by entry.
import type { LogItem } from '../../worker/rpc/api.ts';
import { count } from './count.ts';

export const log = {
  log: {
    title: 'Signed log',
    lead: 'Everything in this grove is derived from these entries. Each is signed by its author and names the one before, so none can be changed, left out or slipped in unseen.',
    aboutHint: 'All that is shown here is derived from it: who wrote what, in which order, and proof of it.',
    open: 'Read the signed log',
    author: 'Author',
    kind: 'Type',
    any: 'Any',
    authorOption: (name: string, entries: number) => `${name} · ${entries.toLocaleString()}`,
    kindOption: (kind: string, entries: number) => `${kind} · ${entries.toLocaleString()}`,
    shown: (n: number, more: boolean) =>
      more ? `The newest ${count(n, 'entry', 'entries')}` : count(n, 'entry', 'entries'),
    empty: 'No entry is like that.',
    list: 'Entries, the newest first',
    loadingMore: 'Reading older entries…',
    row: (kind: string, author: string, seq: number) => `${kind}, entry ${seq} of ${author}`,
    signatures: {
      own: 'signed',
      later: 'covered by a later signature',
    } satisfies Record<LogItem['signature'], string>,
    standings: {
      counts: '',
      forked: 'set aside: its author signed another for this place',
      void: 'void: written after a ban',
    } satisfies Record<LogItem['standing'], string>,
    choose: 'Choose an entry to see what is in it.',
    close: 'Close this entry',
    verified:
      'Verified just now, from the bytes on this disk: its hash, its place in the chain, and the signature.',
    notVerified: 'What lies on this disk does not verify any more. It comes again from others who hold it.',
    signedHere: 'The signature is over this entry.',
    signedAt: (seq: number) =>
      `The signature is over entry ${seq.toLocaleString()} of the same author, to which an unbroken chain leads.`,
    id: 'Id',
    by: 'Signed by',
    seq: 'Number in its author’s log',
    at: 'Written, as its author says',
    received: 'Came here',
    receivedHere: 'written here',
    receivedFrom: (name: string) => `from ${name}`,
    size: 'Body',
    sizeOf: (body: string, blobs: string | null) =>
      blobs === null ? body : `${body}, and files of ${blobs}`,
    lamport: 'Logical time',
    depends: 'Written after',
    dependsNone: 'nothing: it is the first',
    prev: 'its author’s entry before',
    missing: 'not here',
    fields: 'What it says',
    fieldsNone: 'Its text is not on this device, or of a kind that this version does not know.',
    header: 'Signed bytes, in hex',
    headerHint: 'BLAKE3 of these bytes is the id.',
    signature: 'Signature, in hex',
    bodyBytes: 'Body, in hex',
    copy: 'Copy',
    copyOf: (what: string) => `Copy: ${what}`,
  },
} as const;
