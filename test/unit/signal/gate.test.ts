// Small pieces of the endpoint: which pages may use it, who is dropped for reading slowly, what its figures tell.
import { expect, it } from 'vitest';
import { createBacklog } from '../../../worker/signal/backlog.ts';
import { mayReadMetrics, renderMetrics } from '../../../worker/signal/metrics.ts';
import { allowsOrigin, parseOrigins } from '../../../worker/signal/origin.ts';

it.each([
  [undefined, 'thicket.example', true],
  ['https://thicket.example', 'thicket.example', true],
  ['https://thicket.example:8443', 'thicket.example:9000', true],
  ['http://localhost:5173', '127.0.0.1:8080', true],
  ['http://[::1]:5173', 'localhost:8080', true],
  ['https://listed.example', 'thicket.example', true],
  ['https://listed.example:444', 'thicket.example', false],
  ['https://thicket.example.evil.example', 'thicket.example', false],
  ['https://evil.example', 'thicket.example', false],
  ['https://evil.example', undefined, false],
  ['https://evil.example', '', false],
  ['null', 'thicket.example', false],
  ['file://', '', false],
])('E6: a page of %s at the host %s: %s', (origin, host, allowed) => {
  expect(allowsOrigin(['https://listed.example'], origin, host)).toBe(allowed);
});

it('E6: a list of origins is taken as a whole or refused with what is wrong in it', () => {
  expect(parseOrigins('')).toEqual({ origins: [] });
  expect(parseOrigins(' https://a.example , *')).toEqual({ origins: ['https://a.example', '*'] });
  expect(parseOrigins('https://a.example,https://b.example/path')).toEqual({ bad: 'https://b.example/path' });
  expect(parseOrigins('a.example')).toEqual({ bad: 'a.example' });
  expect(allowsOrigin(['*'], 'https://any.example', 'x')).toBe(true);
});

it('E7: one too far behind is dropped, and where all together are, those furthest behind', () => {
  const backlog = createBacklog<string>({ each: 100, all: 250 });
  expect(backlog.note('a', 101)).toEqual(['a']);
  expect(backlog.note('a', 90)).toEqual([]);
  expect(backlog.note('b', 100)).toEqual([]);
  expect(backlog.note('c', 60)).toEqual([]);
  expect(backlog.total()).toBe(250);
  expect(backlog.note('d', 1)).toEqual(['b']);
  expect(backlog.note('a', 0)).toEqual([]);
  expect(backlog.total()).toBe(61);
  backlog.forget('c');
  backlog.forget('c');
  expect(backlog.total()).toBe(1);
});

it('E8: figures are for this machine, not through a proxy on it, or else for who brings the token', () => {
  const asked = { authorization: undefined, loopback: true, proxied: false };
  expect(mayReadMetrics(null, asked)).toBe(true);
  expect(mayReadMetrics(null, { ...asked, proxied: true })).toBe(false);
  expect(mayReadMetrics(null, { ...asked, loopback: false })).toBe(false);
  expect(mayReadMetrics('secret', asked)).toBe(false);
  expect(mayReadMetrics('secret', { ...asked, authorization: 'Bearer wrong' })).toBe(false);
  const far = { authorization: 'Bearer secret', loopback: false, proxied: true };
  expect(mayReadMetrics('secret', far)).toBe(true);
});

it('E8: every figure is a line of Prometheus text with its kind, and a number', () => {
  const stats = {
    connections: 2,
    rooms: 1,
    members: 2,
    messagesIn: 3,
    messagesOut: 4,
    bytesIn: 5,
    bytesOut: 6,
    closed: 0,
    slow: 0,
    refused: 1,
    backlog: 0,
    nodes: 0,
    elsewhere: 0,
  };
  const lines = renderMetrics(stats, { heapUsed: 7, uptime: 8.9 }).trimEnd().split('\n');
  expect(lines).toHaveLength(15 * 3);
  for (let n = 0; n < lines.length; n += 3) {
    const name = /^# HELP (thicket_signal_[a-z_]+) \S/.exec(lines[n] ?? '')?.[1];
    expect(lines[n + 1]).toMatch(new RegExp(`^# TYPE ${name} (gauge|counter)$`));
    expect(lines[n + 2]).toMatch(new RegExp(`^${name} \\d+$`));
  }
  expect(lines).toContain('thicket_signal_messages_in_total 3');
  expect(lines).toContain('# TYPE thicket_signal_messages_in_total counter');
});
