// What each choice of a policy means in bytes. Types only.
import type { GrovePolicy } from './groves.ts';

export interface Cost {
  /** Contributions, or artifacts, each counted once. */
  count: number;
  /** Bytes of all that it would bring here; of artifacts whole sizes, though some may share blocks. */
  bytes: number;
  /** Of them here already. */
  here: number;
}
export interface PolicyCosts {
  bodies: { [Choice in GrovePolicy['bodies']]: Cost };
  artifacts: { [Choice in GrovePolicy['artifacts']]: Cost };
}

export interface CostMethods {
  /** Of what is known of the grove now. Budgets are not heeded. */
  policyCosts: { params: [grove: string]; result: PolicyCosts };
}
