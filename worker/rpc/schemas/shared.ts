// What a page may ask of prompts, settings and profiles, bounded.
import * as v from 'valibot';
import { ACT_LIMITS } from '../../core/model/acts.ts';
import { CONTRACT_LIMITS } from '../../core/model/contract.ts';
import { cid, grove, json, jsonObject, list, named, optional, peer, text } from './parts.ts';

const prompt = v.intersect([
  jsonObject,
  v.looseObject({
    id: named(CONTRACT_LIMITS.promptId),
    name: named(CONTRACT_LIMITS.promptName),
    system_prompt: v.exactOptional(text(ACT_LIMITS.value)),
    tools: v.exactOptional(list(json, CONTRACT_LIMITS.tools)),
    user_prompt: v.exactOptional(text(ACT_LIMITS.value)),
    updated_at: v.exactOptional(v.union([text(64), v.pipe(v.number(), v.finite())])),
  }),
]);

export const SHARED_SCHEMAS = {
  prompts: v.strictTuple([grove]),
  setPrompt: v.strictTuple([grove, prompt]),
  removePrompt: v.strictTuple([grove, named(CONTRACT_LIMITS.promptId)]),
  groveSettings: v.strictTuple([grove]),
  setting: v.strictTuple([grove, named(CONTRACT_LIMITS.settingName), optional(json)]),
  profile: v.strictTuple([grove, optional(peer)]),
  setProfile: v.strictTuple([
    grove,
    v.strictObject({
      name: v.exactOptional(named(ACT_LIMITS.name)),
      avatar: v.exactOptional(v.nullable(cid)),
      description: v.exactOptional(text(ACT_LIMITS.note)),
      capabilities: v.exactOptional(list(named(ACT_LIMITS.capability), ACT_LIMITS.capabilities)),
    }),
  ]),
};
