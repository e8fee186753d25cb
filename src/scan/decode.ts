// The text of a QR code in a picture: by the browser's own reader where it has one, else by ours, loaded when needed. It
// must not know where the picture came from, nor trust what the code says.

/** https://wicg.github.io/shape-detection-api/: not in the libraries of types. */
interface Detector {
  detect(source: ImageBitmapSource): Promise<readonly { rawValue: string }[]>;
}
declare global {
  interface Window {
    BarcodeDetector?: {
      new (options: { formats: string[] }): Detector;
      getSupportedFormats(): Promise<string[]>;
    };
  }
}

/** Longest side that is looked at, px: the densest code has 177 modules a side, which are then some 6 px wide. */
const SIDE = 1600;
/** A picture in which nothing was found is looked at again as small as this: blur and noise go. */
const SMALL_SIDE = 700;
/** Time that our reader may take beyond its first look, ms. */
const PATIENCE = { frame: 40, picture: 1_500 };
/** Bytes of a picture's file. */
const MAX_FILE = 32 * 1024 * 1024;

/** Why a file cannot be looked at. */
export class NoPicture extends Error {}

export interface CodeReader {
  /** The code in what a camera shows just now, or null. */
  frame(video: HTMLVideoElement): Promise<string | null>;
  /** The code in a picture, or null. @throws NoPicture where it is none. */
  picture(file: Blob): Promise<string | null>;
}

export async function createCodeReader(host: Window = window): Promise<CodeReader> {
  let native = await detectorOf(host);
  const canvas = document.createElement('canvas');
  const brush = canvas.getContext('2d', { willReadFrequently: true });

  /** Undefined where the browser's own reader is missing or fails: some systems lack the service behind it. */
  async function byBrowser(source: HTMLVideoElement | HTMLCanvasElement): Promise<string | null | undefined> {
    try {
      const found = await native?.detect(source);
      return found && (found.find(({ rawValue }) => rawValue !== '')?.rawValue ?? null);
    } catch {
      native = null;
      return undefined;
    }
  }

  async function ourselves(timeLimit: number): Promise<string | null> {
    if (brush === null) return null;
    const { decodeQR } = await import('qr/decode.js');
    const { width, height } = canvas;
    const { data } = brush.getImageData(0, 0, width, height);
    try {
      return decodeQR({ width, height, data }, { timeLimit }) || null;
    } catch {
      return null; // its way to say that there is none
    }
  }

  /** On white, as what is see-through in a picture is meant to be seen. */
  function draw(source: CanvasImageSource, width: number, height: number, side: number): void {
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    if (brush === null) return;
    brush.fillStyle = '#fff';
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(source, 0, 0, canvas.width, canvas.height);
  }

  return {
    async frame(video) {
      const { videoWidth, videoHeight } = video;
      if (videoWidth === 0 || videoHeight === 0) return null;
      const found = await byBrowser(video);
      if (found !== undefined) return found;
      draw(video, videoWidth, videoHeight, SIDE);
      return ourselves(PATIENCE.frame);
    },
    async picture(file) {
      if (file.size > MAX_FILE) throw new NoPicture();
      const image = await load(file);
      // A drawing may have no size of its own.
      const width = image.naturalWidth || SMALL_SIDE;
      const height = image.naturalHeight || SMALL_SIDE;
      for (const side of [SIDE, SMALL_SIDE]) {
        draw(image, width, height, side);
        const found = (await byBrowser(canvas)) ?? (await ourselves(PATIENCE.picture));
        if (found !== null) return found;
      }
      return null;
    },
  };
}

async function detectorOf(host: Window): Promise<Detector | null> {
  const { BarcodeDetector } = host;
  try {
    if (BarcodeDetector === undefined) return null;
    const formats = await BarcodeDetector.getSupportedFormats();
    return formats.includes('qr_code') ? new BarcodeDetector({ formats: ['qr_code'] }) : null;
  } catch {
    return null;
  }
}

/** As an image element, since that reads what turns and scales a picture, and runs nothing that is in it. */
async function load(file: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return image;
  } catch {
    throw new NoPicture();
  } finally {
    URL.revokeObjectURL(url);
  }
}
