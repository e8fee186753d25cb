// What may truly be said about a grove's safety and reach. Never "synced": only who has what, as far as is known.
import type { GroveInfo } from '../../worker/rpc/api.ts';
import { strings } from '../strings.ts';

export interface ConnectionWords {
  text: string;
  tone: 'good' | 'busy' | 'alone' | 'bad';
}

/**
 * `complete`: linked members that lack nothing of what is held here. `online`: whether the device has a network. `catchUp`: how far
 * this device is where much is on its way to it.
 */
export function connectionWords(
  grove: GroveInfo,
  complete: number,
  online: boolean,
  catchUp: { done: number; total: number } | null = null,
): ConnectionWords {
  const words = strings.connection;
  const say = (text: string, tone: ConnectionWords['tone']): ConnectionWords => ({
    text: online ? text : `${text} · ${words.offline}`,
    tone,
  });
  if (grove.state === 'joining') return say(grove.waiting ? words.waiting : words.joining, 'busy');
  if (grove.state === 'refused') return say(words.refused, 'bad');
  if (catchUp !== null) return say(words.catchingUp(catchUp.done, catchUp.total), 'busy');
  if (complete > 0) return say(words.have(complete), 'good');
  if (grove.links > 0) return say(words.sending(grove.links), 'busy');
  if (grove.members <= 1) return say(words.alone, 'alone');
  return grove.unsent > 0 ? say(words.unsent(grove.unsent), 'alone') : say(words.nobody, 'alone');
}
