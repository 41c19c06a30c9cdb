#include "libcomity/libcomity.h"

#include "crypto/ics23.h"

#define MARK 0x436d5431u        /* "CmT1" */
#define MARK_POLICY 0x436d5031u /* "CmP1" */

_Static_assert(sizeof(struct cy_kept_trust) <= sizeof(struct comity_trust), "room for a trust");
_Static_assert(COMITY_WITNESSES_MAX == CY_WITNESSES_MAX, "witnesses");

/* The numbers of the header are those of the table of errors. */
_Static_assert((int)COMITY_BAD_JSON == (int)CY_E_BAD_JSON, "number");
_Static_assert((int)COMITY_BAD_POLICY == (int)CY_E_BAD_POLICY, "number");
_Static_assert((int)COMITY_BAD_SIGNATURE == (int)CY_E_BAD_SIGNATURE, "number");
_Static_assert((int)COMITY_BAD_MERKLE == (int)CY_E_BAD_MERKLE, "number");
_Static_assert((int)COMITY_BAD_STATE_PROOF == (int)CY_E_BAD_STATE_PROOF, "number");
_Static_assert((int)COMITY_BAD_VKEY == (int)CY_E_BAD_VKEY, "number");
_Static_assert((int)COMITY_NOT_SIGNED == (int)CY_E_NOT_SIGNED, "number");
_Static_assert((int)COMITY_FEW_WITNESSES == (int)CY_E_FEW_WITNESSES, "number");
_Static_assert((int)COMITY_OTHER_LOG == (int)CY_E_OTHER_LOG, "number");
_Static_assert((int)COMITY_NO_ENTRY == (int)CY_E_NO_FILE, "number");
_Static_assert((int)COMITY_NO_CONFLICT == (int)CY_E_NO_CONFLICT, "number");
_Static_assert((int)COMITY_SMALL_SCRATCH == (int)CY_E_SMALL_SCRATCH, "number");
_Static_assert((int)COMITY_BAD_CALL == (int)CY_E_BAD_CALL, "number");
_Static_assert((int)COMITY_ANSWER_DIFFERS == (int)CY_E_ANSWER_DIFFERS, "number");
_Static_assert((int)COMITY_NO_VKEY == (int)CY_E_NO_VKEY, "number");

static int32_t number(cy_err err)
{
    return (int32_t)err.code;
}

/* A pointer that may be NULL only where there are no bytes. */
static bool there(const void *at, size_t n)
{
    return at != NULL || n == 0;
}

static struct cy_span bytes(const void *at, size_t n)
{
    return cy_span_of(at, n);
}

static struct cy_id id_at(const uint8_t *at)
{
    struct cy_id id;

    memcpy(id.b, at, sizeof id.b);
    return id;
}

const char *comity_version(void)
{
    return CY_VERSION;
}

int32_t comity_selftest(void)
{
    return number(cy_crypto_check());
}

const char *comity_error_name(int32_t error)
{
    return cy_err_info((enum cy_code)error)->name;
}

const char *comity_error_path(int32_t error)
{
    return cy_err_info((enum cy_code)error)->path;
}

const char *comity_error_text(int32_t error)
{
    return cy_err_info((enum cy_code)error)->text;
}

const char *comity_error_remedy(int32_t error)
{
    return cy_err_info((enum cy_code)error)->remedy;
}

/* --- trust --- */

static struct cy_kept_trust *kept(struct comity_trust *trust)
{
    return (struct cy_kept_trust *)(void *)trust->room;
}

static int32_t read_key(const char *vkey, size_t n, enum cy_note_key_type type,
                        struct cy_kept_key *out)
{
    struct cy_note_key key;

    if (!cy_ok(cy_note_vkey_read(bytes(vkey, n), &key)) || key.type != type)
        return COMITY_BAD_VKEY;
    memcpy(out->name, key.name.at, key.name.n);
    out->name_n = (uint32_t)key.name.n;
    out->type = (uint32_t)key.type;
    out->id = key.id;
    out->key = key.key;
    return COMITY_OK;
}

int32_t comity_trust_ledger(struct comity_trust *trust, const char *vkey, size_t n)
{
    int32_t error = COMITY_OK;

    if (trust == NULL || !there(vkey, n))
        return COMITY_BAD_CALL;
    memset(trust, 0, sizeof *trust);
    error = read_key(vkey, n, CY_NOTE_ED25519, &kept(trust)->log);
    if (error == COMITY_OK)
        kept(trust)->mark = MARK;
    return error;
}

int32_t comity_trust_witness(struct comity_trust *trust, const char *vkey, size_t n)
{
    struct cy_kept_trust *k = trust == NULL ? NULL : kept(trust);
    int32_t error = COMITY_OK;

    if (k == NULL || !there(vkey, n) || k->mark != MARK || k->n_witnesses >= COMITY_WITNESSES_MAX)
        return COMITY_BAD_CALL;
    error = read_key(vkey, n, CY_NOTE_COSIGNATURE, &k->witnesses[k->n_witnesses]);
    if (error != COMITY_OK)
        return error;
    k->n_witnesses++;
    if (k->need_given == 0)
        k->need = k->n_witnesses;
    return COMITY_OK;
}

int32_t comity_trust_need(struct comity_trust *trust, uint32_t need)
{
    struct cy_kept_trust *k = trust == NULL ? NULL : kept(trust);

    if (k == NULL || k->mark != MARK || need > k->n_witnesses)
        return COMITY_BAD_CALL;
    k->need = need;
    k->need_given = 1;
    return COMITY_OK;
}

int32_t comity_trust_policy(struct comity_trust *trust, const char *origin, size_t origin_n,
                            const char *policy, size_t n)
{
    struct cy_policy_trust read;
    struct cy_kept_trust *k = NULL;
    cy_err err = CY_OK;

    if (trust == NULL || !there(origin, origin_n) || !there(policy, n))
        return COMITY_BAD_CALL;
    memset(trust, 0, sizeof *trust);
    err = cy_policy_trust_read(bytes(origin, origin_n), bytes(policy, n), &read);
    if (!cy_ok(err))
        return number(err);
    k = kept(trust);
    memcpy(k->origin, origin, origin_n);
    k->origin_n = (uint32_t)origin_n;
    memcpy(k->policy, policy, n);
    k->policy_n = (uint32_t)n;
    k->mark = MARK_POLICY;
    return COMITY_OK;
}

int32_t comity_trust_policy_ledger(struct comity_trust *trust, const char *vkey, size_t n)
{
    struct cy_kept_trust *k = trust == NULL ? NULL : kept(trust);
    struct cy_kept_key log = {.name_n = 0};
    int32_t error = COMITY_OK;

    if (k == NULL || !there(vkey, n) || k->mark != MARK_POLICY)
        return COMITY_BAD_CALL;
    error = read_key(vkey, n, CY_NOTE_ED25519, &log);
    if (error != COMITY_OK)
        return error;
    if (!cy_span_eq(cy_span_of(log.name, log.name_n), cy_span_of(k->origin, k->origin_n)))
        return COMITY_BAD_VKEY;
    k->log = log;
    return COMITY_OK;
}

static struct cy_note_key borrowed(const struct cy_kept_key *key)
{
    return (struct cy_note_key){.name = cy_span_of(key->name, key->name_n),
                                .type = (enum cy_note_key_type)key->type,
                                .key = key->key,
                                .id = key->id};
}

/* A policy that was kept was read before; the caller's memory may hold anything all the same. */
static void open_policy(const struct cy_kept_trust *k, struct cy_open_trust *open,
                        struct cy_trust *out)
{
    if (k->origin_n > CY_NOTE_NAME_MAX || k->policy_n > CY_QUORUM_TEXT_MAX ||
        !cy_ok(cy_policy_trust_read(cy_span_of(k->origin, k->origin_n),
                                    cy_span_of(k->policy, k->policy_n), &open->policy)))
        return;
    out->policy = &open->policy;
    if (k->log.name_n > 0 && k->log.name_n <= CY_NOTE_NAME_MAX)
        out->log = borrowed(&k->log);
}

struct cy_trust cy_trust_open(const struct comity_trust *trust, struct cy_open_trust *open)
{
    const struct cy_kept_trust *k =
        trust == NULL ? NULL : (const struct cy_kept_trust *)(const void *)trust->room;
    struct cy_trust out = {.need = 0};

    if (k != NULL && k->mark == MARK_POLICY)
        open_policy(k, open, &out);
    if (k == NULL || k->mark != MARK)
        return out;
    out.log = borrowed(&k->log);
    out.witnesses = open->keys;
    out.n_witnesses = k->n_witnesses <= COMITY_WITNESSES_MAX ? k->n_witnesses : 0;
    out.need = k->need;
    for (uint32_t i = 0; i < out.n_witnesses; i++)
        open->keys[i] = borrowed(&k->witnesses[i]);
    return out;
}

/* --- reports --- */

/* How long the whole text is, when what fits has been written. */
static size_t written(const struct cy_text *text, char *out, size_t cap)
{
    const size_t n = text->n < cap ? text->n : cap - 1;

    if (cap > 0) {
        memcpy(out, text->at, n);
        out[n] = 0;
    }
    return text->n;
}

size_t comity_step_text(const struct comity_report *report, uint32_t step, char *out, size_t cap)
{
    char room[1024];
    struct cy_text text = cy_text_on(room, sizeof room);

    if (report == NULL || !there(out, cap) || report->n_steps > COMITY_STEPS_MAX)
        return 0;
    cy_step_say(report, step, &text);
    return written(&text, out, cap);
}

size_t comity_report_json(const struct comity_report *report, char *out, size_t cap)
{
    char room[16384];
    struct cy_text text = cy_text_on(room, sizeof room);

    if (report == NULL || !there(out, cap) || report->n_steps > COMITY_STEPS_MAX)
        return 0;
    cy_report_json(report, &text);
    return written(&text, out, cap);
}

const char *comity_kind_text(uint32_t kind)
{
    return cy_kind_text(kind);
}

/* A path as ids; BAD_CALL or BAD_MERKLE where it is none. */
static int32_t path_at(const uint8_t *path, size_t n, struct cy_id *out)
{
    if (!there(path, n))
        return COMITY_BAD_CALL;
    if (n > CY_MERKLE_PATH_MAX + 1)
        return COMITY_BAD_MERKLE;
    for (size_t i = 0; i < n; i++)
        out[i] = id_at(path + i * sizeof out->b);
    return COMITY_OK;
}

/* --- files --- */

static int32_t bad_call(struct comity_report *report, enum cy_code code)
{
    if (report != NULL) {
        cy_report_begin(report);
        (void)cy_report_step(report, COMITY_STEP_FORM, cy_fail(code, 0), 0, 0);
    }
    return (int32_t)code;
}

size_t comity_scratch_bytes(const void *file, size_t n, size_t entry_n)
{
    return there(file, n) ? cy_verify_room(bytes(file, n), entry_n) : 0;
}

int32_t comity_verify(const void *file, size_t n, const void *entry, size_t entry_n,
                      const struct comity_trust *trust, void *scratch, size_t scratch_n,
                      struct comity_report *report)
{
    struct cy_open_trust borrow;
    struct cy_trust open;
    struct cy_arena arena;

    if (report == NULL || !there(file, n) || !there(entry, entry_n) || !there(scratch, scratch_n))
        return bad_call(report, CY_E_BAD_CALL);
    if ((uintptr_t)scratch % 16 != 0)
        return bad_call(report, CY_E_SMALL_SCRATCH);
    open = cy_trust_open(trust, &borrow);
    arena = cy_arena_on(scratch, scratch_n);
    (void)cy_verify(bytes(file, n), bytes(entry, entry_n), &open, &arena, report);
    if (report->error == (int32_t)CY_E_NO_ROOM) { /* the arena is the only room there is */
        report->error = COMITY_SMALL_SCRATCH;
        report->steps[report->n_steps - 1].error = COMITY_SMALL_SCRATCH;
    }
    return report->error;
}

int32_t comity_verify_checkpoint(const void *note, size_t n, const struct comity_trust *trust,
                                 struct comity_report *report)
{
    struct cy_open_trust borrow;
    const struct cy_trust open = cy_trust_open(trust, &borrow);

    if (report == NULL || !there(note, n))
        return bad_call(report, CY_E_BAD_CALL);
    cy_report_begin(report);
    report->kind = COMITY_KIND_CHECKPOINT;
    (void)cy_check_head(bytes(note, n), &open, report);
    return report->error;
}

int32_t comity_verify_proof(const void *proof, size_t n, const void *entry, size_t entry_n,
                            const struct comity_trust *trust, struct comity_report *report)
{
    struct cy_open_trust borrow;
    const struct cy_trust open = cy_trust_open(trust, &borrow);
    struct cy_tlog_proof read;
    cy_err err = CY_OK;

    if (report == NULL || !there(proof, n) || !there(entry, entry_n))
        return bad_call(report, CY_E_BAD_CALL);
    cy_report_begin(report);
    report->kind = COMITY_KIND_PROOF;
    err = cy_tlog_proof_read(bytes(proof, n), &read);
    if (!cy_report_step(report, COMITY_STEP_FORM, err, 0, 0) ||
        !cy_check_head(read.checkpoint, &open, report))
        return report->error;
    err = cy_place(&read, bytes(entry, entry_n), report);
    (void)cy_report_step(report, COMITY_STEP_PLACE, err, read.index, read.n);
    return report->error;
}

int32_t comity_verify_cose_receipt(const void *receipt, size_t n, const void *entry, size_t entry_n,
                                   const struct comity_trust *trust, struct comity_report *report)
{
    struct cy_open_trust borrow;
    const struct cy_trust open = cy_trust_open(trust, &borrow);
    struct cy_receipt read;
    cy_err err = CY_OK;

    if (report == NULL || !there(receipt, n) || !there(entry, entry_n))
        return bad_call(report, CY_E_BAD_CALL);
    cy_report_begin(report);
    report->kind = COMITY_KIND_COSE_RECEIPT;
    err = cy_receipt_read(bytes(receipt, n), &read);
    if (cy_ok(err))
        (void)cy_check_cose(&read, bytes(entry, entry_n), &open, report);
    else
        (void)cy_report_step(report, COMITY_STEP_FORM, err, 0, 0);
    return report->error;
}

int32_t comity_verify_equivocation(const void *first, size_t first_n, const void *second,
                                   size_t second_n, const uint8_t *prefix_root, const uint8_t *path,
                                   size_t path_n, const struct comity_trust *trust,
                                   struct comity_report *report)
{
    struct cy_open_trust borrow;
    const struct cy_trust open = cy_trust_open(trust, &borrow);
    struct cy_id ids[CY_CONFLICT_PATH_MAX];
    struct cy_id prefix;
    struct cy_conflict conflict = {.first = bytes(first, first_n),
                                   .second = bytes(second, second_n),
                                   .path = ids,
                                   .n = path_n};

    if (report == NULL || !there(first, first_n) || !there(second, second_n) ||
        path_at(path, path_n, ids) != COMITY_OK)
        return bad_call(report, CY_E_BAD_CALL);
    if (prefix_root != NULL) {
        prefix = id_at(prefix_root);
        conflict.prefix = &prefix;
    }
    cy_report_begin(report);
    (void)cy_check_conflict(&conflict, &open, report);
    return report->error;
}

/* --- state --- */

int32_t comity_verify_existence(const uint8_t *root, const void *key, size_t key_n,
                                const void *value, size_t value_n, const void *proof,
                                size_t proof_n)
{
    struct cy_id id;

    if (root == NULL || !there(key, key_n) || !there(value, value_n) || !there(proof, proof_n))
        return COMITY_BAD_CALL;
    id = id_at(root);
    return number(cy_ics23_verify_membership(&cy_ics23_tendermint, &id, bytes(proof, proof_n),
                                             bytes(key, key_n), bytes(value, value_n)));
}

int32_t comity_verify_absence(const uint8_t *root, const void *key, size_t key_n, const void *proof,
                              size_t proof_n)
{
    struct cy_id id;

    if (root == NULL || !there(key, key_n) || !there(proof, proof_n))
        return COMITY_BAD_CALL;
    id = id_at(root);
    return number(cy_ics23_verify_non_membership(&cy_ics23_tendermint, &id, bytes(proof, proof_n),
                                                 bytes(key, key_n)));
}

void comity_state_key(uint16_t table, const void *fields, size_t n, uint8_t *key)
{
    const uint8_t head[2] = {(uint8_t)(table >> 8), (uint8_t)table};
    const struct cy_span parts[] = {bytes(head, sizeof head),
                                    bytes(fields, there(fields, n) ? n : 0)};
    struct cy_id id;

    if (key == NULL)
        return;
    id = cy_sha256_parts(parts, CY_COUNT(parts));
    memcpy(key, id.b, sizeof id.b);
}

/* --- parts --- */

void comity_sha256(const void *at, size_t n, uint8_t *hash)
{
    const struct cy_id id = cy_sha256(bytes(at, there(at, n) ? n : 0));

    if (hash != NULL)
        memcpy(hash, id.b, sizeof id.b);
}

void comity_leaf_hash(const void *entry, size_t n, uint8_t *hash)
{
    const struct cy_id id = cy_hash_leaf(bytes(entry, there(entry, n) ? n : 0));

    if (hash != NULL)
        memcpy(hash, id.b, sizeof id.b);
}

int32_t comity_verify_inclusion(const uint8_t *leaf, uint64_t index, uint64_t size,
                                const uint8_t *path, size_t path_n, const uint8_t *root)
{
    struct cy_id ids[CY_MERKLE_PATH_MAX + 1];
    struct cy_id l;
    struct cy_id r;
    int32_t error = COMITY_BAD_CALL;

    if (leaf == NULL || root == NULL)
        return error;
    error = path_at(path, path_n, ids);
    if (error != COMITY_OK)
        return error;
    l = id_at(leaf);
    r = id_at(root);
    return number(cy_merkle_inclusion(&l, index, size, ids, path_n, &r));
}

int32_t comity_verify_consistency(uint64_t older, const uint8_t *older_root, uint64_t newer,
                                  const uint8_t *newer_root, const uint8_t *path, size_t path_n)
{
    struct cy_id ids[CY_MERKLE_PATH_MAX + 1];
    struct cy_id a;
    struct cy_id b;
    int32_t error = COMITY_BAD_CALL;

    if (older_root == NULL || newer_root == NULL)
        return error;
    error = path_at(path, path_n, ids);
    if (error != COMITY_OK)
        return error;
    a = id_at(older_root);
    b = id_at(newer_root);
    return number(cy_merkle_consistency(older, &a, newer, &b, ids, path_n));
}

int32_t comity_verify_signature(const uint8_t *key, const void *message, size_t n,
                                const uint8_t *signature)
{
    const struct cy_span part = bytes(message, n);
    struct cy_signature s;
    struct cy_id k;

    if (key == NULL || signature == NULL || !there(message, n))
        return COMITY_BAD_CALL;
    k = id_at(key);
    memcpy(s.b, signature, sizeof s.b);
    return number(cy_ed25519_verify(&k, &part, 1, &s));
}

int32_t comity_verify_signature_strict(const uint8_t *key, const void *message, size_t n,
                                       const uint8_t *signature)
{
    struct cy_signature s;
    struct cy_id k;

    if (key == NULL || signature == NULL || !there(message, n))
        return COMITY_BAD_CALL;
    k = id_at(key);
    memcpy(s.b, signature, sizeof s.b);
    return number(cy_ed25519_verify_strict(&k, bytes(message, n), &s));
}
