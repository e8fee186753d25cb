// Colours a program away from the page: over a text that was made for it a grammar may take very long.
import { highlight } from './highlight.ts';
import type { Language } from './languages.ts';

self.addEventListener('message', ({ data }: MessageEvent<{ text: string; language: Language }>) => {
  self.postMessage(highlight(data.text, data.language));
});
