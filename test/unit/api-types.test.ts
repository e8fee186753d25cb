// public/thicket.d.ts is what people read; this keeps it equal to what the code offers, in both directions.
import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as Published from '../../public/thicket.d.ts';
import type { Thicket } from '../../src/api.ts';
import { ERROR_CODES } from '../../worker/core/model/errors.ts';
import type { ErrorCode } from '../../worker/core/model/errors.ts';
import type { Events } from '../../worker/rpc/api.ts';

const published = readFileSync('public/thicket.d.ts', 'utf8');
/** Names of the members declared at the first level of an interface. */
function membersOf(name: string): string[] {
  const [, body = ''] = new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, 'ms').exec(published) ?? [];
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?=[<(:?])/gm)].map((match) => String(match[1])).sort();
}

/** Whether `x?: T` also takes undefined differs between parameters and tuples; it makes no difference to a caller. */
type Given<A> = { [I in keyof A]: Exclude<A[I], undefined> };
/** Parameters and results side by side: comparing methods themselves would let parameters differ. */
type Signatures<T> = {
  -readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? [Given<A>, R] : T[K];
};

describe('public/thicket.d.ts', () => {
  it('has the same methods as the code, with the same parameters and results', () => {
    expectTypeOf<keyof Published.Thicket>().toEqualTypeOf<keyof Thicket>();
    expectTypeOf<Signatures<Published.Thicket>>().toEqualTypeOf<Signatures<Thicket>>();
    expect(membersOf('Thicket').length).toBeGreaterThan(25);
  });

  it('has the same events with the same payloads', () => {
    expectTypeOf<Published.Events>().toEqualTypeOf<Events>();
    expect(membersOf('Events')).toContain('restarted');
  });

  it('lists the same error codes', () => {
    expectTypeOf<Published.ErrorCode>().toEqualTypeOf<ErrorCode>();
    for (const code of ERROR_CODES) expect(published).toContain(`| '${code}'`);
  });
});
