// When a screen about one grove asks again: its graph changed, or the peer started anew.
import type { Thicket } from './thicket.ts';

export function followGrove(thicket: Thicket, grove: string, refresh: () => void): () => void {
  const stops = [
    thicket.on('changed', (event) => {
      if (event.grove === grove) refresh();
    }),
    thicket.on('restarted', refresh),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
