// a_watch: the watch itself: what should fail, fails. Without this, a silent watch would look like
// a console without faults.
export default [
  [
    'axe sees a bad page',
    async (t) => {
      await t.open('/console/operator');
      await t.page.evaluate(() => {
        const image = document.createElement('img');
        image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
        const words = document.createElement('p');
        words.textContent = 'pale';
        words.style.color = 'rgb(240, 240, 240)';
        document.querySelector('main').append(image, words);
      });
      await t.assert.rejects(() => t.axe(), /image-alt[\s\S]*|color-contrast/);
    },
  ],
  [
    'a page that is too wide is seen',
    async (t) => {
      await t.open('/console/operator', { small: true });
      await t.page.evaluate(() => {
        const wide = document.createElement('div');
        wide.style.width = '2000px';
        wide.textContent = 'wide';
        document.querySelector('main').append(wide);
      });
      await t.assert.rejects(() => t.axe(), /wider than the screen/);
    },
  ],
  [
    'the policy stops other origins, scripts in the page, and scripts from text; each is noticed',
    async (t) => {
      await t.open('/console/operator');
      const took = await t.page.evaluate(async () => {
        const done = {};
        done.fetched = await fetch('http://127.0.0.1:9/').then(() => true, () => false);
        const script = document.createElement('script');
        done.inline = false;
        try {
          script.textContent = 'globalThis.hacked = 1';
          document.head.append(script);
        } catch {
          // trusted types: text may not become a script
        }
        done.inline = globalThis.hacked === 1;
        try {
          document.querySelector('main').insertAdjacentHTML('beforeend', '<b id="made">x</b>');
        } catch {
          // the same
        }
        done.html = document.getElementById('made') !== null;
        const image = new Image();
        image.src = 'http://127.0.0.1:9/pixel.png';
        done.image = await new Promise((end) => {
          image.onload = () => end(true);
          image.onerror = () => end(false);
        });
        return done;
      });
      t.assert.deepEqual(took, { fetched: false, inline: false, html: false, image: false });
      const seen = t.faults.join('\n');
      for (const word of [/connect-src/, /trusted/i, /img-src/, /left the origin|policy breached/]) t.assert.match(seen, word);
      t.allow(/./);
    },
  ],
  [
    'an error on the console is noticed',
    async (t) => {
      await t.open('/console/operator');
      await t.page.evaluate(() => console.error('on purpose'));
      await t.until('it was noticed', () => t.faults.some((fault) => fault.includes('on purpose')));
      t.allow(/on purpose/);
    },
  ],
];
