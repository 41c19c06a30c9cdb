// world: the slider, the map, the graph and the table say what the daemon says.
const rowsOf = (page) =>
  page.$$eval('.table-frame tbody tr', (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

const days = ['1949-04-04', '1952-02-18', '1960-01-01', '1974-08-14', '1991-06-30', '1991-07-01', '1995-01-01', '2004-05-01', '2020-01-31', '2026-01-01'];

export default [
  [
    'first paint within a second, from nothing',
    async (t) => {
      await t.open('/');
      const paint = await t.page.evaluate(
        () => performance.getEntriesByType('paint').find((entry) => entry.name === 'first-contentful-paint').startTime,
      );
      console.log(`    first contentful paint ${Math.round(paint)} ms`);
      t.assert.ok(paint < 1000, `${paint} ms`);
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
        await t.open('/console/world', { cell });
        const { alliances } = await cell.json('/v1/alliances');
        for (const day of days) {
          const shown = await t.page.evaluate((on) => globalThis.comityWorldOn(on), day);
          for (const { alliance } of alliances) {
            const { members } = await cell.json(`/v1/alliances/${alliance.id}/members?as_of=${day}`);
            const said = members.map((one) => `${one.party} ${one.level} ${one.since} ${one.suspended ?? false}`).sort();
            const folded = (shown[alliance.id] ?? []).map((one) => `${one.party} ${one.level} ${one.since} ${one.suspended}`).sort();
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
];
