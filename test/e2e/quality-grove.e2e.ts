// The pages of a grove, with all their states: beside quality.e2e.ts, which takes as long.
import { examineEach } from './quality/examine.ts';
import { GROVE_SCREENS } from './quality/grove-pages.ts';

examineEach(GROVE_SCREENS);
