// All data of this device: out, and away.

export const data = {
  data: {
    title: 'Your data',
    export: 'Take it with you',
    exportHint:
      'One zip: of each grove a CAR file with its contributions and the files that are on this device, and a list of your groves, policies and pins. Each CAR file can be imported into a grove. Your key is not in it: that has a backup of its own.',
    exportButton: 'Export everything',
    exporting: (done: number, all: number) =>
      all === 0 ? 'Collecting…' : `Collecting: ${done.toLocaleString()} of ${all.toLocaleString()} groves…`,
    exported: 'Saved where your browser puts downloads.',
    erase: 'Erase this device',
    eraseHint: 'Deletes all that Thicket stores in this browser, in every tab, and begins as new.',
    eraseButton: 'Erase everything…',
    eraseAsk: 'Erase everything that Thicket stores in this browser?',
    eraseMeans: [
      'Your key goes. Without a backup of it nobody, you included, can ever write as you again.',
      'Groves, files and drafts go. What only this device holds is lost for everyone.',
      'All peers of this browser go, those opened with another name in the address too.',
      'You stay listed as a member. Leave a grove first where the others should see that you left.',
    ],
    eraseWord: 'erase',
    eraseType: 'Type “erase” to go on',
    eraseWrong: 'Nothing was erased: the word was not typed.',
    eraseYes: 'Yes, erase everything',
    erasing: 'Erasing…',
  },
} as const;
