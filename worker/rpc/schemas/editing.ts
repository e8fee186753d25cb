// What a page may change of a contribution.
import * as v from 'valibot';
import { LIMITS } from '../../core/model/manifest.ts';
import {
  agent,
  artifact,
  cid,
  grove,
  jsonObject,
  mode,
  named,
  nameOfArtifact,
  relations,
  scores,
  table,
  tags,
  text,
} from './parts.ts';

export const EDITING_SCHEMAS = {
  edit: v.strictTuple([
    grove,
    cid,
    v.strictObject({
      mode: v.exactOptional(mode),
      summary: v.exactOptional(named(LIMITS.summary)),
      description: v.exactOptional(v.nullable(text(LIMITS.description))),
      artifacts: v.exactOptional(table(nameOfArtifact, v.nullable(artifact), LIMITS.artifacts)),
      relations: v.exactOptional(relations),
      scores: v.exactOptional(v.nullable(scores)),
      tags: v.exactOptional(tags),
      context: v.exactOptional(v.nullable(jsonObject)),
      agent: v.exactOptional(agent),
      createdAt: v.exactOptional(named(LIMITS.word)),
    }),
  ]),
};
