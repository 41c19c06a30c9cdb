// keyboard: the console without a mouse: what has the focus is always visible, and every room is reached.
const focused = (page) =>
  page.evaluate(() => {
    const one = document.activeElement;
    const style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    return {
      tag: one.tagName,
      text: (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 60),
      href: one.getAttribute('href') ?? '',
      outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
      inSight: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    };
  });

export default [
  [
    'skip link, menu, rooms, and back',
    async (t) => {
      const page = await t.open('/console/world?date=1960-01-01');
      await page.keyboard.press('Tab');
      t.assert.equal((await focused(page)).text, 'Skip to the content');
      await page.keyboard.press('Enter');
      t.assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');
      await page.reload();
      await page.waitForSelector('main h1');
      const rooms = ['Alliances', 'Passports', 'Ledger', 'Operator'];
      for (const room of rooms) {
        for (let i = 0; (await focused(page)).text !== room; i++) {
          t.assert.ok(i < 60, `${room} was not reached`);
          await page.keyboard.press('Shift+Tab');
        }
        await page.keyboard.press('Enter');
        await page.waitForFunction((name) => document.activeElement?.tagName === 'H1' && document.activeElement.textContent === name, room);
        t.assert.equal(await page.title(), `${room} · Comity`);
      }
      await page.goBack();
      await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Ledger');
    },
  ],
  [
    'every stop of the tab key is visible, in every room',
    async (t) => {
      for (const path of ['world?date=1960-01-01', 'alliances/NATO', 'passports/NOR', 'ledger', 'operator']) {
        const page = await t.open(`/console/${path}`, { reduced: true });
        let stops = 0;
        for (let i = 0; i < 40; i++) {
          await page.keyboard.press('Tab');
          const one = await focused(page);
          if (one.tag === 'BODY') break;
          stops++;
          t.assert.ok(one.outlined, `${path}: ${one.tag} ${one.text} has the focus and does not show it`);
          t.assert.ok(one.inSight, `${path}: ${one.tag} ${one.text} has the focus and is out of sight`);
        }
        t.assert.ok(stops > 7, `${path}: ${stops} stops`);
        await page.context().close();
      }
    },
  ],
  [
    'from the list of alliances to a proof, by keys alone',
    async (t) => {
      const page = await t.open('/console/alliances');
      await page.getByLabel(/^Search/).focus();
      await page.keyboard.type('north atl');
      const reach = async (what, test) => {
        for (let i = 0; !test(await focused(page)); i++) {
          t.assert.ok(i < 60, `${what} was not reached`);
          await page.keyboard.press('Tab');
        }
      };
      await reach('NATO', (one) => one.text === 'NATO');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
      await t.settled();
      await reach('the slider', (one) => one.text.startsWith('Members of NATO'));
      await page.keyboard.press('PageDown');
      await t.until('ten years back', () => page.url().includes('date=2016'));
      await reach('the proof', (one) => one.href.includes('proof=1'));
      await reach('Join or leave', (one) => one.text.length > 0);
    },
  ],
];
