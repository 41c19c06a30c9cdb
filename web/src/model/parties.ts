// parties: who is who: names, codes and kinds of passports, read once and kept while the ledger stays.
import { all, useAsk, type Answer } from '../api/client';
import { useTurn } from '../api/live';
import type { Attestation, Passport } from '../api/types';

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

/** useParties asks for all passports and codes. */
export function useParties(): Answer<Parties> {
  const turn = useTurn(5000);
  return useAsk<Parties>(
    'parties',
    async (signal) => {
      const [passports, attestations] = await Promise.all([
        all<Passport>('/v1/records/passport', signal),
        all<Attestation>('/v1/records/attestation', signal),
      ]);
      return partiesOf(passports, attestations);
    },
    turn,
  );
}
