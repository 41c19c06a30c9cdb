/* libcomity through its public header alone: files of real cells, what a caller may do wrong, every
 * byte changed, less memory than asked for, many threads. Nothing of src/ is linked or included. */
#include "sample.h"

#include <jansson.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

/* The files of the sample cell: with which entry beside them, and how many steps they take. */
static const struct row {
    const char *file;
    const char *entry;
    uint32_t kind;
    bool forked;
    uint32_t steps;
} rows[] = {
    {"receipt.json",        NULL,        COMITY_KIND_RECEIPT,      false, 8},
    {"receipt-bare.json",   "act.entry", COMITY_KIND_RECEIPT,      false, 7},
    {"act.tlog-proof",      "act.entry", COMITY_KIND_PROOF,        false, 5},
    {"checkpoint",          NULL,        COMITY_KIND_CHECKPOINT,   false, 1},
    {"act.cose",            "act.entry", COMITY_KIND_COSE_RECEIPT, false, 5},
    {"act.entry",           NULL,        COMITY_KIND_ACT,          false, 3},
    {"bundle.json",         NULL,        COMITY_KIND_BUNDLE,       false, 4},
    {"two-histories.heads", NULL,        COMITY_KIND_HEADS,        true,  4},
    {"one-history.heads",   NULL,        COMITY_KIND_HEADS,        true,  4},
};

/* Whom a row is held to. A COSE receipt has no cosignature. */
static struct comity_trust trust_of(const struct row *row)
{
    if (row->forked)
        return sample_trust("forked.vkey", NULL);
    return sample_trust("ledger.vkey",
                        row->kind == COMITY_KIND_COSE_RECEIPT ? NULL : "witness.vkey");
}

static void files(void **s)
{
    (void)s;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct comity_trust trust = trust_of(&rows[i]);
        struct sample file = sample_load(rows[i].file);
        struct sample entry = {.n = 0};
        struct comity_report report;
        char json[16384];
        json_t *value = NULL;

        if (rows[i].entry != NULL)
            entry = sample_load(rows[i].entry);
        assert_int_equal(sample_verify(&file, &entry, &trust, &report, NULL, 0), 0);
        assert_int_equal(report.kind, rows[i].kind);
        assert_int_equal(report.n_steps, rows[i].steps);
        assert_int_equal(report.error, 0);
        assert_true(comity_report_json(&report, json, sizeof json) < sizeof json);
        value = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(value);
        assert_true(json_is_true(json_object_get(value, "holds")));
        assert_string_equal(json_string_value(json_object_get(value, "kind")),
                            comity_kind_text(rows[i].kind));
        assert_int_equal(json_array_size(json_object_get(value, "steps")), rows[i].steps);
        json_decref(value);
        sample_free(&file);
        sample_free(&entry);
    }
}

/* --- a federation --- */

#define UNION "union.example/federation"

static struct comity_trust union_trust(void)
{
    struct sample policy = sample_load("union.policy");
    struct comity_trust trust;

    assert_int_equal(
        comity_trust_policy(&trust, UNION, strlen(UNION), (const char *)policy.at, policy.n), 0);
    sample_free(&policy);
    return trust;
}

/* A policy in the place of a key: what meets it, what does not, and what a caller may do wrong. */
static void policies(void **s)
{
    struct comity_trust trust = union_trust();
    struct comity_trust copy = trust; /* it may be copied */
    struct comity_trust fresh;
    struct sample head = sample_load("union.head");
    struct sample few = sample_load("union-few.head");
    struct sample policy = sample_load("union.policy");
    struct sample vkey = sample_load("ledger.vkey");
    struct comity_report report;

    (void)s;
    memset(&trust, 0xaa, sizeof trust);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &copy, &report), 0);
    assert_string_equal(report.origin, UNION);
    assert_int_equal(report.size, 33);
    assert_int_equal(report.cosigned, 6);
    assert_int_equal(report.witnesses, 7);
    assert_int_equal(report.steps[0].kind, COMITY_STEP_POLICY_HEAD);
    assert_int_equal(sample_verify(&head, NULL, &copy, &report, NULL, 0), 0);
    assert_int_equal(sample_verify(&few, NULL, &copy, &report, NULL, 0), COMITY_FEW_WITNESSES);
    for (size_t i = 0; i < head.n; i++) {
        head.at[i] ^= 4;
        assert_int_not_equal(sample_verify(&head, NULL, &copy, &report, NULL, 0), 0);
        head.at[i] ^= 4;
    }
    /* what a policy does not take */
    assert_int_equal(comity_trust_witness(&copy, (const char *)vkey.at, vkey.n), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_need(&copy, 1), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_policy_ledger(&copy, (const char *)vkey.at, vkey.n),
                     COMITY_BAD_VKEY); /* of another name */
    assert_int_equal(comity_trust_policy(NULL, UNION, 1, "quorum none", 11), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_policy(&fresh, UNION, strlen(UNION), NULL, 3), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_policy(&fresh, UNION, strlen(UNION), "quorum none", 11),
                     COMITY_NO_VKEY);
    assert_int_equal(comity_trust_policy(&fresh, UNION, strlen(UNION), "x", 1), COMITY_BAD_POLICY);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &fresh, &report), COMITY_NO_VKEY);
    assert_int_equal(comity_trust_policy(&fresh, "a b", 3, (const char *)policy.at, policy.n), 5);
    /* memory that says it is a policy and is not */
    for (size_t i = 0; i < sizeof copy.room / sizeof copy.room[0]; i++) {
        fresh = union_trust();
        fresh.room[i] ^= UINT64_MAX;
        (void)!comity_verify_checkpoint(head.at, head.n, &fresh, &report);
    }
    sample_free(&head);
    sample_free(&few);
    sample_free(&policy);
    sample_free(&vkey);
}

/* Evidence convicts a key without anybody's trust; one changed byte and it does not. */
static void contradictions(void **s)
{
    static const char *const names[] = {"votes.evidence", "heads.evidence", "histories.evidence",
                                        "cosignatures.evidence"};
    const struct comity_trust trust = union_trust();
    struct sample honest = sample_load("honest.evidence");
    struct comity_report report;

    (void)s;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sample file = sample_load(names[i]);

        assert_int_equal(sample_verify(&file, NULL, NULL, &report, NULL, 0), 0);
        assert_int_equal(report.kind, COMITY_KIND_EVIDENCE);
        assert_int_equal(report.convicts, 1);
        assert_string_equal(report.origin, UNION);
        assert_int_equal(sample_verify(&file, NULL, &trust, &report, NULL, 0), 0);
        assert_int_equal(report.steps[4].a, i == 3 ? 2 : 0);
        for (size_t at = 0; at < file.n; at++) {
            file.at[at] ^= 1;
            assert_int_not_equal(sample_verify(&file, NULL, NULL, &report, NULL, 0), 0);
            assert_int_equal(report.convicts, 0);
            file.at[at] ^= 1;
        }
        sample_free(&file);
    }
    assert_int_equal(sample_verify(&honest, NULL, NULL, &report, NULL, 0), COMITY_NO_CONFLICT);
    assert_int_equal(report.convicts, 0);
    sample_free(&honest);
}

/* What is proven, to the letter. */
static void facts(void **s)
{
    const struct comity_trust trust = sample_trust("ledger.vkey", "witness.vkey");
    struct sample file = sample_load("receipt.json");
    struct sample entry = sample_load("act.entry");
    struct sample want = sample_load("bundle.answer");
    struct comity_report report;
    struct comity_report other;
    char answer[4096];
    char words[600];
    uint8_t hash[32];

    (void)s;
    assert_int_equal(sample_verify(&file, NULL, &trust, &report, NULL, 0), 0);
    assert_string_equal(report.origin, "a.example/ledger");
    assert_int_equal(report.index, 12);
    assert_int_equal(report.size, 13);
    assert_int_equal(report.cosigned, 1);
    assert_int_equal(report.witnesses, 1);
    assert_int_equal(report.need, 1);
    assert_int_equal(report.signers, 1);
    assert_int_equal(report.entry_n, entry.n);
    assert_memory_equal(report.say, "records document evidence", 25);
    assert_true(comity_step_text(&report, 2, words, sizeof words) > 0);
    assert_string_equal(words, "checkpoint of a.example/ledger, 13 entries: signed by the ledger's "
                               "key, cosigned by 1 of 1 witnesses");
    assert_int_equal(comity_step_text(&report, 2, words, 11),
                     strlen("checkpoint of a.example/ledger"
                            ", 13 entries: signed by the "
                            "ledger's key, cosigned by 1 of "
                            "1 witnesses"));
    assert_string_equal(words, "checkpoint");
    assert_int_equal(comity_step_text(&report, 99, words, sizeof words), 0);
    sample_free(&file);
    /* the COSE receipt proves the same place */
    file = sample_load("act.cose");
    {
        const struct comity_trust alone = sample_trust("ledger.vkey", NULL);

        assert_int_equal(sample_verify(&file, &entry, &alone, &other, NULL, 0), 0);
        assert_int_equal(other.index, report.index);
        assert_memory_equal(other.act, report.act, 32);
        assert_int_equal(
            comity_verify_cose_receipt(file.at, file.n, entry.at, entry.n, &alone, &other), 0);
        assert_int_equal(
            comity_verify_cose_receipt(file.at, file.n, entry.at, entry.n, &trust, &other),
            COMITY_FEW_WITNESSES); /* no witness signs such a receipt */
    }
    sample_free(&file);
    file = sample_load("bundle.json");
    assert_int_equal(sample_verify(&file, NULL, &trust, &report, answer, sizeof answer), 0);
    assert_int_equal(strlen(answer), want.n);
    assert_memory_equal(answer, want.at, want.n);
    assert_int_equal(report.answer_n, want.n);
    assert_int_equal(report.records, 8); /* alliance, roll, 3 events, 3 passports */
    assert_true(report.time_ms > 1700000000000u);
    sample_free(&file);
    comity_sha256("abc", 3, hash);
    assert_int_equal(hash[0], 0xba);
    comity_leaf_hash("", 0, hash);
    assert_int_equal(hash[0], 0x6e);
    assert_int_equal(comity_selftest(), 0);
    assert_true(strlen(comity_version()) >= 5);
    sample_free(&entry);
    sample_free(&want);
}

/* --- trust --- */

static void trusts(void **s)
{
    struct sample ledger = sample_load("ledger.vkey");
    struct sample witness = sample_load("witness.vkey");
    struct sample head = sample_load("checkpoint");
    struct comity_trust trust;
    struct comity_trust none = {{0}};
    struct comity_report report;
    const char *l = (const char *)ledger.at;
    const char *w = (const char *)witness.at;

    (void)s;
    assert_int_equal(comity_trust_ledger(NULL, l, ledger.n), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_ledger(&trust, NULL, 5), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_ledger(&trust, w, witness.n), COMITY_BAD_VKEY); /* type 04 */
    assert_int_equal(comity_trust_ledger(&trust, l, ledger.n - 1), COMITY_BAD_VKEY);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &trust, &report), COMITY_NO_VKEY);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, NULL, &report), COMITY_NO_VKEY);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &none, &report), COMITY_NO_VKEY);
    assert_int_equal(comity_trust_witness(&none, w, witness.n), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_need(&none, 0), COMITY_BAD_CALL);
    assert_int_equal(comity_trust_ledger(&trust, l, ledger.n), 0);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &trust, &report), 0);
    assert_int_equal(comity_trust_witness(&trust, l, ledger.n), COMITY_BAD_VKEY);
    assert_int_equal(comity_trust_need(&trust, 1), COMITY_BAD_CALL);
    for (unsigned i = 0; i < COMITY_WITNESSES_MAX; i++) /* the same key many times is one witness */
        assert_int_equal(comity_trust_witness(&trust, w, witness.n), 0);
    assert_int_equal(comity_trust_witness(&trust, w, witness.n), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &trust, &report),
                     COMITY_FEW_WITNESSES);
    assert_int_equal(report.cosigned, 1);
    assert_int_equal(report.need, COMITY_WITNESSES_MAX);
    assert_int_equal(comity_trust_need(&trust, 1), 0);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &trust, &report), 0);
    assert_int_equal(comity_trust_need(&trust, 2), 0);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &trust, &report),
                     COMITY_FEW_WITNESSES);
    trust = sample_trust("forked.vkey", NULL);
    assert_int_equal(comity_verify_checkpoint(head.at, head.n, &trust, &report), COMITY_OTHER_LOG);
    sample_free(&ledger);
    sample_free(&witness);
    sample_free(&head);
}

/* --- wrong calls --- */

static void wrong_calls(void **s)
{
    static uint8_t room[64] __attribute__((aligned(16)));
    const struct comity_trust trust = sample_trust("ledger.vkey", NULL);
    struct sample file = sample_load("receipt.json");
    struct comity_report report;
    uint8_t hash[32] = {0};
    char words[8];

    (void)s;
    assert_int_equal(comity_verify(NULL, 5, NULL, 0, &trust, NULL, 0, &report), COMITY_BAD_CALL);
    assert_int_equal(report.error, COMITY_BAD_CALL);
    assert_int_equal(comity_verify(file.at, file.n, NULL, 5, &trust, NULL, 0, &report),
                     COMITY_BAD_CALL);
    assert_int_equal(comity_verify(file.at, file.n, NULL, 0, &trust, NULL, 5, &report),
                     COMITY_BAD_CALL);
    assert_int_equal(comity_verify(file.at, file.n, NULL, 0, &trust, NULL, 0, NULL),
                     COMITY_BAD_CALL);
    assert_int_equal(comity_verify(file.at, file.n, NULL, 0, &trust, room + 8, 8, &report),
                     COMITY_SMALL_SCRATCH);
    assert_int_equal(comity_verify(NULL, 0, NULL, 0, &trust, NULL, 0, &report), 111); /* no note */
    assert_int_equal(comity_verify("{", 1, NULL, 0, &trust, NULL, 0, &report), COMITY_BAD_JSON);
    assert_int_equal(report.steps[0].a, 1);
    assert_int_equal(report.steps[0].b, 2);
    assert_int_equal(
        comity_verify("{\"comity\":\"bundle@v2\"}", 22, NULL, 0, &trust, NULL, 0, &report),
        COMITY_BAD_JSON);
    assert_int_equal(comity_scratch_bytes(NULL, 7, 0), 0);
    assert_int_equal(comity_verify_checkpoint(NULL, 1, &trust, &report), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_checkpoint("", 0, &trust, NULL), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_proof(NULL, 1, NULL, 0, &trust, &report), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_cose_receipt(NULL, 1, NULL, 0, &trust, &report),
                     COMITY_BAD_CALL);
    assert_int_equal(comity_verify_equivocation("", 0, "", 0, NULL, NULL, 66, &trust, &report),
                     COMITY_BAD_CALL);
    assert_int_equal(comity_verify_equivocation("", 0, "", 0, NULL, hash, 66, &trust, &report),
                     COMITY_BAD_CALL);
    assert_int_equal(comity_verify_existence(NULL, "", 0, "", 0, "", 0), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_absence(hash, NULL, 1, "", 0), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_inclusion(NULL, 0, 1, NULL, 0, hash), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_inclusion(hash, 0, 1, NULL, 1, hash), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_inclusion(hash, 0, 1, hash, 66, hash), COMITY_BAD_MERKLE);
    assert_int_equal(comity_verify_inclusion(hash, 0, 0, NULL, 0, hash), COMITY_BAD_MERKLE);
    assert_int_equal(comity_verify_consistency(1, NULL, 1, hash, NULL, 0), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_signature(NULL, "", 0, hash), COMITY_BAD_CALL);
    assert_int_equal(comity_verify_signature_strict(hash, "", 0, NULL), COMITY_BAD_CALL);
    comity_sha256(NULL, 9, NULL);
    comity_leaf_hash(NULL, 9, NULL);
    comity_state_key(2, NULL, 9, NULL);
    assert_int_equal(comity_step_text(NULL, 0, words, 8), 0);
    assert_int_equal(comity_step_text(&report, 0, NULL, 8), 0);
    assert_int_equal(comity_report_json(NULL, NULL, 0), 0);
    assert_string_equal(comity_error_name(COMITY_BAD_SIGNATURE), "BAD_SIGNATURE");
    assert_string_equal(comity_error_name(-5), "UNKNOWN_CODE");
    assert_string_equal(comity_error_path(999999), "peer.protocol.unknown");
    assert_true(strlen(comity_error_text(COMITY_NO_ENTRY)) > 10);
    assert_true(strlen(comity_error_remedy(COMITY_NO_ENTRY)) > 10);
    assert_string_equal(comity_kind_text(77), "file");
    sample_free(&file);
}

/* JSON past any bound of ours is refused by its length alone. */
static void too_large(void **s)
{
    const size_t n = ((size_t)256 << 20) + 1;
    char *file =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct comity_report report;

    (void)s;
    assert_true(file != MAP_FAILED);
    file[0] = '{';
    assert_int_equal(comity_scratch_bytes(file, n, 0), 0);
    assert_int_equal(comity_verify(file, n, NULL, 0, NULL, NULL, 0, &report), 107);
    munmap(file, n);
}

/* With less memory than asked for: refused, never worse. */
static void less_memory(void **s)
{
    (void)s;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct comity_trust trust = trust_of(&rows[i]);
        struct sample file = sample_load(rows[i].file);
        struct sample entry = {.n = 0};
        struct comity_report report;
        size_t all = 0;
        bool held = false;

        if (rows[i].entry != NULL)
            entry = sample_load(rows[i].entry);
        all = comity_scratch_bytes(file.at, file.n, entry.n);
        for (size_t n = 0; n <= all; n += n < 2048 ? 16 : 256) {
            void *scratch = aligned_alloc(16, n == 0 ? 16 : n);
            const int32_t error =
                comity_verify(file.at, file.n, entry.at, entry.n, &trust, scratch, n, &report);

            assert_true(error == 0 || error == COMITY_SMALL_SCRATCH);
            assert_true(error == 0 || !held); /* what was enough stays enough */
            held = error == 0;
            free(scratch);
        }
        sample_free(&file);
        sample_free(&entry);
    }
}

/* --- every byte --- */

/* Proven facts of two reports are the same. */
static bool same_facts(const struct comity_report *a, const struct comity_report *b)
{
    return a->kind == b->kind && a->size == b->size && a->index == b->index &&
           memcmp(a->root, b->root, 32) == 0 && memcmp(a->act, b->act, 32) == 0 &&
           memcmp(a->state_root, b->state_root, 32) == 0 && a->cosigned == b->cosigned &&
           a->records == b->records && strcmp(a->say, b->say) == 0 &&
           strcmp(a->origin, b->origin) == 0;
}

/* One byte of a file or of its entry becomes another: refused, or what is proven is what was proven
 * (a receipt has words of the daemon in it that prove nothing, JSON has spaces). */
static void every_byte(void **s)
{
    unsigned tried = 0;
    unsigned harmless = 0;

    (void)s;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct comity_trust trust = trust_of(&rows[i]);
        const bool json = rows[i].kind == COMITY_KIND_RECEIPT || rows[i].kind == COMITY_KIND_BUNDLE;
        struct sample file = sample_load(rows[i].file);
        struct sample entry = {.n = 0};
        struct comity_report whole;
        struct comity_report report;
        char answer[4096];
        char changed[4096];

        if (rows[i].entry != NULL)
            entry = sample_load(rows[i].entry);
        assert_int_equal(sample_verify(&file, &entry, &trust, &whole, answer, sizeof answer), 0);
        for (size_t at = 0; at<file.n + entry.n; at += file.n> 4096 ? 3 : 1) {
            uint8_t *byte = at < file.n ? &file.at[at] : &entry.at[at - file.n];
            const uint8_t was = *byte;

            *byte = at % 3 == 0 ? (uint8_t)(was ^ 1u << at % 8) : was == 'A' ? 'B' : 'A';
            tried++;
            if (sample_verify(&file, &entry, &trust, &report, changed, sizeof changed) == 0 &&
                *byte != was) {
                harmless++;
                if (!json || at >= file.n || !same_facts(&whole, &report) ||
                    strcmp(answer, changed) != 0)
                    fail_msg("%s: byte %zu from %02x to %02x is accepted", rows[i].file, at, was,
                             *byte);
            }
            *byte = was;
        }
        sample_free(&file);
        sample_free(&entry);
    }
    print_message("%u bytes changed, %u of them in words that prove nothing\n", tried, harmless);
    assert_true(tried > 7000);
    assert_true(harmless < tried / 10);
}

/* --- evidence and state --- */

static void evidence(void **s)
{
    const struct comity_trust trust = sample_trust("forked.vkey", NULL);
    const struct comity_trust other = sample_trust("ledger.vkey", NULL);
    struct sample two = sample_load("two-histories.heads");
    struct sample one = sample_load("one-history.heads");
    struct sample older = sample_load("forked-older");
    struct sample newer = sample_load("forked-newer");
    struct sample root = sample_load("forked.root");
    struct sample path = sample_load("forked.path");
    struct comity_report report;

    (void)s;
    assert_int_equal(comity_verify(two.at, two.n, NULL, 0, &other, NULL, 0, &report),
                     COMITY_OTHER_LOG);
    assert_int_equal(comity_verify(two.at, two.n, NULL, 0, &trust, NULL, 0, &report), 0);
    assert_int_equal(report.convicts, 1);
    assert_int_equal(report.steps[3].kind, COMITY_STEP_TWO_HISTORIES);
    assert_int_equal(comity_verify(one.at, one.n, NULL, 0, &trust, NULL, 0, &report), 0);
    assert_int_equal(report.convicts, 0);
    assert_int_equal(report.steps[3].kind, COMITY_STEP_EXTENDS);
    assert_int_equal(report.steps[3].a, 1000);
    assert_int_equal(report.steps[3].b, 1500);
#define JUDGE(first, second, prefix)                                                               \
    comity_verify_equivocation((first).at, (first).n, (second).at, (second).n, (prefix), path.at,  \
                               path.n / 32, &trust, &report)
    /* heads of two sizes: a path that leads elsewhere convicts, none or an honest one does not */
    assert_int_equal(JUDGE(older, newer, root.at), 0);
    assert_int_equal(report.convicts, 1);
    assert_int_equal(report.steps[2].a, 1000);
    assert_int_equal(report.steps[2].b, 1500);
    assert_int_equal(JUDGE(older, newer, NULL), COMITY_NO_CONFLICT);
    assert_int_equal(report.convicts, 0);
    assert_int_equal(JUDGE(newer, older, root.at), COMITY_NO_CONFLICT);
    assert_int_equal(JUDGE(older, older, root.at), COMITY_NO_CONFLICT);
    assert_int_equal(JUDGE(older, older, NULL), COMITY_NO_CONFLICT); /* a head beside itself */
    for (size_t i = 0; i < path.n; i += 7) {
        path.at[i] ^= 1;
        assert_int_equal(JUDGE(older, newer, root.at), COMITY_BAD_MERKLE);
        path.at[i] ^= 1;
    }
    root.at[3] ^= 1;
    assert_int_equal(JUDGE(older, newer, root.at), COMITY_BAD_MERKLE);
    sample_free(&two);
    sample_free(&one);
    sample_free(&older);
    sample_free(&newer);
    sample_free(&root);
    sample_free(&path);
}

static void states(void **s)
{
    struct sample root = sample_load("state.root");
    struct sample key = sample_load("state.key");
    struct sample value = sample_load("state.value");
    struct sample proof = sample_load("state.proof");
    struct sample absent = sample_load("absent.key");
    struct sample absence = sample_load("absent.proof");
    uint8_t made[32];

    (void)s;
    assert_int_equal(
        comity_verify_existence(root.at, key.at, key.n, value.at, value.n, proof.at, proof.n), 0);
    assert_int_equal(comity_verify_absence(root.at, absent.at, absent.n, absence.at, absence.n), 0);
    assert_int_equal(comity_verify_absence(root.at, key.at, key.n, absence.at, absence.n),
                     COMITY_BAD_STATE_PROOF);
    assert_int_equal(comity_verify_existence(root.at, absent.at, absent.n, value.at, value.n,
                                             absence.at, absence.n),
                     COMITY_BAD_STATE_PROOF);
    for (size_t i = 0; i < proof.n; i++) {
        proof.at[i] ^= 4;
        assert_int_equal(
            comity_verify_existence(root.at, key.at, key.n, value.at, value.n, proof.at, proof.n),
            COMITY_BAD_STATE_PROOF);
        proof.at[i] ^= 4;
    }
    for (size_t i = 0; i < absence.n; i++) {
        absence.at[i] ^= 4;
        assert_int_equal(comity_verify_absence(root.at, absent.at, absent.n, absence.at, absence.n),
                         COMITY_BAD_STATE_PROOF);
        absence.at[i] ^= 4;
    }
    comity_state_key(2, key.at, key.n, made);
    sample_free(&root);
    sample_free(&key);
    sample_free(&value);
    sample_free(&proof);
    sample_free(&absent);
    sample_free(&absence);
}

/* --- threads --- */

static void *worker(void *user)
{
    const struct comity_trust trust = sample_trust("ledger.vkey", "witness.vkey");
    struct sample file = sample_load("bundle.json");
    struct comity_report report;
    unsigned *wrong = user;

    for (unsigned i = 0; i < 20; i++) {
        if (sample_verify(&file, NULL, &trust, &report, NULL, 0) != 0 || report.records != 8)
            (*wrong)++;
        file.at[i * 300 + 100] ^= 2;
        if (sample_verify(&file, NULL, &trust, &report, NULL, 0) == 0)
            (*wrong)++;
        file.at[i * 300 + 100] ^= 2;
    }
    sample_free(&file);
    return NULL;
}

static void threads(void **s)
{
    pthread_t thread[4];
    unsigned wrong[4] = {0};

    (void)s;
    for (unsigned i = 0; i < COUNT(thread); i++)
        assert_int_equal(pthread_create(&thread[i], NULL, worker, &wrong[i]), 0);
    for (unsigned i = 0; i < COUNT(thread); i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),          cmocka_unit_test(policies),
        cmocka_unit_test(contradictions), cmocka_unit_test(facts),
        cmocka_unit_test(trusts),         cmocka_unit_test(wrong_calls),
        cmocka_unit_test(too_large),      cmocka_unit_test(less_memory),
        cmocka_unit_test(every_byte),     cmocka_unit_test(evidence),
        cmocka_unit_test(states),         cmocka_unit_test(threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
