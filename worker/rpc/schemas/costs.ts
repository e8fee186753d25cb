// What a page may ask of the cost of a policy.
import * as v from 'valibot';
import { grove } from './parts.ts';

export const COST_SCHEMAS = { policyCosts: v.strictTuple([grove]) };
