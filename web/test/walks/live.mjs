// live: the page follows the ledger by itself; and when the daemon goes away, it says so and comes back.

const size = (page) => page.locator('.line-size').textContent().then((text) => Number(text.replace(/\D/g, '')));

export default [
  [
    'an act appears by itself, in two tabs with one stream',
    async (t) => {
      const page = await t.open('/console/ledger');
      await page.locator('.line-live').waitFor();
      const before = await size(page);
      let streams = 0;
      page.context().on('request', (request) => {
        if (request.url().endsWith('/v1/heads')) streams++;
      });
      const second = await page.context().newPage();
      await second.goto(`${t.cells.a.url}/console/alliances`);
      await second.locator('.line-live').waitFor();
      t.cells.a.comity('passport', 'create', '--kind', 'agent', '--name', 'Newcomer', '--alias', 'NEWCOMER');
      await t.until('both tabs know', async () => (await size(page)) > before && (await size(second)) > before);
      await page.locator('.row-say', { hasText: 'Newcomer' }).first().waitFor();
      t.assert.equal(streams, 0, 'the second tab opened no stream of its own');
      await page.close();
      const then = await size(second);
      await t.until('the tab that is left opens its own', () => streams === 1);
      t.cells.a.comity('passport', 'create', '--kind', 'agent', '--name', 'Heir', '--alias', 'HEIR');
      await t.until('and hears', async () => (await size(second)) > then);
      t.page = second;
    },
  ],
  [
    'what the page lists grows by itself',
    async (t) => {
      const page = await t.open('/console/passports');
      await page.locator('.line-live').waitFor();
      t.cells.a.comity('passport', 'create', '--kind', 'agent', '--name', 'Latecomer', '--alias', 'LATECOMER');
      await page.getByRole('link', { name: 'Latecomer' }).waitFor({ timeout: 12_000 });
    },
  ],
  [
    'a daemon that stops: the page says so, with what to do, and comes back',
    async (t) => {
      t.allow(/ERR_CONNECTION|ERR_INCOMPLETE|Failed to load resource|ERR_NETWORK/);
      const { b } = t.cells;
      const page = await t.open('/console/operator', { cell: b });
      await page.locator('.line-live').waitFor();
      await b.end('comityd');
      await page.locator('.line-lost').waitFor();
      await page.locator('.failure', { hasText: 'The daemon does not answer' }).first().waitFor({ timeout: 12_000 });
      await t.picture('lost');
      await t.axe();
      await b.start();
      await page.locator('.line-live').waitFor({ timeout: 15_000 });
      await t.until('no failure any more', async () => (await page.locator('.failure').count()) === 0, 15_000);
    },
  ],
  [
    'ten thousand rows scroll smoothly',
    async (t) => {
      const { b } = t.cells;
      t.cells.manyActs(b, 10_000);
      const page = await t.open('/console/ledger', { cell: b });
      t.assert.ok((await size(page)) > 10_000);
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
      // Processor time of the page's own thread: what a busy machine does besides does not count.
      const worked = async () => (await devtools.send('Performance.getMetrics')).metrics.find((one) => one.name === 'TaskDuration').value * 1000;
      const before = await worked();
      const frames = await page.evaluate(async () => {
        const box = document.querySelector('.rows');
        const bottom = box.scrollHeight - box.clientHeight;
        const took = [];
        let last = performance.now();
        for (let i = 1; i <= 300; i++) {
          box.scrollTop = (bottom * i) / 300;
          await new Promise((done) => requestAnimationFrame(done));
          took.push(performance.now() - last);
          last = performance.now();
        }
        return took.sort((a, b) => a - b);
      });
      const perFrame = ((await worked()) - before) / frames.length;
      const rows = await page.locator('.row').count();
      console.log(`    ${perFrame.toFixed(2)} ms of processor a frame; frames: median ${frames[150].toFixed(1)} ms, 95 % within ${frames[285].toFixed(1)} ms; ${rows} rows exist`);
      t.assert.ok(rows > 10 && rows < 80, `${rows} rows exist at once`);
      t.assert.ok(perFrame < 12, `${perFrame} ms of processor a frame: a sixtieth of a second is 16.7`);
      await t.until('the last rows are read', () => page.evaluate(() => [...document.querySelectorAll('.row-say')].every((one) => one.textContent !== '…')));
      t.assert.match(await page.locator('.row').last().textContent(), /./);
      await t.axe();
    },
  ],
];
