// federation: the room before a real federation of four, and before a cell, which has bridges only.
import { makeFederation } from '../federation.mjs';

let sea = null;

export default [
  [
    'who agrees, by whose cosignatures, and it moves by itself',
    async (t) => {
      sea = await makeFederation();
      const page = await t.open('/console/federation', { cell: sea });
      await page.getByRole('img', { name: /4 of 4 cosigned|3 of 4 cosigned/ }).waitFor();
      const rows = page.getByRole('region', { name: 'The seats, and how far each is' }).locator('tbody tr');
      t.assert.equal(await rows.count(), 4);
      await page.getByText('This member agrees with the others.').waitFor();
      await page.getByText(/3 of 4, [34] there/).waitFor();
      await t.axe();
      await t.picture('federation');
      const height = async () => Number((await rows.first().locator('td').nth(3).textContent()).replace(/\D/g, ''));
      const before = await height();
      await t.until('heights come by themselves', async () => (await height()) > before);
      await sea.stop('d');
      await t.until('a member that stopped falls behind', async () => Number((await rows.last().locator('td').nth(4).textContent()).replace(/\D/g, '')) > 1);
    },
  ],
  [
    'the same in the dark, on a phone',
    async (t) => {
      const page = await t.open('/console/federation', { cell: sea, scheme: 'dark', small: true });
      await page.getByRole('img', { name: /of 4 cosigned/ }).waitFor();
      await t.axe();
      await page.close(); // it would say that nobody answers
      await sea.end();
    },
  ],
  [
    'a cell says that it is one, and shows its bridges',
    async (t) => {
      const page = await t.open('/console/federation');
      await page.getByText('This realm is a cell').waitFor();
      await page.getByText('No bridges').waitFor();
      await t.axe();
    },
  ],
];
