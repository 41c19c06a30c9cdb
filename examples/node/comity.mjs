// comity: libcomity for Node by koffi, in one file to copy.
//
//     const trust = new Trust(readFileSync('ledger.vkey', 'utf8').trim());
//     trust.witness(readFileSync('witness.vkey', 'utf8').trim());
//     // or, for a federation: Trust.policy('example.org/federation', readFileSync('policy', 'utf8'))
//     const report = verify(readFileSync('receipt.json'), trust);
//     report.holds, report.steps, report.answer
//
// The library is looked for as the system's loader does; the variable LIBCOMITY names another file.
import koffi from 'koffi';

const lib = koffi.load(process.env.LIBCOMITY ?? 'libcomity.so.0');

const TRUST_BYTES = 20480; // COMITY_TRUST_BYTES
const STEPS_MAX = 16; // COMITY_STEPS_MAX

koffi.struct('comity_step', { kind: 'uint32_t', error: 'int32_t', a: 'uint64_t', b: 'uint64_t', c: 'uint64_t' });

// struct comity_report of comity.h, field by field.
const Report = koffi.struct('comity_report', {
  kind: 'uint32_t', error: 'int32_t', detail: 'uint32_t', n_steps: 'uint32_t',
  steps: koffi.array('comity_step', STEPS_MAX),
  size: 'uint64_t', index: 'uint64_t', time_ms: 'uint64_t', records: 'uint64_t',
  witnesses: 'uint32_t', need: 'uint32_t', cosigned: 'uint32_t', signers: 'uint32_t',
  convicts: 'uint32_t', reserved0: 'uint32_t',
  root: koffi.array('uint8_t', 32), act: koffi.array('uint8_t', 32), state_root: koffi.array('uint8_t', 32),
  origin: koffi.array('char', 256), say: koffi.array('char', 512),
  entry: 'void *', entry_n: 'size_t', answer: 'void *', answer_n: 'size_t',
  key: koffi.array('uint8_t', 32), reserved: koffi.array('uint64_t', 4),
});

const errorName = lib.func('const char *comity_error_name(int32_t error)');
const errorText = lib.func('const char *comity_error_text(int32_t error)');
const errorRemedy = lib.func('const char *comity_error_remedy(int32_t error)');
const trustLedger = lib.func('int32_t comity_trust_ledger(_Out_ uint8_t *trust, const char *vkey, size_t n)');
const trustPolicy = lib.func(
  'int32_t comity_trust_policy(_Out_ uint8_t *trust, const char *origin, size_t origin_n, const char *policy, size_t n)');
const trustWitness = lib.func('int32_t comity_trust_witness(_Inout_ uint8_t *trust, const char *vkey, size_t n)');
const trustNeed = lib.func('int32_t comity_trust_need(_Inout_ uint8_t *trust, uint32_t need)');
const scratchBytes = lib.func('size_t comity_scratch_bytes(const uint8_t *file, size_t n, size_t entry_n)');
const verifyFile = lib.func(
  'int32_t comity_verify(const uint8_t *file, size_t n, const uint8_t *entry, size_t entry_n, ' +
    'const uint8_t *trust, void *scratch, size_t scratch_n, uint8_t *report)');
const reportJson = lib.func('size_t comity_report_json(const uint8_t *report, _Out_ uint8_t *out, size_t cap)');

export const version = lib.func('const char *comity_version()');

// A call that could not be done: not a file that does not hold.
export class ComityError extends Error {
  constructor(number) {
    super(`${errorText(number)} (${errorName(number)}); ${errorRemedy(number)}`);
    this.number = number;
  }
}

function must(number) {
  if (number !== 0) throw new ComityError(number);
}

// What files are held to: verifier keys, or a policy.
export class Trust {
  #room = Buffer.alloc(TRUST_BYTES);

  constructor(ledgerVkey) {
    if (ledgerVkey !== undefined) must(trustLedger(this.#room, ledgerVkey, Buffer.byteLength(ledgerVkey)));
  }

  // policy: the heads of that ledger must meet it (C2SP form): a federation has no key.
  static policy(origin, text) {
    const trust = new Trust();
    must(trustPolicy(trust.#room, origin, Buffer.byteLength(origin), text, Buffer.byteLength(text)));
    return trust;
  }

  // witness adds one, who must have cosigned unless need() says otherwise.
  witness(vkey) {
    must(trustWitness(this.#room, vkey, Buffer.byteLength(vkey)));
  }

  // So many of the witnesses must have cosigned.
  need(count) {
    must(trustNeed(this.#room, count));
  }

  get room() {
    return this.#room;
  }
}

// Memory outside of JavaScript's, so that pointers in the report stay right; aligned as malloc's is.
function take(size) {
  return koffi.alloc('uint8_t', Math.max(size, 1));
}

// verify checks a file (Buffer) and gives the report; `answer` is what a bundle proves, else null.
export function verify(file, trust, entry = Buffer.alloc(0)) {
  const scratchN = Number(scratchBytes(file, file.length, entry.length));
  const scratch = take(scratchN);
  const report = take(koffi.sizeof(Report));
  try {
    verifyFile(file, file.length, entry, entry.length, trust?.room ?? null, scratch, scratchN, report);
    const text = Buffer.alloc(16384);
    const n = Number(reportJson(report, text, text.length));
    const result = JSON.parse(text.toString('utf8', 0, n));
    const { answer, answer_n: answerN } = koffi.decode(report, Report);
    result.answer = answer === null ? null : Buffer.from(koffi.decode(answer, 'uint8_t', Number(answerN))).toString();
    return result;
  } finally {
    koffi.free(scratch);
    koffi.free(report);
  }
}
