// parties: who is who: names, codes and kinds of passports, read once and kept while the ledger stays.
import { useAsk, type Answer } from '../api/client';
import { useTurn } from '../api/live';
import type { Attestation, Passport } from '../api/types';
import { Growing } from './grow';

/** More parties than this are not fetched into a browser; whoever is asked for by name is found all the same. */
export const PARTIES_MOST = 20_000;

const passports = new Growing<Passport>('/v1/records/passport', PARTIES_MOST, 60_000);
const attestations = new Growing<Attestation>('/v1/records/attestation', 3 * PARTIES_MOST, 60_000);

export interface Party {
  id: string;
  name: string;
  kind: string;
  standing: string;
  /** The code that people use: ISO 3166-1 alpha-3, or what there is; "" when none. */
  code: string;
  /** ISO 3166-1 numeric, as on maps; "" when none. */
  numeric: string;
  /** All codes, to search in. */
  codes: string[];
}

export type Parties = ReadonlyMap<string, Party>;

function bestCode(codes: readonly Attestation[]): string {
  const three = codes.find((c) => c.scheme === 'iso3166-1' && /^[A-Z]{3}$/.test(c.value));
  return three?.value ?? codes.find((c) => !/^\d+$/.test(c.value))?.value ?? '';
}

export function partiesOf(passports: readonly Passport[], attestations: readonly Attestation[]): Map<string, Party> {
  const codes = new Map<string, Attestation[]>();
  for (const code of attestations) {
    const list = codes.get(code.passport) ?? [];
    list.push(code);
    codes.set(code.passport, list);
  }
  return new Map(
    passports.map((passport) => {
      const own = codes.get(passport.id) ?? [];
      return [
        passport.id,
        {
          id: passport.id,
          name: passport.name,
          kind: passport.kind,
          standing: passport.standing,
          code: bestCode(own),
          numeric: own.find((c) => c.scheme === 'iso3166-1' && /^\d{3}$/.test(c.value))?.value ?? '',
          codes: own.map((c) => c.value),
        },
      ];
    }),
  );
}

let made: { of: [readonly Passport[], readonly Attestation[]]; parties: Parties } | null = null;

/** readParties gives all passports with their codes; the same map as long as nothing changed. */
export async function readParties(): Promise<Parties> {
  const of = await Promise.all([passports.read(), attestations.read()]);
  if (made === null || made.of[0] !== of[0] || made.of[1] !== of[1]) made = { of, parties: partiesOf(...of) };
  return made.parties;
}

export const partiesAreCut = (): boolean => passports.cut;

export function useParties(): Answer<Parties> {
  return useAsk<Parties>('parties', readParties, useTurn(2000));
}
