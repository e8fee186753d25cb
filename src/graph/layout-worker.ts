// Places a graph away from the page: 10,000 nodes take longer than a frame. Numbers in, numbers out.
import { place, type Outline } from './place.ts';

self.addEventListener('message', ({ data }: MessageEvent<{ id: number; outline: Outline }>) => {
  self.postMessage({ id: data.id, places: place(data.outline) });
});
