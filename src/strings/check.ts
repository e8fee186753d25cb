// The check of what is stored on this device.
import type { Events, VerifyFinding } from '../../worker/rpc/api.ts';
import { count } from './count.ts';

export const check = {
  check: {
    title: 'Check the store',
    hint: 'Looks at everything that is stored here, against its hashes and signatures. It may take a while; the groves go on meanwhile.',
    look: 'Check',
    repair: 'Check and repair',
    repairHint: 'What is damaged is asked of members who are linked now; what nothing needs is deleted.',
    cancel: 'Stop',
    running: 'Checking',
    phases: {
      log: 'entries',
      bodies: 'texts',
      blocks: 'blocks of files',
      artifacts: 'files',
      notes: 'notes',
      repair: 'repairs',
      views: 'what is shown',
    } satisfies Record<Events['verify']['phase'], string>,
    sound: 'Everything is as it should be.',
    allRepaired: (n: number) => `${count(n, 'fault', 'faults')} found, and repaired.`,
    faulty: (found: number, repaired: number) =>
      `${count(found, 'fault', 'faults')} found, ${repaired.toLocaleString()} of them repaired.`,
    looked: (entries: number, files: number, size: string) =>
      `Looked at ${count(entries, 'entry', 'entries')} and ${count(files, 'file', 'files')}, ${size} of blocks.`,
    findings: 'What was found',
    more: (n: number) => `${n.toLocaleString()} more`,
    kinds: {
      entry: 'Entry',
      signature: 'Signature',
      body: 'Text',
      block: 'Block',
      list: 'Block list',
      artifact: 'File',
      orphan: 'Left over',
      note: 'Note',
      record: 'Grove',
      view: 'View',
      index: 'Index',
    } satisfies Record<VerifyFinding['kind'], string>,
    states: {
      found: 'not repaired',
      repaired: 'repaired',
      asked: 'asked of others',
      lost: 'not to be had now',
    } satisfies Record<VerifyFinding['state'], string>,
    lost: 'Something can’t be had from anybody who is linked now.',
    lostHint:
      'Check again once other members are here. Until then take along what is here as a file: “Export” on the page About of the grove. Where an entry of this device’s own is lost for good, this device writes nothing more in that grove, since two entries in one place would make it a forger: open Thicket with ?peer=NEW in its address, which is another device, join by a new invite, and import the file there.',
    takeAlong: (grove: string) => `Export ${grove}`,
    skipped: (n: number) => `${count(n, 'grove', 'groves')} could not be compared.`,
  },
} as const;
