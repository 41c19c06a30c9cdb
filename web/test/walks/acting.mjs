// acting: two members, each with a signer and `comity console` on a machine of its own. One comes into the
// other's alliance step by step, by the buttons alone. Then everybody who should not act tries to.
import { createServer } from 'node:http';
import { makeMember } from '../member.mjs';

const dialog = (page) => page.locator('dialog.act');

/** Presses a button, reads the dialog, signs, and gives the sentence that was signed. */
async function actWith(t, page, button, look) {
  await button.click();
  await dialog(page).locator('.act-sentence').waitFor();
  const sentence = await dialog(page).locator('.act-sentence').innerText();
  if (look) await look();
  await dialog(page).getByRole('button', { name: 'Sign and send' }).click();
  await dialog(page).getByText('It stands in the ledger as entry').waitFor();
  t.assert.match(await dialog(page).innerText(), /recorded|witnessed/);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  return sentence;
}

const memberOf = async (t, alliance, party) => {
  const { items } = await t.cells.a.json(`/v1/records/member?alliance=${alliance}&party=${party}`);
  return items[0];
};

let one;
let two;
let club;

async function set(t) {
  if (one) return;
  [one, two] = await Promise.all([makeMember(t.cells.a, 'ONE'), makeMember(t.cells.a, 'TWO')]);
  const clauses = JSON.stringify([{ name: 'admission', value: 3 }, { name: 'leave_full', value: 86400000 }]);
  club = one.comity('alliance', 'found', '--code', 'CLUB', '--name', 'The Club', '--topic', 'culture', '--clauses', clauses).act;
  one.comity('alliance', 'invite', '--alliance', club, '--party', one.id, '--level', 'full'); // its founder is its first member
  one.comity('alliance', 'join', '--alliance', club, '--level', 'full');
}

export default [
  [
    'who is served by the daemon reads, and is told how to act',
    async (t) => {
      await set(t);
      const page = await t.open(`/console/alliances/${club}/door?party=${two.id}`);
      await page.getByText('comity console --open').first().waitFor();
      t.assert.equal(await page.getByRole('button', { name: 'Apply …' }).count(), 0);
      t.assert.equal(await page.locator('.pen').count(), 0);
    },
  ],
  [
    'in step by step: apply, be voted in; and out again',
    async (t) => {
      await set(t);
      const door = `/console/alliances/${club}/door?party=${two.id}`;
      const hers = await t.open(two.room(door), { cell: two });
      t.assert.ok(!hers.url().includes(two.token), 'the token is gone from the address');
      await hers.locator('.pen', { hasText: 'TWO' }).waitFor();
      const said = await actWith(t, hers, hers.getByRole('button', { name: 'Apply …' }), async () => {
        await dialog(hers).getByText('would be accepted').waitFor();
        await t.axe();
        await t.picture('acting');
      });
      t.assert.match(said, /appl/);
      t.assert.equal((await memberOf(t, club, two.id)).state, 'applied');

      const his = await t.open(one.room(door), { cell: one });
      await actWith(t, his, his.getByRole('button', { name: 'Be voted in …' }));
      await his.goto(`${one.url}/console/alliances/${club}/votes`);
      await actWith(t, his, his.getByRole('button', { name: 'Yes', exact: true }));
      await t.until('she is a member', async () => (await memberOf(t, club, two.id)).state === 'active');

      await hers.goto(two.url + door);
      await actWith(t, hers, hers.getByRole('button', { name: 'Say so …' }));
      t.assert.equal((await memberOf(t, club, two.id)).state, 'leaving');
      await hers.getByText('Membership ends').first().waitFor();
    },
  ],
  [
    'a key is replaced by its standby key, and the next act is signed with the new one',
    async (t) => {
      await set(t);
      const page = await t.open(two.room(`/console/passports/${two.id}`), { cell: two });
      for (let i = 0; i < 2; i++) await actWith(t, page, page.getByRole('button', { name: /Replace the key/ }));
      const { passport } = await t.cells.a.json(`/v1/passports/${two.id}`);
      t.assert.equal(passport.generation ?? 1, 3);
    },
  ],
  [
    'a refusal is told before anybody signs; a receipt goes to the room that verifies it',
    async (t) => {
      await set(t);
      const page = await t.open(one.room(`/console/alliances/${club}/door?party=${one.id}`), { cell: one });
      await page.getByRole('button', { name: 'Say so …' }).click();
      await dialog(page).locator('.act-sentence').waitFor();
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
      // A vote on a motion that is decided.
      const { items } = await t.cells.a.json(`/v1/records/motion?alliance=${club}`);
      await page.route('**/v1/records/motion*', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('"carried"', '"open"') });
      });
      t.assert.equal(items.length, 1);
      await page.goto(`${one.url}/console/alliances/${club}/votes`);
      await page.getByRole('button', { name: 'No', exact: true }).click();
      await dialog(page).locator('.failure', { hasText: 'What to do' }).waitFor();
      t.assert.ok(await dialog(page).getByRole('button', { name: 'Sign and send' }).isDisabled());
      await dialog(page).getByRole('button', { name: 'Cancel' }).click();

      await page.goto(`${one.url}/console/passports/${one.id}`);
      await page.getByRole('button', { name: /Replace the key/ }).click();
      await dialog(page).getByRole('button', { name: 'Sign and send' }).click();
      await dialog(page).getByRole('button', { name: 'Verify the receipt' }).click();
      await page.waitForURL('**/console/evidence*');
      await page.locator('.evidence-items', { hasText: 'from the link' }).first().waitFor();
    },
  ],
  [
    'what is described must be what the bytes say: a swapped sentence, digest or act is not signed',
    async (t) => {
      await set(t);
      const page = await t.open(one.room(`/console/passports/${one.id}`), { cell: one });
      const before = (await t.cells.a.json(`/v1/passports/${one.id}`)).passport.generation;
      const swaps = [
        (d) => ({ ...d, sentence: 'opens an account' }),
        (d) => ({ ...d, digest: d.digest.replace(/^./, (c) => (c === '0' ? '1' : '0')) }),
        (d) => ({ ...d, id: d.id.replace(/^./, (c) => (c === '0' ? '1' : '0')) }),
        (d) => ({ ...d, bytes: d.bytes.replace(/.(?=.{100}$)/, (c) => (c === 'A' ? 'B' : 'A')) }),
        (d) => ({ ...d, signs: { ...d.signs, passport: two.id } }),
      ];
      let swap;
      await page.route('**/agent/v1/describe', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: swap(await answer.json()) });
      });
      for (swap of swaps) {
        await page.getByRole('button', { name: /Replace the key/ }).click();
        await dialog(page).locator('.failure', { hasText: 'not what would be signed' }).waitFor();
        t.assert.equal(await dialog(page).getByRole('button', { name: 'Sign and send' }).count(), 0);
        await dialog(page).getByRole('button', { name: 'Close' }).click();
      }
      t.assert.equal((await t.cells.a.json(`/v1/passports/${one.id}`)).passport.generation, before);
    },
  ],
  [
    'a wrong token, an approval used twice, a digest that nobody described',
    async (t) => {
      await set(t);
      t.allow(/Failed to load resource/);
      const page = await t.open(one.room('/console/world'), { cell: one });
      const got = await page.evaluate(async ([as, token]) => {
        const ask = async (path, body, header = token, type = 'application/json') => {
          const answer = await fetch(path, { method: 'POST', headers: { 'X-Comity-Token': header, 'Content-Type': type }, body: JSON.stringify(body) });
          return [answer.status, await answer.json()];
        };
        const wish = { as, act: { act: 'asset_create', code: 'ONCE', name: 'Once' } };
        const [, described] = await ask('/agent/v1/describe', wish);
        const digest = described.digest;
        return {
          wrong: (await ask('/agent/v1/sign', { digest }, token.replace(/.$/, (c) => (c === '0' ? '1' : '0'))))[1].name,
          none: (await ask('/agent/v1/sign', { digest }, ''))[1].name,
          form: (await ask('/agent/v1/sign', { digest }, token, 'text/plain'))[1].name,
          other: (await ask('/agent/v1/sign', { digest: digest.replace(/^./, (c) => (c === '0' ? '1' : '0')) }))[1].name,
          first: (await ask('/agent/v1/sign', { digest }))[0],
          again: (await ask('/agent/v1/sign', { digest }))[1].name,
        };
      }, [one.id, one.token]);
      t.assert.deepEqual(got, { wrong: 'AGENT_TOKEN', none: 'AGENT_TOKEN', form: 'AGENT_TYPE', other: 'APPROVAL_GONE', first: 200, again: 'APPROVAL_GONE' });
      const { items } = await t.cells.a.json('/v1/records/asset?code=ONCE');
      t.assert.equal(items.length, 1);
    },
  ],
  [
    'a page of another site gets nothing, even with the token; a rebound name is turned away',
    async (t) => {
      await set(t);
      t.allow(/Failed to load resource|CORS|blocked|ERR_|left the origin|Cross-Origin|fetch|CORB|ORB/i);
      const server = createServer((request, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><main><h1>another site</h1></main>'));
      await new Promise((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address();
      try {
        // evil.localhost is another site on this machine's address; 127.0.0.1 with another port is another origin of the same site.
        for (const url of [`http://evil.localhost:${port}`, `http://127.0.0.1:${port}`]) {
          const page = await t.open('/', { cell: { url } });
          const got = await page.evaluate(async ([agent, token, as]) => {
            const out = {};
            const attempt = async (name, path, init) => {
              try {
                const answer = await fetch(agent + path, init);
                out[name] = answer.type === 'opaque' ? 'opaque' : answer.status;
              } catch {
                out[name] = 'blocked';
              }
            };
            const wish = JSON.stringify({ as, act: { act: 'asset_create', code: 'EVIL', name: 'Evil' } });
            const headers = { 'X-Comity-Token': token, 'Content-Type': 'application/json' };
            await attempt('read', '/v1/realm', {});
            await attempt('me', '/agent/v1/me', { headers });
            await attempt('describe', '/agent/v1/describe', { method: 'POST', headers, body: wish });
            await attempt('simple', '/agent/v1/describe', { method: 'POST', mode: 'no-cors', body: wish });
            await attempt('hidden', '/v1/alliances', { mode: 'no-cors' });
            out.image = await new Promise((done) => {
              const image = new Image();
              image.onload = () => done('shown');
              image.onerror = () => done('blocked');
              image.src = `${agent}/console/assets/icon.svg`;
            });
            out.frame = await new Promise((done) => {
              const frame = document.createElement('iframe');
              frame.onload = () => {
                try {
                  done(frame.contentDocument === null ? 'foreign' : frame.contentDocument.body.innerText);
                } catch {
                  done('foreign');
                }
              };
              frame.src = agent;
              document.body.append(frame);
            });
            return out;
          }, [one.url, one.token, one.id]);
          for (const [name, value] of Object.entries(got)) t.assert.ok(['blocked', 'opaque', 'foreign', ''].includes(value), `${url}: ${name}: ${value}`);
          t.assert.equal(got.read, 'blocked');
          t.assert.equal(got.describe, 'blocked');
          // A form is sent as a whole page, and refused.
          await page.evaluate((agent) => {
            const form = document.createElement('form');
            form.method = 'post';
            form.enctype = 'text/plain';
            form.action = `${agent}/agent/v1/sign`;
            document.body.append(form);
            form.submit();
          }, one.url);
          await page.waitForURL(`${one.url}/agent/v1/sign`);
          t.assert.match(await page.evaluate(() => document.body.innerText), /AGENT_FOREIGN|BAD_HOST/);
        }
      } finally {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
      // DNS rebinding: the agent's own port under a foreign name.
      const rebound = one.url.replace('127.0.0.1', 'evil.localhost');
      const page = await t.open(`/console/world#agent=${one.token}`, { cell: one });
      const answer = await page.goto(`${rebound}/console/world#agent=${one.token}`);
      t.assert.equal(answer.status(), 421);
      const { items } = await t.cells.a.json('/v1/records/asset?code=EVIL');
      t.assert.equal(items.length, 0);
    },
  ],
  [
    'it ends',
    async () => {
      await Promise.all([one?.end(), two?.end()]);
      one = two = undefined;
    },
  ],
];
