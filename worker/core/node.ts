// The node: hands each input to who is concerned and says when to be woken. Pure: the driver feeds it and carries out
// its effects. What the machines tell each other is assemble.ts's.
import { assemble, type NodeOptions, type Running } from './assemble.ts';
import { boot } from './boot.ts';
import { createContext, isFailure } from './context.ts';
import type { Effect, Input } from './io.ts';
import { route } from './routing.ts';

export interface Node {
  /** Effects are to be carried out in order. `now`: ms since the epoch. */
  handle(input: Input, now: number): Effect[];
}

export function createNode(options: NodeOptions): Node {
  const context = createContext(options.random, options.signatures);
  let running: Running | null = null;
  let failed: string | null = null;
  /** What came before the store was read. */
  let early: Input[] = [];
  let wake: number | null = null;

  function start(): void {
    boot(context, (booted) => {
      if (isFailure(booted)) {
        failed = booted.message;
        context.effect({
          type: 'event',
          name: 'problem',
          payload: { code: 'internal', message: booted.message },
        });
      } else running = assemble(options, context, booted);
      const waiting = early;
      early = [];
      for (const input of waiting) step(input);
    });
  }

  function step(input: Input): void {
    if (input.type === 'start') return start();
    if ('token' in input) return context.resume(input);
    if (running !== null) return route(input, running.core, running.api);
    if (failed === null) early.push(input);
    else if (input.type === 'call') {
      context.effect({ type: 'refuse', id: input.id, code: 'internal', message: failed });
    }
  }

  return {
    handle(input, now) {
      context.setNow(now);
      step(input);
      if (running !== null) {
        context.runTimers();
        const { core, machine } = running;
        const due = [core.sync.nextWake(), core.cas.nextWake(), context.nextTimer()].filter(
          (at) => at !== null,
        );
        // Deadlines are in elapsed time, wake-ups in that of the wall clock.
        const times = due.map((at) => now + Math.max(0, at - context.elapsed()));
        const links = machine.nextWake();
        if (links !== null) times.push(links);
        const next = times.length === 0 ? null : Math.min(...times);
        // A wake-up is spent once it came.
        if (input.type === 'tick') wake = null;
        if (next !== wake) context.effect({ type: 'wake', at: next });
        wake = next;
      }
      return context.takeEffects();
    },
  };
}
