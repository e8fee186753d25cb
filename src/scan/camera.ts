// A camera of this device, and why there is none. It must not know what is looked for in its picture.

/** `denied`: by the person or the system; `none`: there is no camera; `busy`: another program has it; `missing`: the browser cannot. */
export type CameraFault = 'denied' | 'none' | 'busy' | 'missing';
export type Camera = { stream: MediaStream } | { fault: CameraFault };

/** The one that looks away from the person where there are several. Dense codes need a sharp picture. */
const WISHES: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } },
};

export async function openCamera(devices: MediaDevices | undefined): Promise<Camera> {
  if (devices === undefined) return { fault: 'missing' };
  try {
    return { stream: await devices.getUserMedia(WISHES) };
  } catch (error) {
    return { fault: faultOf(error instanceof Error ? error.name : '') };
  }
}

/** https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia */
function faultOf(name: string): CameraFault {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotSupportedError':
    case 'TypeError':
      return 'missing';
    default:
      return 'busy';
  }
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
