// What is stored on this device, how much there may be, and what goes.
import type { StoredArtifact } from '../../worker/rpc/api.ts';
import { count } from './count.ts';

const files = (n: number): string => count(n, 'file', 'files');

export const storage = {
  storage: {
    title: 'Storage',
    look: 'See what is stored',
    unknown: 'This browser does not say how much room there is.',
    meter: 'Room used on this device',
    used: (used: string, quota: string) => `${used} of ${quota} that the browser allows are used.`,
    nearlyFull: (percent: number, used: string, quota: string) =>
      `${percent} % used: ${used} of ${quota} that the browser allows.`,
    legendFiles: (size: string) => `${size} files of groves`,
    legendOther: (size: string) => `${size} records and the app itself`,
    legendFree: (size: string) => `${size} free`,
    persisted: 'The browser keeps it until you erase it.',
    notPersisted: 'The browser may clear it when the disk runs full.',
    persist: 'Ask the browser to keep it',
    persistRefused: 'The browser did not agree. Installing Thicket as an app often helps.',
    budget: 'Most that files may take on this device',
    budgetHint: 'Files that others hold too go first, those not used for longest. Empty: no limit of yours.',
    budgetUnit: 'Unit',
    budgetBad: 'Give a number, such as 2.5, or leave it empty.',
    overDevice: (size: string) =>
      `${size} more than this device’s budget. What is left may not go without asking: choose below, or raise the budget.`,
    groves: 'By grove',
    none: 'Nothing of any grove is stored here yet.',
    counting: 'What is stored is still being counted.',
    grove: (size: string, n: number) => `${size} in ${files(n)}`,
    groveBudget: (size: string, budget: string, n: number) => `${size} of ${budget} in ${files(n)}`,
    arriving: (size: string) => `${size} arriving`,
    pinned: 'Pinned',
    pinnedHint: 'stays whatever room is needed',
    evictable: 'May go',
    evictableHint: 'others are known to hold it',
    onlyHere: 'Only here',
    onlyHereHint: 'no other device is known to hold it; never goes by itself',
    waiting: 'Not fetched',
    waitingHint: 'there is no room for it',
    total: (size: string, n: number) => `${size}, ${files(n)}`,
    needsRoom: (size: string) =>
      `${size} over its budget. What would have to go is only on this device, or pinned. Choose what goes, or raise the budget.`,
    groveLimit: 'Most that its files may take here',
    groveLimitHint: 'Empty: no limit of its own.',
    left: 'Left behind',
    leftText: (size: string, n: number) =>
      `${size} in ${files(n)} of groves that you left without erasing them.`,
    discard: 'Delete what was left behind',
    discardAsk: 'It is deleted from this device and can only come back by joining those groves again.',
    discardYes: 'Yes, delete it',
    stored: 'What is stored',
    storedOf: (name: string) => `What is stored of ${name}`,
    storedHint: 'Not used for longest first.',
    storedMore: (n: number) => `${n.toLocaleString()} more`,
    storedNone: 'No files of this grove are stored here.',
    choose: 'Choose what goes',
    wouldGo: 'would have to go for the budget',
    lastUsed: 'last used',
    standings: {
      evictable: 'others hold it',
      pinned: 'pinned',
      'in-use': 'in use just now',
      'only-here': 'only here',
      body: 'text of a contribution',
    } satisfies Record<StoredArtifact['standing'], string>,
    body: 'Its text',
    remove: (n: number, size: string) =>
      n === 0 ? 'Remove from this device' : `Remove ${files(n)}, ${size}, from this device`,
    removeAsk: (n: number) =>
      `${n === 1 ? 'It goes' : `${files(n)} go`} from this device. Others are known to hold ${n === 1 ? 'it' : 'them'}, so ${n === 1 ? 'it' : 'they'} can be fetched again.`,
    removeAskOnly: (n: number, only: number) =>
      n === 1
        ? 'No other device is known to hold this file. If none does, removing it here destroys it for everyone.'
        : `${only === n ? 'None' : count(only, 'file', 'files')} of these ${only === n ? 'is' : only === 1 ? 'is not' : 'are not'} known to be on any other device. What nobody else holds is destroyed for everyone.`,
    removeYes: 'Yes, remove',
    removed: (size: string) => `${size} removed.`,
    kept: (n: number) => `${files(n)} stayed: pinned, or in use just now.`,
  },
  room: {
    full: 'There is no room left on this device.',
    fullHint: 'What you publish is not saved and files wait, until there is room again.',
    nearly: (percent: number) => `${percent} % of the room that the browser allows is used.`,
    over: (name: string, size: string) =>
      `${name} holds ${size} more than its budget, and what is left may not go without asking.`,
    overDevice: (size: string) =>
      `This device holds ${size} more than its budget, and what is left may not go without asking.`,
    choose: 'Choose what goes',
    keepOffer: 'What you hold here, others may rely on.',
    keepOfferHint: 'Ask the browser not to clear it when the disk runs full?',
    keep: 'Ask it',
    later: 'No',
    kept: 'The browser keeps it from now on, until you erase it.',
    notKept: 'The browser did not agree. Installing Thicket as an app often helps.',
  },
  pins: {
    pin: 'Pin',
    pinned: 'Pinned',
    hint: 'Pinned: all its files come to this device and stay, whatever room is needed.',
  },
} as const;
