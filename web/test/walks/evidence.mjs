// evidence: the room that verifies. The page comes from one cell and the evidence from the other; the network is
// cut before anything is verified; keys are the reader's choice; nothing in a file is taken for markup.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const bytesOf = async (cell, path) => {
  const answer = await fetch(cell.url + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
};
const keysOf = (cell) => {
  const card = readFileSync(join(cell.dir, 'peer.conf'), 'utf8');
  return { log: /^vkey = "(.*)"/m.exec(card)[1], witness: /^witness_vkey = "(.*)"/m.exec(card)[1], card };
};
const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
const drop = (page, ...files) => page.getByLabel('Files to verify').setInputFiles(files);
const trust = async (page, text) => {
  await page.getByLabel('Verifier keys, a peer.conf, or a policy file').fill(text);
  await page.getByRole('button', { name: 'Trust these keys' }).click();
};
/** The card of a file, once it has this verdict. */
const card = async (page, name, verdict) => {
  const one = page.getByRole('article', { name });
  try {
    await one.locator('.trust-head .tag', { hasText: verdict }).waitFor({ timeout: 10_000 });
  } catch (error) {
    throw new Error(`${name}: not "${verdict}": ${await one.innerText().catch(() => 'it is not there')}`, { cause: error });
  }
  return one;
};

/** Scrolls a card under the bar of the page. */
const toTop = (page, name) =>
  page.evaluate((words) => {
    const card = [...document.querySelectorAll('article.evidence')].find((one) => one.textContent.includes(words));
    scrollTo(0, card.getBoundingClientRect().top + scrollY - 72);
  }, name);

/** What cell a gives out, of every kind. */
async function evidenceOf(a) {
  const entry = await bytesOf(a, '/v1/acts/12/raw');
  return {
    bundle: await bytesOf(a, '/v1/alliances/NATO/members?as_of=1960-01-01&proof=1'),
    proof: await bytesOf(a, '/v1/proofs/12'),
    receipt: await bytesOf(a, '/v1/receipts/12'),
    checkpoint: await bytesOf(a, '/checkpoint'),
    entry,
  };
}

/** A ledger of the test's own, that signs whatever it likes. */
function forger(name) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const typed = Buffer.concat([Buffer.of(1), publicKey.export({ format: 'der', type: 'spki' }).subarray(12)]);
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4);
  return {
    vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    head(size, root) {
      const text = `${name}\n${size}\n${createHash('sha256').update(root).digest('base64')}\n`;
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]);
      return Buffer.from(`${text}\n\u2014 ${name} ${signature.toString('base64')}\n`);
    },
  };
}

/** The page of cell b, cut off from the network once it is there. */
async function cutOff(t, options = {}) {
  const page = await t.open('/console/evidence', { cell: t.cells.b, ...options });
  await page.getByRole('heading', { name: 'Evidence', level: 1 }).waitFor();
  await page.getByText('The verifier is here').waitFor();
  t.allow(/ERR_INTERNET_DISCONNECTED/);
  await page.context().setOffline(true);
  t.assert.equal(await page.evaluate(() => fetch('/v1/realm').then(() => 'answered', () => 'cut off')), 'cut off');
  return page;
}

async function everyKind(t) {
  const { a, b } = t.cells;
  const files = await evidenceOf(a);
  const page = await cutOff(t);
  await trust(page, `${keysOf(a).log}\n${keysOf(b).witness}`);
  await drop(page, file('nato.json', files.bundle), file('12.tlog-proof', files.proof), file('12.cose', files.receipt),
    file('checkpoint', files.checkpoint), file('entry', files.entry));
  const answer = await card(page, 'nato.json', 'holds');
  await answer.getByText('had 15 members on 1960-01-01').waitFor();
  t.assert.equal(await answer.locator('tbody tr').count(), 15);
  t.assert.match(await answer.locator('.steps').innerText(), /none is missing[\s\S]*the answer follows from these records/);
  for (const name of ['12.tlog-proof', 'checkpoint', 'entry']) await card(page, name, 'holds');
  // a COSE receipt holds no cosignature: it is enough only where none is asked for
  t.assert.match(await (await card(page, '12.cose', 'does not hold')).innerText(), /no witness can sign a COSE receipt/);
  await page.getByLabel('Witnesses that must have cosigned, of 1').fill('0');
  await card(page, '12.cose', 'holds');
  await card(page, 'nato.json', 'holds');
  await t.until('the verdict is announced', async () => /holds: this .* is what it says\./.test(await page.locator('p[role=status].unseen').innerText()));
  const proof = page.getByRole('article', { name: '12.tlog-proof' });
  await proof.getByText('What was checked against what').first().click();
  t.assert.match(await proof.innerText(), new RegExp(keysOf(a).log.slice(-20).replace(/[+/]/g, '.')));
  await t.axe();
  await toTop(page, 'nato.json');
  await t.picture('evidence');
}

async function changed(t) {
  const { a } = t.cells;
  const files = await evidenceOf(a);
  const page = await cutOff(t);
  await trust(page, keysOf(a).card);
  const text = files.bundle.toString();
  await drop(page, file('day.json', Buffer.from(text.replace('1960-01-01', '1961-01-01'))),
    file('root', Buffer.from(files.checkpoint.toString().replace(/\n([0-9]+)\n/, (_, n) => `\n${Number(n) + 1}\n`))),
    file('half.json', Buffer.from(text.slice(0, 9000))));
  const day = await card(page, 'day.json', 'does not hold');
  t.assert.match(await day.innerText(), /refused[\s\S]*answer recomputed from the records[\s\S]*peer\.answer\.differs/);
  t.assert.match(await day.innerText(), /does NOT hold[\s\S]*What to do/);
  await card(page, 'root', 'does not hold');
  await card(page, 'half.json', 'does not hold');
  await t.axe();
}

async function whomToTrust(t) {
  const { a, b } = t.cells;
  const own = await bytesOf(b, '/checkpoint');
  const page = await t.open('/console/evidence', { cell: b });
  await drop(page, file('own', own), file('of a', await bytesOf(a, '/checkpoint')));
  await card(page, 'of a', 'not judged');
  await (await card(page, 'own', 'not judged')).getByRole('button', { name: 'Choose whom to trust' }).click();
  t.assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
  // a key that is none, and one of another ledger
  await trust(page, 'not a key');
  t.assert.match(await page.locator('#trust-problem').innerText(), /not a verifier key/);
  await trust(page, keysOf(a).log);
  await card(page, 'of a', 'holds');
  await card(page, 'own', 'not judged');
  // what the server says of itself is shown, not believed
  await page.getByRole('button', { name: 'Show what this server says its keys are' }).click();
  await page.getByText('These keys come from the server').waitFor();
  await card(page, 'own', 'not judged');
  await page.getByRole('button', { name: 'Use them, marked as the server’s word' }).click();
  const mine = await card(page, 'own', 'holds');
  t.assert.match(await mine.innerText(), /the server says[\s\S]*never compared/);
  t.assert.doesNotMatch(await (await card(page, 'of a', 'holds')).innerText(), /never compared/);
  // remembered in this browser, mark and all
  await page.reload();
  await page.getByText('a.example/ledger, 0 witnesses; b.example/ledger, 1 witness').click();
  await page.getByRole('heading', { name: 'b.example/ledger' }).waitFor();
  t.assert.ok((await page.locator('.trust-list .tag', { hasText: 'the server says' }).count()) > 0);
  await page.getByRole('button', { name: 'Trust b.example/ledger no more' }).click();
  await drop(page, file('own', own));
  await card(page, 'own', 'not judged');
  await t.axe();
}

async function twoHistories(t) {
  const bad = forger('bad.example/ledger');
  const page = await cutOff(t);
  await trust(page, bad.vkey);
  await drop(page, file('monday', bad.head(9, 'one')), file('tuesday', bad.head(9, 'two')), file('older', bad.head(8, 'x')));
  await page.getByRole('alert').filter({ hasText: 'contradict each other' }).waitFor();
  await page.getByRole('button', { name: 'Put both into one file and verify it' }).click();
  const both = await card(page, 'two heads that contradict each other', 'two histories');
  t.assert.match(await both.innerText(), /proves a betrayal[\s\S]*two roots are signed for one size, 9/);
  t.assert.equal(await page.getByRole('alert').filter({ hasText: 'contradict each other' }).count(), 0);
  await t.axe();
}

async function hostileTexts(t) {
  const { a } = t.cells;
  const evil = '<img src=x onerror=alert(1)>\u202e"&';
  a.comity('passport', 'create', '--kind', 'person', '--name', evil, '--alias', `Evil${Date.now()}`);
  const { head } = await a.json('/v1/realm');
  const { items } = await a.json(`/v1/feed?since=${Math.max(0, head.size - 20)}&limit=1000`);
  const made = items.findLast((item) => item.say.includes('<img'));
  const page = await cutOff(t, { small: true, scheme: 'dark' });
  await drop(page, file(evil, await bytesOf(a, `/v1/acts/${made.index}/raw`)));
  const act = await card(page, /<img/, 'holds');
  t.assert.ok((await act.innerText()).includes('gets a passport'));
  t.assert.ok((await act.innerText()).includes('<img src=x onerror=alert(1)>⟨U+202E⟩'));
  t.assert.equal(await page.locator('main img').count(), 0);
  await drop(page, file('x', Buffer.from('<script>alert(1)</script>')));
  await card(page, 'x', 'does not hold');
  await t.axe();
  await toTop(page, '<img');
  await t.picture('evidence-phone');
}

async function link(t) {
  const { a, b } = t.cells;
  const entry = await bytesOf(a, '/v1/acts/3/raw');
  const data = entry.toString('base64url');
  const asked = [];
  const page = await t.open('/console/evidence', { cell: b });
  page.on('request', (request) => asked.push(request.url(), request.postData() ?? ''));
  await page.goto(`${b.url}/console/evidence#data=${data}`);
  await page.reload();
  await card(page, 'from the link', 'holds');
  t.assert.ok(asked.every((text) => !text.includes(data.slice(0, 40)) || text.startsWith(`${b.url}/console/evidence#`)));
  // pasted as hexadecimal, with the line ends of another system
  await page.getByLabel('Or paste it: as text, base64 or hexadecimal').fill(entry.toString('hex').replace(/(.{64})/g, '$1\r\n'));
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await card(page, 'pasted text', 'holds');
}

async function serversHead(t) {
  const { a } = t.cells;
  const kept = await bytesOf(a, '/checkpoint');
  a.comity('passport', 'create', '--kind', 'person', '--name', 'Later', '--alias', `Later${Date.now()}`);
  const page = await t.open('/console/evidence', { cell: a });
  await trust(page, keysOf(a).log);
  await drop(page, file('kept', kept));
  await (await card(page, 'kept', 'holds')).getByRole('button', { name: 'Hold it against this server’s newest head' }).click();
  const both = await card(page, /this head and the server’s newest/, 'holds');
  t.assert.match(await both.innerText(), /the head of \d+ entries extends that of \d+ \(\d+ hashes\)/);
  // on the page of a cell that keeps another ledger
  await t.open('/console/evidence', { cell: t.cells.b });
  await trust(t.page, keysOf(a).log);
  await drop(t.page, file('kept', kept));
  await (await card(t.page, 'kept', 'holds')).getByRole('button', { name: 'Hold it against this server’s newest head' }).click();
  await t.page.getByRole('alert').filter({ hasText: 'this server keeps another ledger, b.example/ledger' }).waitFor();
}

async function fromOtherRooms(t) {
  const { a } = t.cells;
  const page = await t.open('/console/alliances/NATO?date=1960-01-01', { cell: a });
  await page.getByRole('link', { name: 'in this browser' }).click();
  await page.getByRole('button', { name: 'Fetch and verify' }).waitFor();
  t.assert.equal(await page.locator('article.evidence').count(), 0); // nothing is asked by itself
  await trust(page, keysOf(a).log);
  await page.getByRole('button', { name: 'Fetch and verify' }).click();
  await (await card(page, /members/, 'holds')).getByText('had 15 members on 1960-01-01').waitFor();
  await t.open('/console/ledger/7', { cell: a });
  await t.page.getByRole('link', { name: 'Verify it in this browser' }).click();
  await trust(t.page, keysOf(a).log);
  await t.page.getByRole('button', { name: 'Fetch and verify' }).click();
  await card(t.page, '/v1/proofs/7', 'holds');
  await card(t.page, '/v1/acts/7/raw', 'holds');
  // an address that another page made up is not asked for
  await t.open(`/console/evidence?from=${encodeURIComponent('//evil.example/x https://evil.example /v1/admin /v1/acts/../../x')}`, { cell: a });
  t.assert.equal(await t.page.getByRole('button', { name: 'Fetch and verify' }).count(), 0);
}

export default [
  ['evidence of one cell, on the page of another, without a network', everyKind],
  ['what was changed is refused, and why', changed],
  ['whom to trust is the reader’s choice', whomToTrust],
  ['two heads that contradict each other', twoHistories],
  ['hostile texts in files and names, on a phone, dark', hostileTexts],
  ['a link that holds the evidence, and pasted text', link],
  ['a head that was kept, held against the newest', serversHead],
  ['what other rooms show, fetched and verified', fromOtherRooms],
];
