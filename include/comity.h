/* comity.h: libcomity, which checks what a Comity cell says, without asking anybody.
 *
 *     a file of a cell     who is trusted          memory of the caller
 *     (receipt, proof,  +  (verifier keys,    +    (comity_scratch_bytes
 *      checkpoint, ...)     how many)               says how much)
 *              \                 |                   /
 *               `------- comity_verify() -----------'
 *                            |
 *             0, or the number of the error; and step by step what held
 *
 * No function here allocates, opens a file, uses the network, reads a clock or draws randomness;
 * none keeps state between two calls or between two threads. The same bytes give the same answer,
 * always. Trust is given, never taken from the file: an accepted file says what the trusted keys
 * signed.
 *
 * Every function that can fail returns 0 or the number of an error (SPEC/errors.md);
 * comity_error_text() and comity_error_remedy() say what it means and what to do. Bytes are a
 * pointer and a length; a length of 0 may come with NULL. Nothing is kept: what a call was given
 * may be freed after it, except that a report points into the file and the scratch memory (`entry`,
 * `answer`).
 *
 * Binary interface: soname libcomity.so.0. Numbers and struct layouts below do not change within
 * it; new functions, kinds and steps may appear, so treat a number that you do not know as "not
 * this".
 *
 * A guide of one page: docs/libcomity.md. Programs in C, Python and JavaScript: examples/. */
#ifndef COMITY_H
#define COMITY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define COMITY_API __attribute__((visibility("default")))
#define COMITY_MUST_USE __attribute__((warn_unused_result))
#else
#define COMITY_API
#define COMITY_MUST_USE
#endif

/* --- the library ---------------------------------------------------------------------------- */

/* comity_version returns the version of the library that runs, for example "0.1.0". */
COMITY_API const char *comity_version(void);

/* comity_selftest checks the cryptographic libraries underneath against fixed verdicts on published
 * edge cases (about a millisecond). Nothing needs it; a program that wants to be sure calls it
 * once. Fails with 204 (CRYPTO_SELFTEST). */
COMITY_API COMITY_MUST_USE int32_t comity_selftest(void);

/* --- errors --------------------------------------------------------------------------------- */

/* The errors a caller may want to tell apart; every number is in SPEC/errors.md. */
enum comity_error {
    COMITY_OK = 0,
    COMITY_BAD_JSON = 114,      /* not the JSON it should be */
    COMITY_BAD_POLICY = 115,    /* not the text of a policy */
    COMITY_BAD_SIGNATURE = 200, /* a signature does not verify */
    COMITY_BAD_MERKLE = 202,    /* a path does not lead to the signed root */
    COMITY_BAD_STATE_PROOF = 203,
    COMITY_BAD_VKEY = 208,       /* not a verifier key, or one of the wrong type */
    COMITY_NO_ENTRY = 302,       /* the entry is not in the file and was not given */
    COMITY_NOT_SIGNED = 326,     /* not signed by the trusted key */
    COMITY_FEW_WITNESSES = 327,  /* fewer trusted witnesses cosigned than needed, or the policy asks */
    COMITY_OTHER_LOG = 328,      /* of another ledger */
    COMITY_NO_CONFLICT = 780,    /* the two heads or statements do not contradict each other */
    COMITY_SMALL_SCRATCH = 781,  /* less memory than comity_scratch_bytes says */
    COMITY_BAD_CALL = 782,       /* a pointer is NULL that must not be, or a number out of range */
    COMITY_ANSWER_DIFFERS = 883, /* the answer is not what the proven records say */
    COMITY_NO_VKEY = 899         /* nothing says whom to trust */
};

/* What is fixed about an error, in English: its name (BAD_SIGNATURE), its path of
 * party.component.reason (author.signature.invalid), one sentence, and what the reader can do.
 * Never NULL; a number that is unknown here gives the texts of UNKNOWN_CODE. */
COMITY_API const char *comity_error_name(int32_t error);
COMITY_API const char *comity_error_path(int32_t error);
COMITY_API const char *comity_error_text(int32_t error);
COMITY_API const char *comity_error_remedy(int32_t error);

/* --- whom to trust -------------------------------------------------------------------------- */

#define COMITY_WITNESSES_MAX 64u
#define COMITY_TRUST_BYTES 20480u

/* What answers are held to: one ledger's verifier key, and witnesses of whom some number must have
 * cosigned; or a policy, which the cosignatures must meet: a federation has no key of its own. Its contents belong to the library; it may be copied, and used by many threads. */
struct comity_trust {
    uint64_t room[COMITY_TRUST_BYTES / 8];
};

/* comity_trust_ledger begins anew with a ledger's verifier key: n bytes NAME+ID+KEY, as its
 * operator published it (C2SP signed-note; type 01, Ed25519). Fails with BAD_VKEY, BAD_CALL. */
COMITY_API COMITY_MUST_USE int32_t comity_trust_ledger(struct comity_trust *trust, const char *vkey,
                                                       size_t n);

/* comity_trust_witness adds a witness by its verifier key (type 04, C2SP tlog-cosignature). Until
 * comity_trust_need says otherwise, all of them must have cosigned. Fails with BAD_VKEY, with
 * BAD_CALL when there are COMITY_WITNESSES_MAX already or no ledger was given first. */
COMITY_API COMITY_MUST_USE int32_t comity_trust_witness(struct comity_trust *trust,
                                                        const char *vkey, size_t n);

/* comity_trust_need says how many of the witnesses must have cosigned, by different keys. Fails
 * with BAD_CALL when fewer were added. */
COMITY_API COMITY_MUST_USE int32_t comity_trust_need(struct comity_trust *trust, uint32_t need);

/* comity_trust_policy begins anew with a policy for the heads of the ledger `origin`: nested groups
 * of cosigners (the C2SP policy form, SPEC/policy.md), as the federation published it. Heads need
 * no signature of a ledger's key then; their cosignatures must meet the policy. Fails with
 * BAD_POLICY, TOO_LARGE (107: over 8192 bytes), BAD_KEY (201), QUORUM_COMPLEX (456: over 192
 * names), NO_VKEY ("quorum none": nobody would be trusted), BAD_TEXT (5: no name of a ledger),
 * BAD_CALL. */
COMITY_API COMITY_MUST_USE int32_t comity_trust_policy(struct comity_trust *trust,
                                                       const char *origin, size_t origin_n,
                                                       const char *policy, size_t n);

/* comity_trust_policy_ledger adds to a policy the key of the ledger, whose signature is then asked
 * for as well: a cell whose heads its federation's members cosign. Fails with BAD_VKEY (also for a
 * key of another name), and BAD_CALL when no policy was given first. */
COMITY_API COMITY_MUST_USE int32_t comity_trust_policy_ledger(struct comity_trust *trust,
                                                              const char *vkey, size_t n);

/* --- reports -------------------------------------------------------------------------------- */

/* What a file is. */
enum comity_kind {
    COMITY_KIND_NONE = 0,
    COMITY_KIND_CHECKPOINT = 1,   /* a signed head of a ledger (C2SP tlog-checkpoint) */
    COMITY_KIND_PROOF = 2,        /* tlog-proof: an entry is in a ledger (C2SP tlog-proof) */
    COMITY_KIND_RECEIPT = 3,      /* JSON receipt of an act, with its tlog-proof */
    COMITY_KIND_COSE_RECEIPT = 4, /* the same as COSE (RFC 9942) */
    COMITY_KIND_ACT = 5,          /* a signed act alone (COSE_Sign1 or COSE_Sign) */
    COMITY_KIND_BUNDLE = 6,       /* an answer with everything that proves it */
    COMITY_KIND_HEADS = 7,        /* two heads of one ledger: one history, or two */
    COMITY_KIND_EVIDENCE = 8      /* two statements of one key that contradict each other */
};

/* What is checked, one after the other; the first that fails is the last of a report. */
enum comity_step_kind {
    COMITY_STEP_FORM = 1,        /* the form of its kind; where JSON is none: a line, b column */
    COMITY_STEP_HEAD = 2,        /* signed by the ledger, cosigned; a size, b how many did */
    COMITY_STEP_HOLDS_ENTRY = 3, /* the entry's bytes are in the file */
    COMITY_STEP_PLACE = 4,       /* the entry is in the tree; a index, b hashes of the path */
    COMITY_STEP_ENTRY = 5,       /* the entry is an act; a bytes */
    COMITY_STEP_SIGNATURES = 6,  /* the act's signatures verify; a how many */
    COMITY_STEP_ALONE = 7,       /* reminder: an act alone shows no place in a ledger */
    COMITY_STEP_NAMES_ACT = 8,   /* what the receipt says of the act is so */
    COMITY_STEP_NAMES_PLACE = 9, /* ... and of its place */
    COMITY_STEP_COSE_KEY = 10,   /* the receipt names the ledger's key */
    COMITY_STEP_COSE_WITNESSES = 11, /* no witness is asked for: none can sign such a receipt */
    COMITY_STEP_COSE_PATH = 12,      /* its path leads to a root; a index, b size */
    COMITY_STEP_COSE_SIGNATURE = 13, /* the ledger's key signed that root */
    COMITY_STEP_QUESTION = 14,       /* a bundle's question is one */
    COMITY_STEP_TICK = 15,           /* a tick with a state root; a index, b time in ms */
    COMITY_STEP_RECORDS = 16,    /* all are in the state under that root, none is missing; a many */
    COMITY_STEP_COMPLETE = 17,   /* no event or party that decides is missing */
    COMITY_STEP_ANSWER = 18,     /* the answer, made again from the records, is the same */
    COMITY_STEP_FIRST_HEAD = 19, /* signed by the ledger; a size, b cosigned */
    COMITY_STEP_SECOND_HEAD = 20,  /* the same */
    COMITY_STEP_ONE_HISTORY = 21,  /* the two are one head; a size */
    COMITY_STEP_EXTENDS = 22,      /* one extends the other; a older size, b newer, c hashes */
    COMITY_STEP_TWO_HISTORIES = 23, /* both cannot be true; a size at which they differ */
    COMITY_STEP_POLICY_HEAD = 24,   /* cosigned as the policy asks; a size, b how many, c 1: and
                                       signed by the ledger */
    COMITY_STEP_FIRST_STATEMENT = 25, /* signed by the key; a 1 vote, 2 head, 3 cosignature */
    COMITY_STEP_SECOND_STATEMENT = 26,
    COMITY_STEP_CONTRADICT = 27, /* nobody honest signs both; c as a there; a height, b round, or
                                    a size, b larger size (0: one size) */
    COMITY_STEP_KEY_KNOWN = 28   /* reminder: who that key is; a 1 the ledger, 2 a cosigner,
                                    0 nobody whom the reader trusts */
};

#define COMITY_STEPS_MAX 16u

struct comity_step {
    uint32_t kind; /* enum comity_step_kind */
    int32_t error; /* 0: it holds */
    uint64_t a;    /* numbers of the step, see there */
    uint64_t b;
    uint64_t c;
};

/* What was checked and what it proved. A field that nothing proved is 0. */
struct comity_report {
    uint32_t kind;   /* enum comity_kind */
    int32_t error;   /* 0: all of it holds; else that of the last step */
    uint32_t detail; /* of the error: a position, index or limit */
    uint32_t n_steps;
    struct comity_step steps[COMITY_STEPS_MAX];

    uint64_t size;      /* entries under the signed head */
    uint64_t index;     /* of the entry, from 0 */
    uint64_t time_ms;   /* of a bundle's tick, Unix milliseconds */
    uint64_t records;   /* proven */
    uint32_t witnesses; /* trusted */
    uint32_t need;      /* how many of them must have cosigned */
    uint32_t cosigned;  /* how many have */
    uint32_t signers;   /* of the act */
    uint32_t convicts;  /* 1: a key has contradicted itself (the file then holds) */
    uint32_t reserved0;
    uint8_t root[32]; /* of the ledger's tree */
    uint8_t act[32];  /* the act's id */
    uint8_t state_root[32];
    char origin[256]; /* the ledger's name, ends in 0 */
    char say[512];    /* the act in one English sentence, ends in 0; made from the act's bytes */

    const uint8_t *entry; /* the entry's bytes, in the file or in scratch */
    size_t entry_n;
    const char
        *answer; /* what a bundle proves: JSON, in scratch, ends in 0; NULL unless it holds */
    size_t answer_n;
    uint8_t key[32];      /* of evidence: whose two statements they are */
    uint64_t reserved[4]; /* 0 */
};

/* comity_step_text writes one step as an English sentence: at most cap - 1 bytes and a 0. Returns
 * the length of the whole sentence (cap = 0: only that), 0 for a step that is not there. */
COMITY_API size_t comity_step_text(const struct comity_report *report, uint32_t step, char *out,
                                   size_t cap);

/* comity_report_json writes the whole report as one JSON object: kind, holds, steps, and for a
 * failure code, text and remedy. Returns the length of the whole, as comity_step_text; 16,384 bytes
 * are enough without the answer, which is not in it. */
COMITY_API size_t comity_report_json(const struct comity_report *report, char *out, size_t cap);

/* comity_kind_text names a kind ("receipt"). Never NULL. */
COMITY_API const char *comity_kind_text(uint32_t kind);

/* --- files of a cell ------------------------------------------------------------------------ */

/* comity_scratch_bytes says how much memory comity_verify needs for these very bytes, together with
 * an entry of entry_n bytes. It only counts and judges nothing; what is no file of ours needs 0. */
COMITY_API size_t comity_scratch_bytes(const void *file, size_t n, size_t entry_n);

/* comity_verify checks a file of any of the kinds above, which it recognises by its first bytes.
 *   entry, entry_n  the entry that the proof is about, where the file does not hold it; else NULL,
 * 0 trust           not needed for an act alone, nor for evidence scratch         comity_scratch_bytes(), aligned to
 * 16 bytes (malloc's is) report          always written Returns report->error. Proven of a receipt
 * are the act, its place and its bytes; what the daemon says about it (time, effects) is not.
 * Sources: C2SP tlog-proof, tlog-checkpoint, tlog-cosignature; RFC 9162 2.1.3; RFC 9942; ICS-23;
 * SPEC/proofs.md. */
COMITY_API COMITY_MUST_USE int32_t comity_verify(const void *file, size_t n, const void *entry,
                                                 size_t entry_n, const struct comity_trust *trust,
                                                 void *scratch, size_t scratch_n,
                                                 struct comity_report *report);

/* --- one thing at a time, without scratch memory -------------------------------------------- */

/* comity_verify_checkpoint checks a signed head: the ledger's own signature and name, and as many
 * cosignatures as trust asks for. The report holds size, root and how many cosigned. */
COMITY_API COMITY_MUST_USE int32_t comity_verify_checkpoint(const void *note, size_t n,
                                                            const struct comity_trust *trust,
                                                            struct comity_report *report);

/* comity_verify_proof checks a tlog-proof of the entry given, whatever the entry is; it does not
 * look into the entry. */
COMITY_API COMITY_MUST_USE int32_t comity_verify_proof(const void *proof, size_t n,
                                                       const void *entry, size_t entry_n,
                                                       const struct comity_trust *trust,
                                                       struct comity_report *report);

/* comity_verify_cose_receipt: the same for a COSE receipt of inclusion (RFC 9942). It carries one
 * signature, of the ledger: a trust that needs witnesses refuses it (FEW_WITNESSES). */
COMITY_API COMITY_MUST_USE int32_t comity_verify_cose_receipt(const void *receipt, size_t n,
                                                              const void *entry, size_t entry_n,
                                                              const struct comity_trust *trust,
                                                              struct comity_report *report);

/* comity_verify_equivocation checks evidence that a ledger showed two histories: two heads signed
 * by its key that cannot both be true. Witnesses play no part. sizes equal   the roots differ;
 * prefix_root NULL, path_n 0 else          the first head is the older. prefix_root is the root of
 * the second head's tree at that size: path (path_n hashes of 32 bytes, RFC 9162 2.1.4) leads from
 * it to the second head, and it is not the root that the first head signed That no proof joins two
 * heads is not shown by not finding one; it is shown by a proof that leads elsewhere. Fails with
 * NO_CONFLICT when both may be of one history. The file of two heads (SPEC/proofs.md) goes to
 * comity_verify. */
COMITY_API COMITY_MUST_USE int32_t comity_verify_equivocation(const void *first, size_t first_n,
                                                              const void *second, size_t second_n,
                                                              const uint8_t *prefix_root,
                                                              const uint8_t *path, size_t path_n,
                                                              const struct comity_trust *trust,
                                                              struct comity_report *report);

/* comity_verify_existence and _absence check an ICS-23 proof (protobuf CommitmentProof, Tendermint
 * shape) that the state under a root holds key with value, or does not hold key. root is 32 bytes.
 * Fail with BAD_STATE_PROOF. comity_state_key makes a record's key of its table's number and its
 * key fields (SPEC/state.md): SHA-256(u16be table || fields). */
COMITY_API COMITY_MUST_USE int32_t comity_verify_existence(const uint8_t *root, const void *key,
                                                           size_t key_n, const void *value,
                                                           size_t value_n, const void *proof,
                                                           size_t proof_n);
COMITY_API COMITY_MUST_USE int32_t comity_verify_absence(const uint8_t *root, const void *key,
                                                         size_t key_n, const void *proof,
                                                         size_t proof_n);
COMITY_API void comity_state_key(uint16_t table, const void *fields, size_t n, uint8_t *key);

/* --- the parts ------------------------------------------------------------------------------ */

/* comity_sha256 and comity_leaf_hash write 32 bytes: FIPS 180-4, and SHA-256(00 || entry), the leaf
 * of RFC 6962. */
COMITY_API void comity_sha256(const void *bytes, size_t n, uint8_t *hash);
COMITY_API void comity_leaf_hash(const void *entry, size_t n, uint8_t *hash);

/* comity_verify_inclusion: leaf (32 bytes) stands at index in the tree of that size and root; path
 * is path_n hashes of 32 bytes, leaf side first (RFC 9162 2.1.3.2). comity_verify_consistency: the
 * tree of the older size and root is the beginning of the newer (RFC 9162 2.1.4.2). At most 65
 * hashes. Fail with BAD_MERKLE (also for sizes that no path can be for). */
COMITY_API COMITY_MUST_USE int32_t comity_verify_inclusion(const uint8_t *leaf, uint64_t index,
                                                           uint64_t size, const uint8_t *path,
                                                           size_t path_n, const uint8_t *root);
COMITY_API COMITY_MUST_USE int32_t comity_verify_consistency(uint64_t older,
                                                             const uint8_t *older_root,
                                                             uint64_t newer,
                                                             const uint8_t *newer_root,
                                                             const uint8_t *path, size_t path_n);

/* comity_verify_signature: Ed25519 by the project's one rule (SPEC/act.md: canonical points, s
 * below the order, cofactored equation), as acts are held to. comity_verify_signature_strict: the
 * same, and libsodium accepts it too, as heads and evidence are held to. key 32 bytes,
 * signature 64. Fail with BAD_SIGNATURE. */
COMITY_API COMITY_MUST_USE int32_t comity_verify_signature(const uint8_t *key, const void *message,
                                                           size_t n, const uint8_t *signature);
COMITY_API COMITY_MUST_USE int32_t comity_verify_signature_strict(const uint8_t *key,
                                                                  const void *message, size_t n,
                                                                  const uint8_t *signature);

#ifdef __cplusplus
}
#endif

#endif
