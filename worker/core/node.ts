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

  function nextWake({ core, machine }: Running, now: number): number | null {
    const { cas } = core;
    const due = earlier(cas.nextWake(), context.nextTimer());
    // Deadlines are in elapsed time, wake-ups in that of the wall clock.
    return earlier(due === null ? null : now + Math.max(0, due - context.elapsed()), machine.nextWake());
  }

  return {
    handle(input, now) {
      context.setNow(now);
      step(input);
      if (running !== null) {
        context.runTimers();
        const next = nextWake(running, now);
        // A wake-up is spent once it came.
        if (input.type === 'tick') wake = null;
        if (next !== wake) context.effect({ type: 'wake', at: next });
        wake = next;
      }
      return context.takeEffects();
    },
  };
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
