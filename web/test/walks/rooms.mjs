// rooms: every room, on a desktop and a phone, light and dark: it opens, axe is content, a picture.
const rooms = [
  ['world', '/console/world?date=1960-01-01'],
  ['graph', '/console/world?view=graph&date=2000-01-01'],
  ['table', '/console/world?view=table&date=1960-01-01'],
  ['alliances', '/console/alliances'],
  ['alliance', '/console/alliances/NATO?date=1960-01-01'],
  ['charter', '/console/alliances/NATO/charter'],
  ['history', '/console/alliances/WARSAW-PACT/history'],
  ['votes', '/console/alliances/CONTINENT/votes'],
  ['figures', '/console/alliances/EU/figures'],
  ['door', '/console/alliances/NATO/door'],
  ['passports', '/console/passports'],
  ['passport', '/console/passports/NOR'],
  ['ledger', '/console/ledger'],
  ['act', '/console/ledger/10'],
  ['operator', '/console/operator'],
];

// What docs/console.md shows.
const shown = { light: new Set(['world', 'alliance', 'passport', 'operator']), dark: new Set(['graph', 'charter']), phone: new Set(['world', 'door']) };

const cellOf = (t, name) => (name === 'figures' ? t.cells.b : t.cells.a);

const walk = ([name, path]) => async (t) => {
  await t.open(path, { cell: cellOf(t, name) });
  if (shown.light.has(name)) await t.picture(name);
  await t.axe();
  if (!shown.dark.has(name)) return;
  await t.page.emulateMedia({ colorScheme: 'dark' });
  await t.picture(`${name}-dark`);
};

const walkOnPhone = ([name, path]) => async (t) => {
  await t.open(path, { cell: cellOf(t, name), small: true, scheme: 'dark' });
  if (name === 'door') await t.page.selectOption('select', { label: 'Austria (AUT)' });
  // axe looks at every cell of a table: a few rows are as good as hundreds.
  if (['passports', 'alliances'].includes(name)) await t.page.getByLabel(/^Search/).fill('nor');
  await t.settled();
  await t.axe();
  if (!shown.phone.has(name)) return;
  if (name === 'world') await t.page.emulateMedia({ colorScheme: 'light' });
  await t.picture(`${name}-phone`);
};

export default [
  ...rooms.map((room) => [`${room[0]}, on a desktop, light`, walk(room)]),
  ...rooms.map((room) => [`${room[0]}, on a phone, dark`, walkOnPhone(room)]),
];
