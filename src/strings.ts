// Every sentence a person can read, so that it can be translated: one file per part of the app. Plain data and small
// functions of it.
import { shell } from './strings/shell.ts';
import { terms } from './strings/terms.ts';
import { home } from './strings/home.ts';
import { governing } from './strings/governing.ts';
import { graph } from './strings/graph.ts';
import { activity } from './strings/activity.ts';
import { about } from './strings/about.ts';
import { acts } from './strings/acts.ts';
import { check } from './strings/check.ts';
import { compose } from './strings/compose.ts';
import { data } from './strings/data.ts';
import { files } from './strings/files.ts';
import { log } from './strings/log.ts';
import { peers } from './strings/peers.ts';
import { preview } from './strings/preview.ts';
import { scan } from './strings/scan.ts';
import { settings } from './strings/settings.ts';
import { standing } from './strings/standing.ts';
import { storage } from './strings/storage.ts';
import { transfers } from './strings/transfers.ts';

export const strings = {
  ...shell,
  ...terms,
  ...home,
  ...governing,
  ...graph,
  ...about,
  ...activity,
  ...acts,
  ...check,
  ...compose,
  ...data,
  ...files,
  ...log,
  ...peers,
  ...preview,
  ...scan,
  ...settings,
  ...standing,
  ...storage,
  ...transfers,
} as const;

/** What to tell a person about a failure: our sentence for its code, and the worker's own words beside it. */
export function problemText(code: string, message: string): { text: string; detail: string } {
  const known: Partial<Record<string, string>> = strings.problems;
  const text = known[code];
  return text === undefined ? { text: message, detail: '' } : { text, detail: message };
}
