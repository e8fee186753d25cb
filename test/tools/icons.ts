// Renders public/icons/icon.svg to the PNGs that the manifest and index.html name. Run by hand after a change of the
// drawing: npx tsx test/tools/icons.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { chromiumPath, launchArgs } from '../chromium.ts';

const ICONS = join(import.meta.dirname, '../../public/icons');
const BACKGROUND = '#1f3d2a';

/** `scale`: how much of the square the drawing takes. A mask may cut to the inner 80 %. */
const RENDERINGS = [
  { file: 'icon-192.png', size: 192, scale: 1, full: false },
  { file: 'icon-512.png', size: 512, scale: 1, full: false },
  { file: 'maskable-512.png', size: 512, scale: 0.8, full: true },
  { file: 'apple-touch-icon.png', size: 180, scale: 0.92, full: true },
];

const svg = readFileSync(join(ICONS, 'icon.svg'), 'utf8');
const browser = await chromium.launch({ executablePath: chromiumPath(), args: launchArgs });
try {
  for (const { file, size, scale, full } of RENDERINGS) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(
      `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${full ? BACKGROUND : 'transparent'}">` +
        `<div style="width:${scale * 100}vw;height:${scale * 100}vw">${svg}</div>`,
    );
    writeFileSync(join(ICONS, file), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
