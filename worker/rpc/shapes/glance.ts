// A grove's first view, which needn't wait for its log. Types only.
import type { ContributionItem, Frontier } from './contributions.ts';

export interface Glance {
  /** Null: this is how the grove is. Else how it was at `at`; so many of its entries are read back by now. */
  reading: { done: number; total: number } | null;
  /** ms since the epoch. */
  at: number;
  name: string;
  entries: number;
  contributions: number;
  /** As `frontier` without a filter answers. */
  frontier: Frontier;
  /** The newest 50, as `contributions` lists them. */
  items: ContributionItem[];
}

export interface GlanceMethods {
  glance: { params: [grove: string]; result: Glance };
}
