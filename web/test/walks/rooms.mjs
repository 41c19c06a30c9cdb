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

export default [
  ...rooms.map(([name, path]) => [
    `${name}, light and dark`,
    async (t) => {
      await t.open(path, { cell: cellOf(t, name) });
      await t.axe();
      if (shown.light.has(name)) await t.picture(name);
      await t.page.emulateMedia({ colorScheme: 'dark' });
      await t.axe();
      if (shown.dark.has(name)) await t.picture(`${name}-dark`);
    },
  ]),
  ...rooms.map(([name, path]) => [
    `${name}, on a phone`,
    async (t) => {
      await t.open(path, { cell: cellOf(t, name), small: true, scheme: name === 'door' ? 'dark' : 'light' });
      if (name === 'door') await t.page.selectOption('select', { label: 'Austria (AUT)' });
      await t.settled();
      await t.axe();
      if (shown.phone.has(name)) await t.picture(`${name}-phone`);
    },
  ]),
];
