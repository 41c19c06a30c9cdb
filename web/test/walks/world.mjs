// world: the slider, the map, the graph and the table say what the daemon says.
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const web = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The console's own model of the world, read from a cell. A module of its own for each cell: it remembers. */
async function modelOf(cell) {
  const out = mkdtempSync(join(web, 'node_modules', '.model-'));
  const path = join(out, 'world.mjs');
  const whole = globalThis.fetch;
  try {
    await esbuild.build({
      entryPoints: [join(web, 'src', 'model', 'world.ts')],
      outfile: path,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'warning',
    });
    const model = await import(pathToFileURL(path));
    globalThis.fetch = (address, options) => whole(cell.url + address, options);
    return { snapshot: model.snapshot, world: await model.readWorld() };
  } finally {
    globalThis.fetch = whole;
    rmSync(out, { recursive: true, force: true });
  }
}
const rowsOf = (page) =>
  page.$$eval('.table-frame tbody tr', (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

const days = ['1949-04-04', '1952-02-18', '1960-01-01', '1974-08-14', '1991-06-30', '1991-07-01', '1995-01-01', '2004-05-01', '2020-01-31', '2026-01-01'];

export default [
  [
    'first paint within a second, from nothing',
    async (t) => {
      // The best of three: what the console costs, not what else the machine does at this moment.
      const paints = [];
      const headings = [];
      for (let i = 0; i < 3; i++) {
        await t.open('/');
        paints.push(
          await t.page.evaluate(() => performance.getEntriesByType('paint').find((entry) => entry.name === 'first-contentful-paint').startTime),
        );
        headings.push(await t.page.evaluate(() => globalThis.headingAt));
      }
      const round = (list) => list.map((ms) => Math.round(ms)).join(', ');
      console.log(`    first contentful paint ${round(paints)} ms; the room’s heading ${round(headings)} ms`);
      t.assert.ok(Math.min(...paints) < 1000, `painted after ${paints} ms`);
      t.assert.ok(Math.min(...headings) < 1000, `the heading after ${headings} ms`);
      t.assert.equal(new URL(t.page.url()).pathname, '/console/world');
    },
  ],
  [
    'the table has the members that the daemon lists',
    async (t) => {
      const { alliances } = await t.cells.a.json('/v1/alliances?code=NATO');
      const id = alliances[0].alliance.id;
      for (const day of days.slice(0, 5)) {
        await t.open(`/console/world?view=table&of=${id}&date=${day}`);
        const { members } = await t.cells.a.json(`/v1/alliances/${id}/members?as_of=${day}`);
        const rows = await rowsOf(t.page);
        t.assert.deepEqual(
          rows.map(([name, , level, since]) => [name, level, since]).sort(),
          members.map((one) => [one.name, one.level, one.since]).sort(),
        );
        await t.page.context().close();
      }
    },
  ],
  [
    'every alliance on ten days: the browser’s fold is the daemon’s',
    async (t) => {
      for (const cell of [t.cells.a, t.cells.b]) {
        const { snapshot, world } = await modelOf(cell);
        const { alliances } = await cell.json('/v1/alliances');
        for (const day of days) {
          const shown = snapshot(world, day).members;
          for (const { alliance } of alliances) {
            const { members } = await cell.json(`/v1/alliances/${alliance.id}/members?as_of=${day}`);
            const said = members.map((one) => `${one.party} ${one.level} ${one.since} ${one.suspended ?? false}`).sort();
            const folded = (shown.get(alliance.id) ?? []).map((one) => `${one.party} ${one.level} ${one.since} ${one.suspended}`).sort();
            t.assert.deepEqual(folded, said, `${alliance.code} on ${day}`);
          }
        }
      }
    },
  ],
  [
    'the slider moves by keys, and the map follows',
    async (t) => {
      const page = await t.open('/console/world?date=1990-01-01');
      await page.selectOption('select', { label: 'WARSAW-PACT · Warsaw Treaty Organization' });
      const slider = page.getByRole('slider');
      const full = () => page.$$eval('.land.mark-full', (shapes) => shapes.length);
      t.assert.ok((await full()) >= 4);
      await slider.focus();
      for (let i = 0; i < 2; i++) await page.keyboard.press('Shift+ArrowRight');
      await t.until('two years later it is gone', async () => (await full()) === 0);
      t.assert.equal(await slider.getAttribute('aria-valuetext'), '1992-01-01');
      await t.until('the address says so', () => page.url().includes('date=1992-01-01'));
      await page.goBack().catch(() => undefined);
    },
  ],
  [
    'a click on a country shows its alliances, and on one of them the map',
    async (t) => {
      const page = await t.open('/console/world?date=2000-01-01');
      await page.getByLabel('Country or party').selectOption({ label: 'Norway (NOR)' });
      const panel = page.getByRole('region', { name: 'Norway' });
      await panel.getByRole('button', { name: 'NATO' }).click();
      await page.getByRole('region', { name: 'NATO' }).waitFor();
      t.assert.match(await page.locator('.summary').textContent(), /NATO: 19 members/);
      await page.locator('.land.mark-full').first().click({ force: true });
      await t.settled();
      t.assert.notEqual(await page.getByLabel('Country or party').inputValue(), '');
    },
  ],
  [
    'members of an alliance: by day, level and what was known, and the proof of the list',
    async (t) => {
      const page = await t.open('/console/alliances/EU?date=1995-01-01', { cell: t.cells.b });
      const caption = () => page.locator('caption').first().textContent();
      t.assert.equal(await caption(), 'Members on 1995-01-01: 15');
      await page.getByLabel('Level').selectOption('observer');
      await page.getByText('It had no such members on this day.').waitFor();
      await page.getByLabel('Level').selectOption('full');
      await page.getByLabel(/^As it was known/).fill('2001-01-01T00:00');
      await page.getByText('It had no such members on this day.').waitFor();
      await page.getByLabel(/^As it was known/).fill('');
      await t.until('all are back', async () => (await page.locator('caption').count()) > 0 && (await caption()) === 'Members on 1995-01-01: 15');
      const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save this list with its proof' }).click()]);
      const path = await saved.path();
      t.assert.match(t.cells.b.comity('verify', path), /holds|valid|verified|15/);
    },
  ],
  [
    'joining, step by step, follows what really happens',
    async (t) => {
      const { a } = t.cells;
      const { alliances } = await a.json('/v1/alliances?code=ALLIES');
      const { passport } = await a.json('/v1/passports/ISL');
      const page = await t.open(`/console/alliances/${alliances[0].alliance.id}/door?party=${passport.id}`);
      const next = () => page.locator('.step-now h3').first().textContent();
      t.assert.equal(await next(), 'Be invited');
      t.assert.match(await page.locator('.command').textContent(), /^comity alliance invite --as USA --alliance [0-9a-f]{64} --party [0-9a-f]{64} --level full$/);
      a.comity('alliance', 'invite', '--as', 'USA', '--alliance', 'ALLIES', '--party', 'ISL', '--level', 'full');
      await t.until('the invitation shows', async () => (await next()) === 'Join');
      // The command that the page shows is the one that does it.
      a.comity(...(await page.locator('.command').textContent()).split(' ').slice(1));
      await page.getByRole('heading', { name: 'Leaving' }).waitFor();
      t.assert.equal(await next(), 'Say so');
      await t.axe();
    },
  ],
];
