// All scenarios, in the order of the tables.
import { byzantine } from './byzantine.ts';
import * as calm from './calm.ts';
import * as faults from './faults.ts';
import { mixed } from './mixed.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  calm.steady,
  calm.steadyRandom,
  calm.burst,
  calm.crowd,
  calm.lateJoin,
  calm.churn,
  calm.multiGrove,
  faults.crashHalf,
  faults.partitionHeal,
  faults.lossy,
  faults.skew,
  faults.clockBack,
  faults.flapping,
  faults.signalingDown,
  faults.storageFault,
  faults.diskFull,
  byzantine,
  mixed,
];
