// hostile: members write names, codes, purposes, reasons and charters. Whatever they write is shown as
// it is, as text, in every room, and does nothing. Real acts into a real cell.
const script = '<script>globalThis.hacked=1</script>';
const image = '<img src=x onerror=alert(1)>';
const attribute = '"><svg onload=alert(2)>';
const address = 'javascript:alert(3)';
const markup = "'-alert(4)-'</textarea><b class=hacked>";
const turned = '\u202eevil\u202c \u200bgnp';

async function write(cell) {
  const act = (...words) => JSON.parse(cell.comity(...words, '--json'));
  const own = [];
  const passport = (kind, name, alias) => own.push(act('passport', 'create', '--kind', kind, '--name', name, '--alias', alias).act);
  passport('agent', image, 'H1');
  passport('company', `${script}${attribute}`.slice(0, 63), 'H2');
  passport('community', address, 'H3');
  passport('team', turned, 'H4');
  passport('person', markup, 'H5');
  const found = (code, name, alias, ...more) =>
    act('alliance', 'found', '--as', 'H1', '--code', code, '--name', name, '--alias', alias, '--topic', 'culture', ...more);
  const open = JSON.stringify([{ name: 'admission', value: 0 }]);
  found('<IMG SRC=X>', `${attribute}${image}`.slice(0, 63), 'EVIL', '--purpose', `${script}${image}${attribute}${markup}`, '--clauses', open, '--text', script.repeat(20));
  for (const who of ['H2', 'H3', 'H4', 'H5']) act('alliance', 'join', '--as', who, '--alliance', 'EVIL', '--level', 'full');
  act('alliance', 'motion', '--as', 'H2', '--alliance', 'EVIL', '--kind', 'amend', '--clauses', JSON.stringify([{ name: 'voting_ms', value: 86400000 }]), '--reason', `${image}${script}`, '--alias', 'M1');
  for (const who of ['H2', 'H3', 'H4', 'H5']) {
    try {
      act('alliance', 'vote', '--as', who, '--motion', 'M1', '--choice', 'yes');
    } catch {
      break; // carried already: later votes would only repeat it
    }
  }
  act('alliance', 'leave', '--as', 'H5', '--alliance', 'EVIL', '--reason', `${attribute}${image}`);
  const { alliances } = await cell.json('/v1/alliances');
  const { items } = await cell.json('/v1/records/passport?limit=1000');
  return {
    alliance: alliances.find((one) => one.alliance.code.startsWith('<IMG')).alliance,
    passports: items.filter((one) => own.includes(one.id)),
  };
}

const harmless = (t, where) =>
  t.page.evaluate(() => ({
    hacked: globalThis.hacked ?? null,
    images: document.querySelectorAll('main img, header img').length,
    inside: document.querySelectorAll('b.hacked, main script, svg[onload], [onerror], [onload]').length,
    links: [...document.querySelectorAll('a')].filter((link) => !['http:', 'https:'].includes(link.protocol)).length,
    parts: document.querySelectorAll('iframe, object, embed, base').length,
  })).then((found) => t.assert.deepEqual(found, { hacked: null, images: 0, inside: 0, links: 0, parts: 0 }, where));

export default [
  [
    'hostile names, codes, charters and reasons are text in every room',
    async (t) => {
      const { alliance, passports } = await write(t.cells.a);
      t.assert.equal(passports.length, 5);
      const paths = [
        'world?view=map',
        'world?view=graph',
        'world?view=table',
        `world?of=${alliance.id}&view=table`,
        `world?of=${alliance.id}&who=${passports[0].id}`,
        'alliances',
        ...['', '/charter', '/history', '/votes', '/figures', '/door'].map((part) => `alliances/${alliance.id}${part}`),
        `alliances/${alliance.id}/door?party=${passports[1].id}`,
        'passports',
        ...passports.map((one) => `passports/${one.id}`),
        'ledger',
        'operator',
      ];
      let seen = '';
      const page = await t.open('/console/world');
      for (const path of paths) {
        await page.goto(`${t.cells.a.url}/console/${path}`);
        await page.waitForSelector('main h1');
        await t.settled();
        await harmless(t, path);
        seen += await page.evaluate(() => document.body.innerText);
      }
      // It was really there: shown letter by letter.
      for (const words of [script, image, attribute, address, markup, '<IMG SRC=X>']) t.assert.ok(seen.includes(words), `${words} was not shown`);
    },
  ],
  [
    'an amended charter shows its difference',
    async (t) => {
      const { alliances } = await t.cells.a.json('/v1/alliances');
      const evil = alliances.find((one) => one.alliance.code.startsWith('<IMG')).alliance;
      t.assert.equal(evil.version, 2, 'the motion was carried');
      const page = await t.open(`/console/alliances/${evil.id}/charter`);
      const row = page.locator('tr', { has: page.locator('del') });
      t.assert.match(await row.textContent(), /voting_ms.*1 day/);
      await t.axe();
    },
  ],
  [
    'hostile addresses lead nowhere, and say so',
    async (t) => {
      t.allow(/400|404|Failed to load resource/);
      const page = await t.open('/console/world');
      // A slash in disguise is refused before it is anybody's name.
      const refused = await fetch(`${t.cells.a.url}/console/passports/..%2F..%2Fv1%2Frealm`);
      t.assert.equal(refused.status, 400);
      t.assert.match(refused.headers.get('content-type'), /problem/);
      for (const path of [
        'alliances/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
        'ledger/%3Cscript%3E',
        'ledger/99999999999999999999',
        '%3Cscript%3Ealert(1)',
        'world?date=%22%3E%3Cscript%3E&of=%3Cimg%3E&who=x&view=%3Csvg%3E',
      ]) {
        await page.goto(`${t.cells.a.url}/console/${path}`);
        await page.waitForSelector('main h1');
        await t.settled();
        await harmless(t, path);
        const found = await page.evaluate(() => document.querySelector('.failure, .state, .timeline') !== null);
        t.assert.ok(found, `${path} says nothing`);
      }
    },
  ],
];
