import { describe, expect, it } from 'vitest';
import type { GroveInfo } from '../../../worker/rpc/api.ts';
import { parseRoute } from '../../../src/routes.ts';
import { commandsFor, matchingCommands } from '../../../src/state/commands.ts';

const grove = (id: string, role: GroveInfo['role'] = 'member'): GroveInfo => ({
  id: id.repeat(64),
  name: `Grove ${id}`,
  description: '',
  metrics: [],
  state: 'active',
  reason: null,
  role,
  owner: null,
  members: 1,
  contributions: 0,
  entries: 1,
  links: 0,
  unsent: 0,
});

describe('the palette', () => {
  it('leads to pages that exist, each under a name of its own', () => {
    const commands = commandsFor(grove('a'), [grove('a'), grove('b')]);
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    for (const { href, label } of commands) expect(parseRoute(href).name, label).not.toBe('unknown');
    expect(commands.map(({ id }) => id)).toContain(`grove-${'b'.repeat(64)}`);
    expect(commands.map(({ id }) => id)).not.toContain(`grove-${'a'.repeat(64)}`);
  });

  it('offers a reader nothing that writes', () => {
    const ids = commandsFor(grove('a', 'reader'), []).map(({ id }) => id);
    expect(ids).toContain('graph');
    for (const id of ['compose', 'ask', 'invite']) expect(ids).not.toContain(id);
  });

  it('finds by the beginnings of words, case aside', () => {
    const labels = (text: string): string[] =>
      matchingCommands(commandsFor(grove('a'), [grove('b')]), text).map(({ label }) => label);
    expect(labels('gra')).toEqual(['Graph']);
    expect(labels('grove B')).toEqual(['Grove b']);
    expect(labels('raph')).toEqual([]);
  });
});
