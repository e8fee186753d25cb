// Calls about what members share beside contributions: prompts, settings, and what each says of itself (SPEC G11, G16, G18).
import type { Core } from '../core.ts';
import { GRAPH } from '../graph/config.ts';
import type { Setting } from '../graph/settings.ts';
import type { Grove } from '../grove.ts';
import type { ProfileBody } from '../model/acts.ts';
import { PROMPT, SETTING, readPrompt } from '../model/contract.ts';
import { ThicketError } from '../model/errors.ts';
import { hashOfCid, type Cid, type PeerId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { activeGrove, groveOf, write, type Call } from './api.ts';
import { profileOf } from './members.ts';
import { appendSetting } from './setting.ts';
import type { Turns } from './turns.ts';

interface ProfileChange {
  name?: string;
  avatar?: string | null;
  description?: string;
  capabilities?: string[];
}

export function sharedCalls(core: Core, turns: Turns) {
  const self = core.identity.keypair.id;

  /** One row for each key, and a second where this device goes by its own and others by another. */
  function rows(grove: Grove, prefix: string) {
    const { settings } = grove.acts;
    const { adopt } = grove.record.policy;
    const row = (setting: Setting, inEffect: boolean) => ({
      name: setting.key.slice(prefix.length),
      value: setting.value,
      author: setting.author,
      authorName: grove.members.nameOf(setting.author),
      at: setting.at,
      own: setting.author === self,
      inEffect,
    });
    const all = settings.keys(prefix).flatMap((key) => {
      const [said, own] = [settings.of(key), adopt ? null : settings.by(self, key)];
      if (adopt) return said === null ? [] : [row(said, true)];
      const others = said === null || said.author === self ? [] : [row(said, false)];
      return own === null ? others : [row(own, true), ...others];
    });
    return all.slice(0, GRAPH.maxShared);
  }

  function set(call: Call, id: string, key: string, value: Json | undefined, answer: unknown): void {
    const grove = activeGrove(core, id);
    turns.take(grove, call, (last) =>
      appendSetting(core, last, grove, key, value, {
        note: () => last.note(answer),
        then: () => last.reply(answer),
      }),
    );
  }

  function changed(grove: Grove, change: ProfileChange): ProfileBody {
    const before = grove.acts.profiles.newest(grove.members.persons.devices(self))?.body ?? null;
    const name = grove.members.nameOf(self);
    const {
      avatar: known,
      description: text,
      capabilities: list,
      ...rest
    } = before ?? {
      kind: 'profile' as const,
      name: name === '' ? core.displayName() : name,
    };
    const given = typeof change.avatar === 'string' ? hashOfCid(change.avatar as Cid) : undefined;
    const avatar = change.avatar === undefined ? known : given;
    const description = change.description ?? text ?? '';
    const capabilities = change.capabilities ?? list ?? [];
    return {
      ...rest,
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(avatar === undefined ? {} : { avatar }),
      ...(description === '' ? {} : { description }),
      ...(capabilities.length === 0 ? {} : { capabilities }),
    };
  }

  return {
    groveSettings: (call: Call, id: string): void => call.reply(rows(activeGrove(core, id), SETTING)),

    setting(call: Call, id: string, name: string, value?: Json): void {
      const { settings } = activeGrove(core, id).acts;
      const key = SETTING + name;
      const isKnown = settings.of(key) !== null || settings.by(self, key) !== null;
      if (value === undefined && !isKnown) return call.reply(null);
      set(call, id, key, value, null);
    },

    prompts(call: Call, id: string): void {
      const told = rows(activeGrove(core, id), PROMPT);
      call.reply(told.map(({ name, value, ...rest }) => ({ id: name, prompt: value, ...rest })));
    },

    setPrompt(call: Call, id: string, given: { id: string; [field: string]: Json }): void {
      const made = new Date(core.context.now()).toISOString();
      const value = { system_prompt: '', tools: [], user_prompt: '', updated_at: made, ...given };
      const prompt = readPrompt(given.id, value);
      if (prompt === null)
        throw new ThicketError('invalid', `prompt: "${given.id}" is not what a prompt needs`);
      set(call, id, PROMPT + given.id, prompt, prompt);
    },

    removePrompt(call: Call, id: string, prompt: string): void {
      const { settings } = activeGrove(core, id).acts;
      const key = PROMPT + prompt;
      if (settings.of(key) === null && settings.by(self, key) === null)
        throw new ThicketError('not-found', `prompt: there is no "${prompt}" here`);
      set(call, id, key, undefined, null);
    },

    profile(call: Call, id: string, peer: string = self): void {
      const grove = groveOf(core, id);
      if (!grove.members.isMember(peer as PeerId))
        throw new ThicketError('not-found', `peer: "${grove.name}" has no member ${peer}`);
      call.reply(profileOf(grove, peer as PeerId));
    },

    setProfile(call: Call, id: string, change: ProfileChange): void {
      const grove = activeGrove(core, id);
      turns.take(grove, call, (last) => {
        const body = changed(grove, change);
        write(core, last, grove, body, () => profileOf(grove, self, body));
      });
    },
  };
}
