// The peer as the views see it: the scripting surface without what concerns this tab's own links.
import type { Thicket as Surface } from '../api.ts';

export type Thicket = Omit<Surface, 'linkStats'>;
