// What is said of a peer that did what an honest one doesn't.
export const standing = {
  standing: {
    doubtful: 'Others are preferred to this device as sources and links.',
    refused: (until: string) => `This device makes no link with it until ${until}.`,
    seen: (what: string) => `Seen of it, by this device alone: ${what}.`,
    times: (what: string, times: number) =>
      times === 1 ? what : `${what} (${times.toLocaleString()} times)`,
    deeds: {
      garbled: 'bytes that mean nothing',
      flood: 'a flood of messages',
      'bad-block': 'a piece of a file that wasn’t what it should be',
      'bad-signature': 'a signature that doesn’t hold',
      'bad-entry': 'an entry that isn’t one',
      lie: 'not having what it says it has',
    },
    forgive: 'Let that be',
  },
};
