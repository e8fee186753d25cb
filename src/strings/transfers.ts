// What is on its way to this device, and how far it is.
import type { Transfer } from '../../worker/rpc/api.ts';
import { count, peersCount } from './count.ts';

export const transfers = {
  transfers: {
    title: 'Transfers',
    button: (open: number, percent: number) => `Transfers: ${open} under way, ${percent} %`,
    buttonDone: 'Transfers: nothing under way',
    buttonWrong: (open: number, wrong: number) =>
      `Transfers: ${open} under way, ${wrong} ${wrong === 1 ? 'needs' : 'need'} a look`,
    summary: (open: number, done: string, total: string) => `${open} under way · ${done} of ${total}`,
    summaryDone: (n: number) => `${count(n, 'file has', 'files have')} arrived`,
    none: 'Nothing is on its way.',
    more: (n: number) => `and ${n.toLocaleString()} more that wait their turn`,
    clear: 'Clear what is done',
    close: 'Close',
    states: {
      queued: 'Waits its turn',
      receiving: 'Receiving',
      verifying: 'Checking that it is what its hash says',
      complete: 'Here, hash verified',
      stalled: 'Waiting',
      paused: 'Paused',
      failed: 'Failed',
    } satisfies Record<Transfer['state'], string>,
    cancelled: 'Stopped',
    reasons: {
      'nobody here has it now': 'nobody who is online has it',
      'waiting for a source': 'for a peer who can send it',
      quota: 'for room on this device',
      'the store could not be read': 'what is stored here could not be read',
    },
    because: (state: string, reason: string) => `${state}: ${reason}`,
    of: (done: string, total: string) => `${done} of ${total}`,
    rate: (rate: string) => `${rate}/s`,
    left: (time: string) => `${time} left`,
    sources: (n: number) => `from ${peersCount(n)}`,
    body: 'Its text',
    unknown: 'A file',
    progress: (what: string) => `Received of ${what}`,
    pause: (what: string) => `Pause ${what}`,
    resume: (what: string) => `Go on with ${what}`,
    cancel: (what: string) => `Stop ${what}`,
    retry: (what: string) => `Fetch ${what} again`,
    dismiss: (what: string) => `Take ${what} off this list`,
    begun: 'Files are arriving.',
    waiting: 'Transfers wait.',
    done: 'All transfers are done.',
    wrong: (n: number) => `${count(n, 'transfer', 'transfers')} failed.`,
  },
} as const;
