// Calls of the node as promises: the node answers by effects that carry the call's number.
import { ThicketError } from '../core/model/errors.ts';
import type { ErrorCode } from '../core/model/errors.ts';
import type { Input } from '../core/io.ts';
import { createDeferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';

export interface NodeCalls {
  call(method: string, params: unknown, requestId: string | null): Promise<unknown>;
  /** Hooks of the driver. Answers to calls that are not waiting are ignored. */
  reply(id: number, value: unknown): void;
  refuse(id: number, code: ErrorCode, message: string): void;
}

export function createNodeCalls(dispatch: (input: Input) => void): NodeCalls {
  const waiting = new Map<number, Deferred<unknown>>();
  let lastId = 0;

  const take = (id: number): Deferred<unknown> | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  };

  return {
    call(method, params, requestId) {
      const id = ++lastId;
      const answer = createDeferred<unknown>();
      waiting.set(id, answer);
      dispatch({ type: 'call', id, method, params, requestId });
      return answer.promise;
    },
    reply: (id, value) => take(id)?.resolve(value),
    refuse: (id, code, message) => take(id)?.reject(new ThicketError(code, message)),
  };
}
