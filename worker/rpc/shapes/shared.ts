// What members of a grove share beside contributions: prompts, settings, profiles. Types only.
import type { Json } from './contributions.ts';

/** Fields not known here are kept. */
export interface Prompt {
  id: string;
  name: string;
  system_prompt: string;
  tools: Json[];
  user_prompt: string;
  updated_at: string | number;
  [field: string]: Json;
}
/** `id` and `name` must be there; the rest is empty where it isn't given, `updated_at` now. */
export interface PromptInput {
  id: string;
  name: string;
  system_prompt?: string;
  tools?: Json[];
  user_prompt?: string;
  updated_at?: string | number;
  [field: string]: Json | undefined;
}
export interface SharedBy {
  author: string;
  authorName: string;
  /** ms since the epoch, by its author's clock. */
  at: number;
  /** This device wrote it. */
  own: boolean;
  /** False for others' where this device doesn't adopt them (`policy`). */
  inEffect: boolean;
}
export interface SharedPrompt extends SharedBy {
  id: string;
  prompt: Prompt;
}
export interface SharedSetting extends SharedBy {
  name: string;
  value: Json;
}
/** What a member says of itself in a grove. */
export interface Profile {
  peerId: string;
  name: string;
  /** `blake3:` and the hash of an image. */
  avatar: string | null;
  description: string;
  /** What its device or agent offers to do. */
  capabilities: string[];
  /** Moderators hid what it says of itself, its name with it. */
  hidden: boolean;
}
/** What isn't given stays. `avatar: null`, an empty text or list take away. */
export interface ProfileInput {
  name?: string;
  avatar?: string | null;
  description?: string;
  /** At most 32 of at most 64 characters. */
  capabilities?: string[];
}

export interface SharedMethods {
  prompts: { params: [grove: string]; result: SharedPrompt[] };
  setPrompt: { params: [grove: string, prompt: PromptInput]; result: Prompt };
  removePrompt: { params: [grove: string, id: string]; result: null };
  groveSettings: { params: [grove: string]; result: SharedSetting[] };
  setting: { params: [grove: string, name: string, value?: Json]; result: null };
  profile: { params: [grove: string, peerId?: string]; result: Profile };
  setProfile: { params: [grove: string, change: ProfileInput]; result: Profile };
}
