// The words of contributions and members, wherever they are shown.
import type { Kind, RelationType, Role } from '../../worker/rpc/api.ts';

export const terms = {
  text: { done: 'Done: ', open: 'To do: ' },
  kinds: {
    work: 'Work',
    review: 'Review',
    discussion: 'Discussion',
    adoption: 'Adoption',
    reproduction: 'Reproduction',
    plan: 'Plan',
    ask_user: 'Question',
    response: 'Answer',
  } satisfies Record<Kind, string>,
  modes: { evaluation: 'Evaluation', exploration: 'Exploration' },
  modeHints: {
    evaluation: 'Measured; counts in the rankings by metric.',
    exploration: 'Not measured against the metrics.',
  },
  relations: {
    derives_from: ['Derives from', 'Derived work'],
    responds_to: ['Responds to', 'Responses'],
    reviews: ['Reviews', 'Reviewed by'],
    reproduces: ['Reproduces', 'Reproduced by'],
    adopts: ['Adopts', 'Adopted by'],
  } satisfies Record<RelationType, readonly [string, string]>,
  lifecycles: {
    superseded: 'Superseded',
    challenged: 'Challenged',
    adopted: 'Adopted',
    reproduced: 'Reproduced',
    under_review: 'Under review',
    published: 'Published',
  },
  roles: { owner: 'Owner', moderator: 'Moderator', member: 'Member', reader: 'Reader' } satisfies Record<
    Role,
    string
  >,
  directions: { minimize: 'lower is better', maximize: 'higher is better' },
} as const;
