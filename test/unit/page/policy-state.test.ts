// What comes by itself, with what each choice would bring.
import { expect, it } from 'vitest';
import { PolicyState } from '../../../src/state/policy.svelte.ts';
import type { Cost, GrovePolicy, PolicyCosts } from '../../../worker/rpc/api.ts';
import { fakePeer, settle } from './fake-peer.ts';

const costs = (bytes: number): PolicyCosts => {
  const cost: Cost = { count: 1, bytes, here: 0 };
  return {
    bodies: { all: cost, frontier: cost, 'on-demand': cost },
    artifacts: { all: cost, frontier: cost, pinned: cost, 'on-demand': cost },
  };
};
const policy: GrovePolicy = {
  ...{ bodies: 'all', artifacts: 'all', thresholds: {}, gossip: 'on', budget: null, adopt: false },
};

it('Y5: costs are told with what is chosen, and asked for anew when that changes, also where it is refused', async () => {
  let asked = 0;
  let stands = policy;
  const { thicket, emit } = fakePeer({
    policy(_, change) {
      if (change?.budget === -1) return Promise.reject(new Error('refused'));
      stands = { ...stands, ...change };
      return Promise.resolve(stands);
    },
    policyCosts() {
      asked += 1;
      return Promise.resolve(costs(asked));
    },
  });
  const state = new PolicyState(thicket, 'grove');
  expect(state.value).toBeNull();
  await settle();
  expect(state.value).toEqual({ policy, costs: costs(1) });
  await state.set({ artifacts: 'pinned' });
  await settle();
  expect(state.value).toEqual({ policy: { ...policy, artifacts: 'pinned' }, costs: costs(2) });
  await expect(state.set({ budget: -1 })).rejects.toThrow('refused');
  await settle();
  expect(asked).toBe(3);
  // After a start it is not known at once what is here.
  emit('changed', { grove: 'grove' });
  await settle();
  expect(state.value?.costs).toEqual(costs(4));
  state.close();
});
