// All scenarios, in the order of the tables.
import { byzantine } from './byzantine.ts';
import * as calm from './calm.ts';
import * as faults from './faults.ts';
import { signalingDown } from './hand.ts';
import { oneHolder } from './holders.ts';
import { lateJoin } from './late.ts';
import { mixed } from './mixed.ts';
import { isolation, restore } from './recover.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  calm.steady,
  calm.steadyRandom,
  calm.large,
  calm.quiet,
  calm.burst,
  calm.crowd,
  lateJoin,
  calm.churn,
  calm.multiGrove,
  faults.crashHalf,
  faults.partitionHeal,
  faults.islands,
  faults.lossy,
  faults.skew,
  faults.clockBack,
  faults.flapping,
  faults.outage,
  signalingDown,
  oneHolder,
  faults.storageFault,
  faults.diskFull,
  restore,
  isolation,
  byzantine,
  mixed,
];
