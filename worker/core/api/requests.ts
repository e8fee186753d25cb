// Keeps the table of answered requests short: at each start all but the newest are forgotten.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { asArray, asUint, decode } from '../wire/cbor.ts';

const SCAN = 10_000;

export function forgetOldRequests(context: Context): void {
  context.scan('requests', '', null, SCAN, (rows) => {
    if (isFailure(rows) || rows.length <= CONFIG.api.requests) return;
    const dated = rows.map(({ key, value }) => {
      const decoded = decode(value, { maxBytes: value.length });
      return { key, at: (decoded.ok ? asUint(asArray(decoded.value, 2)?.[0]) : null) ?? 0 };
    });
    const old = dated.sort((a, b) => b.at - a.at).slice(CONFIG.api.requests);
    context.write(
      old.map(({ key }) => ({ op: 'delete', table: 'requests', key })),
      'relaxed',
      () => context.count('requests.forgotten', old.length),
    );
  });
}
