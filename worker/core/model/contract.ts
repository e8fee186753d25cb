// What the parts of a grove's contract and its shared prompts look like as settings say them (G17-G20): bounded readers of
// JSON, each with a value or null. Which setting says what, and what follows from it, is the views' to say.
import { BODY_LIMITS } from './body.ts';
import type { ContractMetric } from './body.ts';
import { isWellFormed } from './bytes.ts';
import type { Json } from './json.ts';
import { LIMITS } from './manifest.ts';

/** An invite is enough; a member says yes as well; one who moderates does. */
export const JOIN_RULES = ['open', 'approval', 'moderated'] as const;
export const BODIES = ['all', 'frontier', 'on-demand'] as const;
export const ARTIFACTS = ['all', 'frontier', 'pinned', 'on-demand'] as const;

export type Gate =
  | { type: 'min_reviews'; count: number }
  | { type: 'min_score'; metric: string; value: number }
  | { type: 'has_artifact'; name: string }
  | { type: 'has_relation'; relationType: string }
  | { type: 'metric_improves'; metric: string };
export type Stop =
  | { type: 'target'; metric: string; value: number }
  | { type: 'rounds'; metric: string; count: number }
  /** `until`: ms since the epoch. */
  | { type: 'budget'; contributions?: number; until?: number }
  | { type: 'review_quorum'; reviews: number; score: number };
/** What devices that join begin with; what isn't said is as without it. */
export interface PolicyDefaults {
  bodies?: (typeof BODIES)[number];
  artifacts?: (typeof ARTIFACTS)[number];
  budget?: number | null;
  thresholds?: Record<string, number>;
  adopt?: boolean;
}
export interface ContractParts {
  name: string;
  description: string;
  metrics: ContractMetric[];
  gates: Gate[];
  stops: Stop[];
  join: (typeof JOIN_RULES)[number];
  policy: PolicyDefaults;
}
export type ContractPart = keyof ContractParts;

export const CONTRACT_LIMITS = {
  gates: 32,
  stops: 16,
  /** Reviews, rounds and contributions that a rule may count to. */
  count: 1_000_000,
  promptId: 100,
  settingName: 100,
  promptName: 256,
  tools: 256,
} as const;

type Fields = Readonly<Record<string, Json>>;

const fieldsOf = (value: Json | undefined): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
const field = (fields: Fields, key: string): Json | undefined =>
  Object.hasOwn(fields, key) ? fields[key] : undefined;

const textOf = (value: Json | undefined, most: number, least = 0): string | null =>
  typeof value === 'string' && value.length >= least && value.length <= most && isWellFormed(value)
    ? value
    : null;
const numberOf = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const wholeOf = (value: Json | undefined, least: number, most: number): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most ? value : null;
const oneOf = <T extends string>(value: Json | undefined, known: readonly T[]): T | null =>
  known.find((each) => each === value) ?? null;

/** All of them, or null. */
function listOf<T>(value: Json | undefined, most: number, read: (item: Json) => T | null): T[] | null {
  if (!Array.isArray(value) || value.length > most) return null;
  const items = value.map(read);
  const known = items.filter((item) => item !== null);
  return known.length === items.length ? known : null;
}

const metricName = (fields: Fields): string | null => textOf(field(fields, 'metric'), LIMITS.name, 1);
const countOf = (fields: Fields, key: string): number | null =>
  wholeOf(field(fields, key), 1, CONTRACT_LIMITS.count);

/** A number from 0 to 1, as reviews give. */
function shareOf(value: Json | undefined): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 && number <= 1 ? number : null;
}

function readMetric(value: Json): ContractMetric | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const name = textOf(field(fields, 'name'), BODY_LIMITS.metricName, 1);
  const direction = oneOf(field(fields, 'direction'), ['minimize', 'maximize']);
  if (name === null || direction === null) return null;
  if (field(fields, 'unit') === undefined) return { name, direction };
  const unit = textOf(field(fields, 'unit'), BODY_LIMITS.unit);
  return unit === null ? null : { name, direction, unit };
}

/** Names are distinct, for a metric has one direction. */
function readMetrics(value: Json): ContractMetric[] | null {
  const metrics = listOf(value, BODY_LIMITS.metrics, readMetric);
  return metrics !== null && new Set(metrics.map(({ name }) => name)).size === metrics.length
    ? metrics
    : null;
}

function readGate(value: Json): Gate | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const type = field(fields, 'type');
  const metric = metricName(fields);
  switch (type) {
    case 'min_reviews': {
      const count = countOf(fields, 'count');
      return count === null ? null : { type, count };
    }
    case 'min_score': {
      const least = numberOf(field(fields, 'value'));
      return metric === null || least === null ? null : { type, metric, value: least };
    }
    case 'has_artifact': {
      const name = textOf(field(fields, 'name'), LIMITS.artifactName, 1);
      return name === null ? null : { type, name };
    }
    case 'has_relation': {
      const relationType = textOf(field(fields, 'relationType'), LIMITS.word, 1);
      return relationType === null ? null : { type, relationType };
    }
    case 'metric_improves':
      return metric === null ? null : { type, metric };
    default:
      return null;
  }
}

function readBudget(fields: Fields): Stop | null {
  const [rawContributions, rawUntil] = [field(fields, 'contributions'), field(fields, 'until')];
  const contributions = wholeOf(rawContributions, 1, CONTRACT_LIMITS.count);
  const until = wholeOf(rawUntil, 0, Number.MAX_SAFE_INTEGER);
  if (rawContributions !== undefined && contributions === null) return null;
  if (rawUntil !== undefined && until === null) return null;
  if (contributions === null && until === null) return null;
  return {
    type: 'budget',
    ...(contributions === null ? {} : { contributions }),
    ...(until === null ? {} : { until }),
  };
}

function readStop(value: Json): Stop | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const type = field(fields, 'type');
  const metric = metricName(fields);
  switch (type) {
    case 'target': {
      const target = numberOf(field(fields, 'value'));
      return metric === null || target === null ? null : { type, metric, value: target };
    }
    case 'rounds': {
      const count = countOf(fields, 'count');
      return metric === null || count === null ? null : { type, metric, count };
    }
    case 'budget':
      return readBudget(fields);
    case 'review_quorum': {
      const [reviews, score] = [countOf(fields, 'reviews'), shareOf(field(fields, 'score'))];
      return reviews === null || score === null ? null : { type, reviews, score };
    }
    default:
      return null;
  }
}

function readThresholds(value: Json): Record<string, number> | null {
  const entries = Object.entries(fieldsOf(value) ?? { '': null });
  const known = entries.flatMap(([metric, raw]): [string, number][] => {
    const limit = numberOf(raw);
    return textOf(metric, LIMITS.name, 1) === null || limit === null ? [] : [[metric, limit]];
  });
  if (known.length < entries.length || known.length > BODY_LIMITS.metrics) return null;
  return Object.fromEntries(known);
}

function readPolicy(value: Json): PolicyDefaults | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const policy: PolicyDefaults = {};
  const raw = (key: keyof PolicyDefaults): Json | undefined => field(fields, key);
  const [bodies, artifacts, budget] = [raw('bodies'), raw('artifacts'), raw('budget')];
  const [thresholds, adopt] = [raw('thresholds'), raw('adopt')];
  if (bodies !== undefined) {
    const known = oneOf(bodies, BODIES);
    if (known === null) return null;
    policy.bodies = known;
  }
  if (artifacts !== undefined) {
    const known = oneOf(artifacts, ARTIFACTS);
    if (known === null) return null;
    policy.artifacts = known;
  }
  if (budget !== undefined) {
    const known = wholeOf(budget, 0, Number.MAX_SAFE_INTEGER);
    if (known === null && budget !== null) return null;
    policy.budget = known;
  }
  if (thresholds !== undefined) {
    const known = readThresholds(thresholds);
    if (known === null) return null;
    policy.thresholds = known;
  }
  if (adopt !== undefined) {
    if (typeof adopt !== 'boolean') return null;
    policy.adopt = adopt;
  }
  return policy;
}

export const CONTRACT_READERS: {
  readonly [Part in ContractPart]: (value: Json) => ContractParts[Part] | null;
} = {
  name: (value) => textOf(value, BODY_LIMITS.groveName, 1),
  description: (value) => textOf(value, BODY_LIMITS.description),
  metrics: readMetrics,
  gates: (value) => listOf(value, CONTRACT_LIMITS.gates, readGate),
  stops: (value) => listOf(value, CONTRACT_LIMITS.stops, readStop),
  join: (value) => oneOf(value, JOIN_RULES),
  policy: readPolicy,
};

export const CONTRACT = 'contract.';
export const PROMPT = 'prompt/';
export const SETTING = 'setting/';

const isPart = (name: string): name is ContractPart => Object.hasOwn(CONTRACT_READERS, name);

/** A shared prompt; fields not known here survive. */
export interface Prompt {
  id: string;
  name: string;
  system_prompt: string;
  tools: Json[];
  user_prompt: string;
  /** A time as its author's tools write it: ISO 8601, or a number. */
  updated_at: string | number;
  [field: string]: Json;
}

export function readPrompt(id: string, value: Json): Prompt | null {
  const fields = fieldsOf(value);
  if (fields === null || field(fields, 'id') !== id || id.length > CONTRACT_LIMITS.promptId) return null;
  const name = textOf(field(fields, 'name'), CONTRACT_LIMITS.promptName, 1);
  const [system, user] = [field(fields, 'system_prompt'), field(fields, 'user_prompt')];
  const [tools, at] = [field(fields, 'tools'), field(fields, 'updated_at')];
  if (id === '' || name === null || typeof system !== 'string' || typeof user !== 'string') return null;
  if (!Array.isArray(tools) || tools.length > CONTRACT_LIMITS.tools) return null;
  if (typeof at !== 'string' && typeof at !== 'number') return null;
  return { ...fields, id, name, system_prompt: system, tools, user_prompt: user, updated_at: at };
}

/** Whether a setting's value is what its key needs (G16). Keys that are not known here take any. */
export function fits(key: string, value: Json): boolean {
  if (key.startsWith(CONTRACT)) {
    const part = key.slice(CONTRACT.length);
    return !isPart(part) || CONTRACT_READERS[part](value) !== null;
  }
  return key.startsWith(PROMPT) ? readPrompt(key.slice(PROMPT.length), value) !== null : true;
}
