// browser.mjs [--pictures] [NAME...]: Chromium before two real cells. Every file of test/walks is a walk;
// its functions are run one after another, each on a page of its own.
//
// On every page, whatever the walk does: no error on the console, no request to another origin, no
// breach of the content security policy, no dialog.
//
//   export default [['what it shows', async (t) => { ... }], ...]
//
// t: {cells, page, open(path, {cell, scheme, phone}), axe(), picture(name), assert, until(what, check), allow(pattern)}
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { makeCells } from './cells.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const words = process.argv.slice(2);
const pictures = words.includes('--pictures') ? join(root, 'docs', 'console') : join(root, 'build', 'console-pictures');
const only = words.filter((word) => !word.startsWith('--'));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

const desktop = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };

async function until(what, check, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    if (await check()) return;
    if (Date.now() > end) throw new Error(`after ${ms} ms still not: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** What a walk has in its hands; everything that a page does wrong is gathered in faults. */
function hands(browser, cells) {
  const contexts = [];
  const faults = [];
  const allowed = [];
  const t = {
    cells,
    assert,
    until,
    faults,
    page: null,
    /** allow: a message that this walk provokes by itself, such as a request that fails. */
    allow: (pattern) => allowed.push(pattern),

    async open(path, { cell = cells.a, scheme = 'light', small = false, reduced = false } = {}) {
      const context = await browser.newContext({
        viewport: small ? phone : desktop,
        hasTouch: small,
        colorScheme: scheme,
        reducedMotion: reduced ? 'reduce' : 'no-preference',
        locale: 'en-GB',
      });
      contexts.push(context);
      await context.addInitScript({ content: axeSource });
      await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) => {
          console.error(`policy breached: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`);
        });
      });
      // When the heading of a room stood there: the first moment at which the page is of use.
      await context.addInitScript(() => {
        new MutationObserver((_, watch) => {
          if (!document.querySelector('main h1')) return;
          globalThis.headingAt = performance.now();
          watch.disconnect();
        }).observe(document, { childList: true, subtree: true });
      });
      const page = await context.newPage();
      t.page = page;
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => {
        faults.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(`${cell.url}/`) && !url.startsWith('data:') && !url.startsWith('blob:')) faults.push(`left the origin: ${url}`);
      });
      await page.goto(cell.url + path);
      await page.waitForSelector('main h1');
      await t.settled();
      return page;
    },

    /** settled: nothing says that it is loading any more. */
    settled: () => until('everything is loaded', () => t.page.evaluate(() => document.querySelector('.spinner, .boot') === null)),

    /** axe: no serious or critical fault on the page as it is, and nothing wider than the screen. */
    async axe() {
      const found = await t.page.evaluate(async () => {
        const result = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return result.violations
          .filter((one) => one.impact === 'serious' || one.impact === 'critical')
          .map((one) => `${one.id} (${one.impact}): ${one.help}\n    ${one.nodes.slice(0, 4).map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`).join('\n    ')}`);
      });
      assert.deepEqual(found, [], `axe: ${found.join('\n')}`);
      const over = await t.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `the page is ${over} px wider than the screen`);
    },

    async picture(name) {
      mkdirSync(pictures, { recursive: true });
      await t.page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
    },

    async close() {
      const left = faults.filter((fault) => !allowed.some((pattern) => pattern.test(fault)));
      await Promise.all(contexts.map((context) => context.close()));
      assert.deepEqual(left, []);
    },
  };
  return t;
}

const walks = [];
for (const name of readdirSync(join(here, 'walks')).filter((one) => one.endsWith('.mjs')).sort()) {
  if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
  const { default: list } = await import(pathToFileURL(join(here, 'walks', name)));
  for (const [what, walk] of list) walks.push({ what: `${name.replace('.mjs', '')}: ${what}`, walk });
}

const began = Date.now();
const elapsed = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
let failed = 0;
const cells = await makeCells();
console.log(`two cells run and are filled (${elapsed()})`);
try {
  // Chromium's own sandbox needs user namespaces, which containers and root do not give it.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  try {
    for (const { what, walk } of walks) {
      const from = Date.now();
      const t = hands(browser, cells);
      let problem;
      try {
        await walk(t);
      } catch (error) {
        problem = error;
      }
      try {
        if (problem) await t.picture('failed');
        await t.close();
      } catch (error) {
        problem ??= error;
      }
      console.log(`${problem ? 'not ok' : 'ok'}  ${what} (${Date.now() - from} ms)`);
      if (problem) {
        failed++;
        console.log(`    ${String(problem.stack ?? problem).replaceAll('\n', '\n    ')}`);
        for (const fault of t.faults) console.log(`    ${fault}`);
      }
    }
  } finally {
    await browser.close();
  }
} finally {
  await cells.stop();
}
console.log(`${walks.length - failed} walks passed, ${failed} failed (${elapsed()})`);
process.exitCode = failed === 0 ? 0 : 1;
