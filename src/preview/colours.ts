// Has a program coloured by a worker of its own, which is ended with its answer, or when it takes too long.
import { scriptUrl } from '../trusted.ts';
import url from './highlight-worker.ts?worker&url';
import type { Run } from './highlight.ts';
import type { Language } from './languages.ts';

/** ms, its start included. */
const PATIENCE = 5000;

/** Rejects where there is no answer in time. */
export function coloured(text: string, language: Language): Promise<Run[]> {
  return new Promise<Run[]>((resolve, reject) => {
    const worker = new Worker(scriptUrl(url), { type: 'module' });
    const late = setTimeout(() => end(() => reject(new Error('it took too long'))), PATIENCE);
    function end(settle: () => void): void {
      clearTimeout(late);
      worker.terminate();
      settle();
    }
    worker.onmessage = ({ data }: MessageEvent<Run[]>) => end(() => resolve(data));
    worker.onerror = ({ message }) => end(() => reject(new Error(message)));
    worker.postMessage({ text, language });
  });
}
