// A check of the whole store, and its repair (SPEC S18): one at a time, in bounded steps, told as it goes. Knows the order of its
// parts, and nothing of what they look at.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import { ThicketError } from '../model/errors.ts';
import { checkBlobs } from './blobs.ts';
import { createFindings, type Finding } from './findings.ts';
import { checkLogs } from './logs.ts';
import { mendLogs } from './mend.ts';
import { checkNotes } from './notes.ts';
import { inTurn, type Checked, type Phase, type Run } from './run.ts';
import { checkViews } from './views.ts';

export interface Verified {
  /** Nothing was found, or all of it is repaired. */
  sound: boolean;
  checked: Checked;
  findings: readonly Finding[];
  found: number;
  repaired: number;
  asked: number;
  lost: number;
  skipped: readonly { grove: string; reason: string }[];
}

interface Asker {
  done: (verified: Verified) => void;
  failed: (error: ThicketError) => void;
}

export type Verifying = ReturnType<typeof createVerifying>;

export function createVerifying(core: Core, hash: (bytes: Uint8Array) => Uint8Array) {
  const { context } = core;
  let running: { repair: boolean; askers: Asker[]; stop: (error: ThicketError) => void } | null = null;

  function start(repair: boolean, first: Asker): void {
    const askers = [first];
    let over = false;
    let toldAt = -Infinity;
    const findings = createFindings();
    const checked: Checked = {
      ...{ entries: 0, signatures: 0, bodies: 0, artifacts: 0, lists: 0, blocks: 0, bytes: 0 },
      ...{ files: 0, notes: 0, views: 0 },
    };
    const stop = (error: ThicketError): void => {
      if (over) return;
      over = true;
      running = null;
      for (const { failed } of askers) failed(error);
    };
    const run: Run = {
      ...{ core, hash, repair, findings, checked },
      skipped: [],
      isStopped: () => over,
      progress(phase: Phase, done, total) {
        if (over || context.elapsed() - toldAt < CONFIG.verify.tell) return;
        toldAt = context.elapsed();
        core.event('verify', { phase, done, total });
      },
      fail: (message) => stop(new ThicketError('closed', `verify: the store could not be read: ${message}`)),
    };
    running = { repair, askers, stop };
    inTurn(
      [
        (next) => checkLogs(run, (check) => mendLogs(run, check, next)),
        (next) => checkBlobs(run, next),
        (next) => checkNotes(run, next),
        (next) => checkViews(run, next),
      ],
      () => {
        if (over) return;
        over = true;
        running = null;
        const result = findings.result();
        const verified: Verified = {
          sound: result.found === result.repaired,
          checked,
          ...result,
          skipped: run.skipped.slice(0, CONFIG.verify.listed),
        };
        context.count('store.checks');
        for (const { done } of askers) done(verified);
      },
    );
  }

  return {
    /** Whoever asks while one is under way is answered by that, unless it wants more of it. */
    run(repair: boolean, asker: Asker): void {
      if (running === null) return start(repair, asker);
      if (repair && !running.repair)
        throw new ThicketError('busy', 'verify: a check that repairs nothing is under way; cancel it first');
      running.askers.push(asker);
    },

    /** False where none is under way. */
    cancel(): boolean {
      const isRunning = running !== null;
      running?.stop(new ThicketError('aborted', 'verify: the check was cancelled'));
      return isRunning;
    },
  };
}
