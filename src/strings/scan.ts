// Reading a QR code.
import type { CameraFault } from '../scan/camera.ts';

export const scan = {
  scan: {
    open: 'Scan a code',
    title: 'Scan a QR code',
    asking: 'Waiting for the camera. The browser may ask you first.',
    looking: 'Hold the code into the picture.',
    faults: {
      denied:
        'The camera is not allowed here. Allow it in the browser’s settings for this site, or choose a picture of the code.',
      none: 'No camera was found. Choose a picture of the code, or paste its text.',
      busy: 'The camera could not be used; another program may have it. Try again, or choose a picture of the code.',
      missing: 'This browser gives no camera to pages. Choose a picture of the code, or paste its text.',
    } satisfies Record<CameraFault, string>,
    retry: 'Try the camera again',
    picture: 'Choose a picture',
    pasteHint: 'A picture or text that you copied can be pasted here too.',
    reading: 'Looking for a code…',
    nothing: 'No QR code was found in that picture. Try one that is sharper, or shows the code alone.',
    noPicture: 'That file is not a picture that can be read.',
    notInvite: 'That code is not an invite to a grove.',
    video: 'What the camera sees',
    loadFailed: 'The scanner could not be loaded. Paste the text instead, or try again once you are online.',
  },
} as const;
