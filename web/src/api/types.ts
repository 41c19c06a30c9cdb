// types: the answers of the daemon, as SPEC/http.md and SPEC/records.md tell them. A field that is its
// default (0, empty, false) is left out of an answer.

export type Level = 'full' | 'associate' | 'observer';

export interface Passport {
  id: string;
  kind: string;
  standing: string;
  name: string;
  generation?: number;
  need_0?: number;
  next?: string;
  since: string;
}

export interface Alliance {
  id: string;
  founder: string;
  code: string;
  name: string;
  topic: string;
  template: string;
  state: string;
  founded?: string;
  /** From this day on it has no members. */
  ended?: string;
  ended_at?: string;
  since: string;
  version?: number;
  secretary?: string;
  parent?: string;
  purpose?: string;
}

export interface Counts {
  alliance: string;
  n_events?: number;
  n_parties?: number;
  n_full?: number;
  n_associate?: number;
  n_observer?: number;
  n_officer_acts?: number;
  n_blocs?: number;
  n_children?: number;
  n_motions?: number;
}

export interface Clause {
  clause: string;
  value: number;
  unit: string;
  meaning: string;
  actuator: string;
}

export interface MemberEvent {
  alliance: string;
  seq?: number;
  party: string;
  ordinal?: number;
  event: string;
  level: Level;
  precision?: 'month' | 'year';
  effective: string;
  recorded: string;
  act: string;
  by?: string;
  source?: string;
}

export interface Attestation {
  scheme: string;
  value: string;
  passport: string;
  by: string;
  since: string;
}

export interface Control {
  passport: string;
  key: string;
  weight?: number;
  [field: string]: unknown;
}

export interface RealmAnswer {
  realm: { id: string; name: string; now: string; began: string; rules: number; log_key: string; acts?: number };
  /** Of a cell; a federation has no key but the policy that its heads must meet. */
  vkey?: string;
  policy?: string;
  witness_vkey: string;
  head: { size: number; root: string; cosigned?: number };
  witnessed_size: number;
  witnesses: { name: string; vkey: string; size: number; state: string }[];
  blob_bytes_max: number;
}

export interface FeedItem {
  index: number;
  id: string;
  author?: string;
  by?: string;
  say: string;
  act: { act: string; [field: string]: unknown };
}

export interface Page<Row> {
  record: string;
  count: number;
  items: Row[];
  next?: number;
}

/** Of /v1/alliances/NAME. */
export interface AllianceAnswer {
  alliance: Alliance;
  counts: Counts;
  charter: Clause[];
}
