// How a person works a page: by the keys alone, or by touch. Each way fails where it does not reach. Knows no task.
import type { Locator, Page } from 'playwright';

export interface NewFile {
  name: string;
  content: string;
}
export interface Hands {
  press(target: Locator): Promise<void>;
  write(field: Locator, text: string): Promise<void>;
  /** An option of a list, by its label. */
  choose(list: Locator, label: string): Promise<void>;
  /** By a button that asks the system for a file. */
  give(button: Locator, file: NewFile): Promise<void>;
}

/** More stops than a page of these tests has. */
const MOST_STOPS = 200;
/** How often one asks for the system's dialog, and how long one waits for it, ms. */
const TRIES = 4;
const PATIENCE = 4_000;

export function keyboard(page: Page): Hands {
  /** Tab by Tab, as one who has no other way. */
  async function reach(target: Locator): Promise<void> {
    await target.waitFor();
    for (let stop = 0; stop < MOST_STOPS; stop += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the Tab key does not reach ${String(target)}`);
  }
  return {
    async press(target) {
      await reach(target);
      await page.keyboard.press('Enter');
    },
    async write(field, text) {
      await reach(field);
      await page.keyboard.press('Control+a');
      await page.keyboard.insertText(text);
    },
    async choose(list, label) {
      await reach(list);
      await page.keyboard.type(label);
    },
    async give(button, file) {
      // The first press is lost now and then, why is not found yet: whoever sees no dialog presses again.
      for (let tries = 1; ; tries += 1) {
        await reach(button);
        try {
          await fill(page, () => page.keyboard.press('Enter'), file, PATIENCE);
          return;
        } catch (error) {
          if (tries === TRIES) throw error;
        }
      }
    },
  };
}

export const fingers = (page: Page): Hands => ({
  press: (target) => target.tap(),
  async write(field, text) {
    await field.tap();
    await field.selectText();
    await page.keyboard.insertText(text);
  },
  // The list that opens is the system's.
  async choose(list, label) {
    await list.tap();
    // What follows the words, as the bytes that a choice costs, may change meanwhile.
    const option = list.locator('option').filter({ hasText: label });
    await list.selectOption((await option.getAttribute('value')) ?? label);
  },
  give: (button, file) => fill(page, () => button.tap(), file),
});

async function fill(page: Page, ask: () => Promise<void>, file: NewFile, timeout = 15_000): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser', { timeout }), ask()]);
  await chooser.setFiles({
    name: file.name,
    mimeType: 'text/plain',
    buffer: Buffer.from(file.content),
  });
}
