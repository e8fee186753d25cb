// Every screen but the pages of a grove, with all its states.
import { examineEach } from './quality/examine.ts';
import { ROUTE_SCREENS } from './quality/routes.ts';

examineEach(ROUTE_SCREENS);
