// The tokens of the style as a canvas takes them: rgb(), by the theme that the reader has now.
import { colourOf } from '../components/kinds.ts';
import type { Palette } from './picture.ts';

export function paletteOf(host: HTMLElement): Palette {
  const kinds = new Map<string, string>();
  function resolve(value: string): string {
    const probe = document.createElement('span');
    probe.style.color = value;
    host.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }
  return {
    ink: resolve('var(--ink)'),
    stem: resolve('var(--stem)'),
    lit: resolve('var(--sloe)'),
    faint: resolve('var(--rule)'),
    font: getComputedStyle(host).fontFamily,
    kind(kind) {
      const value = colourOf(kind);
      const colour = kinds.get(value) ?? resolve(value);
      kinds.set(value, colour);
      return colour;
    },
  };
}
