// What a page may ask of a first view.
import * as v from 'valibot';
import { grove } from './parts.ts';

export const GLANCE_SCHEMAS = { glance: v.strictTuple([grove]) };
