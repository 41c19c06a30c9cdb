#include "host/signer/signer_desk.h"

#include "host/system/log.h"
#include "wire/codec.h"
#include "wire/envelope.h"
#include "wire/note.h"
#include "wire/print.h"
#include "wire/receipt.h"
#include "wire/statement.h"

#include <stdlib.h>

#define SCRATCH ((size_t)16 << 20) /* a decoded act of CY_PAYLOAD_MAX bytes */
#define TO_SIGN (CY_ENTRY_MAX + 2048u)
#define LIST_ROOM 126976u
#define LIST_ENTRY 160u /* at most */
#define LOG_SENTENCE 400u
#define PACKET_BEGINS "CYPEER1\n"
#define PACKET_KEY_AT (sizeof PACKET_BEGINS - 1 + 32u) /* after the federation's id */
#define PACKET_LEAST (PACKET_KEY_AT + 32u + 8u + 8u)   /* sender, session, number */

struct cy_signer_desk {
    struct cy_keystore *store;
    struct cy_head_memory *heads;
    struct cy_vote_memory *votes; /* NULL: no key for votes was ever made here */
    struct cy_disk disk;
    uint32_t votes_max;
    uint32_t skew_s_max;
    struct cy_arena scratch;
    void *scratch_room;
    struct cy_signature signature;
    struct cy_seal opened;
    uint8_t to_sign[TO_SIGN];
    uint8_t list[LIST_ROOM];
    char sentence[CY_SIGNER_TEXT_MAX];
    char said[CY_VOTE_TEXT_MAX];
    uint8_t locked[CY_SIGNER_LOCKED_BYTES];
};

/* --- life --- */

static bool has_vote_key(const struct cy_keystore *store)
{
    for (uint32_t i = 0; i < cy_keystore_count(store); i++) {
        if (cy_keystore_at(store, i)->purpose == CY_PURPOSE_VOTE)
            return true;
    }
    return false;
}

/* A store has no memory of votes before it has a key for them, and never none after. */
static cy_err open_votes(struct cy_signer_desk *desk)
{
    const cy_err done =
        cy_vote_memory_open(&desk->disk, CY_KEYSTORE_VOTES, desk->votes_max, &desk->votes);

    if (done.code != CY_E_NO_FILE)
        return done;
    return has_vote_key(desk->store) ? cy_fail(CY_E_KEYSTORE_BAD, 0) : CY_OK;
}

static cy_err need_votes(struct cy_signer_desk *desk)
{
    if (desk->votes != NULL)
        return CY_OK;
    CY_TRY(cy_vote_memory_make(&desk->disk, CY_KEYSTORE_VOTES));
    return open_votes(desk);
}

static cy_err start(struct cy_signer_desk *desk, const struct cy_disk *disk,
                    struct cy_span passphrase, const struct cy_signer_desk_options *options)
{
    cy_err done = CY_OK;

    desk->scratch_room = malloc(SCRATCH + 16);
    if (desk->scratch_room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    desk->scratch = cy_arena_on(desk->scratch_room, SCRATCH);
    CY_TRY(cy_keystore_open(disk, passphrase, options->keys_max, &desk->store));
    done = cy_head_memory_open(disk, CY_KEYSTORE_HEADS, options->heads_max, &desk->heads);
    if (done.code == CY_E_NO_FILE)
        return cy_fail(CY_E_KEYSTORE_BAD, 0);
    CY_TRY(done);
    return open_votes(desk);
}

cy_err cy_signer_desk_open(const struct cy_disk *disk, struct cy_span passphrase,
                           const struct cy_signer_desk_options *options,
                           struct cy_signer_desk **out)
{
    struct cy_signer_desk *desk = calloc(1, sizeof *desk);
    cy_err done = CY_OK;

    *out = NULL;
    if (desk == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    desk->skew_s_max = options->skew_s_max;
    desk->votes_max = options->heads_max;
    desk->disk = *disk;
    done = start(desk, disk, passphrase, options);
    if (!cy_ok(done)) {
        cy_signer_desk_close(desk);
        return done;
    }
    *out = desk;
    return CY_OK;
}

void cy_signer_desk_close(struct cy_signer_desk *desk)
{
    if (desk == NULL)
        return;
    cy_head_memory_close(desk->heads);
    cy_vote_memory_close(desk->votes);
    cy_keystore_close(desk->store);
    cy_wipe(&desk->opened, sizeof desk->opened);
    free(desk->scratch_room);
    free(desk);
}

uint32_t cy_signer_desk_keys(const struct cy_signer_desk *desk)
{
    return cy_keystore_count(desk->store);
}

uint32_t cy_signer_desk_heads(const struct cy_signer_desk *desk)
{
    return cy_head_memory_count(desk->heads);
}

uint32_t cy_signer_desk_votes(const struct cy_signer_desk *desk)
{
    return desk->votes == NULL ? 0 : cy_vote_memory_count(desk->votes);
}

/* A round with votes alone flushes once: a memory without anything new does not. */
cy_err cy_signer_desk_commit(struct cy_signer_desk *desk)
{
    cy_err done = cy_head_memory_commit(desk->heads);

    if (cy_ok(done) && desk->votes != NULL)
        done = cy_vote_memory_commit(desk->votes);
    if (!cy_ok(done))
        CY_LOG(CY_LOG_ERROR, "signer",
               cy_log_say("cannot remember the heads and votes; none is signed"),
               cy_log_code(done));
    return done;
}

/* --- log --- */

struct label_text {
    char at[CY_SIGNER_LABEL_MAX + 1];
};

static struct label_text label_of(const struct cy_signer_desk *desk, const struct cy_id *key)
{
    const struct cy_kept_key *kept = cy_keystore_find(desk->store, key);
    struct label_text label = {{0}};

    if (kept != NULL)
        memcpy(label.at, kept->label, kept->n_label);
    return label;
}

static void log_signed(const struct cy_signer_desk *desk, const char *purpose,
                       const struct cy_id *key, const char *what)
{
    const struct label_text label = label_of(desk, key);

    CY_LOG(CY_LOG_INFO, "signer", cy_log_say("signed"), cy_log_text("purpose", purpose),
           cy_log_text("label", label.at), cy_log_text("what", what));
}

static void log_refused(const struct cy_signer_desk *desk, const struct cy_signer_request *request,
                        cy_err why)
{
    const struct label_text label = label_of(desk, &request->key);

    CY_LOG(CY_LOG_WARN, "signer", cy_log_say("refused"), cy_log_text("label", label.at),
           cy_log_number("operation", (int64_t)request->op), cy_log_code(why));
}

static void log_conflict(const struct cy_signer_desk *desk, const struct cy_head *old,
                         const struct cy_checkpoint *head)
{
    const struct label_text label = label_of(desk, &old->key);
    char origin[CY_HEAD_ORIGIN_MAX + 1] = {0};

    memcpy(origin, old->origin, old->n_origin);
    CY_LOG(CY_LOG_ERROR, "signer", cy_log_say("two heads that conflict: the second is refused"),
           cy_log_text("label", label.at), cy_log_text("origin", origin),
           cy_log_number("size_signed", (int64_t)old->size),
           cy_log_hex("root_signed", old->root.b, sizeof old->root.b),
           cy_log_number("size_refused", (int64_t)head->size),
           cy_log_hex("root_refused", head->root.b, sizeof head->root.b));
}

/* --- acts --- */

/* One sentence about an act, cut at `cap`, never inside a character. */
static struct cy_span say(const struct cy_any *act, char *room, size_t cap)
{
    struct cy_text text = cy_text_on(room, cap);
    cy_err whole = CY_OK;

    cy_print_say(&text, act->schema, act->message);
    whole = cy_utf8_check(cy_text_bytes(&text));
    if (!cy_ok(whole)) {
        text.n = whole.detail;
        room[text.n] = 0;
    }
    return cy_text_bytes(&text);
}

/* Whether the act lists the key among the keys that it sets. */
static bool brings_in(const struct cy_any *act, const struct cy_id *key)
{
    for (size_t i = 0; i < act->schema->n_fields; i++) {
        const struct cy_field *field = &act->schema->fields[i];
        const uint8_t *at = act->message;
        const struct cy_key_share *shares = NULL;
        uint32_t n = 0;

        if (field->type != CY_T_list || field->item != &cy_schema_key_share)
            continue;
        memcpy(&shares, at + field->at, sizeof shares);
        memcpy(&n, at + field->n_at, sizeof n);
        for (uint32_t j = 0; j < n; j++) {
            if (cy_id_eq(&shares[j].key, key))
                return true;
        }
    }
    return false;
}

static cy_err wanted(const struct cy_signer_desk *desk, const struct cy_id *key,
                     enum cy_purpose purpose, const struct cy_kept_key **out)
{
    *out = cy_keystore_find(desk->store, key);
    if (*out == NULL)
        return cy_fail(CY_E_SIGNER_KEY, 0);
    if ((*out)->purpose != purpose)
        return cy_fail(CY_E_SIGNER_PURPOSE, (*out)->purpose);
    return CY_OK;
}

static cy_err sign_act(struct cy_signer_desk *desk, const struct cy_signer_request *request)
{
    struct cy_cbor_writer writer = cy_cbor_write(desk->to_sign, sizeof desk->to_sign);
    const struct cy_kept_key *kept = NULL;
    struct cy_claims claims;
    struct cy_id named = request->key;
    struct cy_any act;
    char what[LOG_SENTENCE];

    CY_TRY(wanted(desk, &request->key, CY_PURPOSE_ACT, &kept));
    CY_TRY(
        cy_envelope_protected_read(request->protected, &claims, request->several ? NULL : &named));
    if (!cy_id_eq(&named, &request->key))
        return cy_fail(CY_E_BAD_ENVELOPE, 0);
    CY_TRY(cy_decode_act(request->payload, &desk->scratch, &act));
    if (kept->standby) {
        if (!brings_in(&act, &request->key))
            return cy_fail(CY_E_SIGNER_STANDBY, 0);
        CY_TRY(cy_keystore_wake(desk->store, &request->key));
    }
    CY_TRY(cy_envelope_to_sign(request->protected, request->payload, request->several,
                               &request->key, &writer));
    CY_TRY(cy_keystore_sign(desk->store, &request->key, CY_PURPOSE_ACT, cy_cbor_written(&writer),
                            &desk->signature));
    (void)say(&act, what, sizeof what);
    log_signed(desk, "act", &request->key, what);
    return CY_OK;
}

static cy_err describe(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                       struct cy_signer_response *out)
{
    struct cy_any act;

    CY_TRY(cy_decode_act(request->payload, &desk->scratch, &act));
    out->sentence = say(&act, desk->sentence, sizeof desk->sentence);
    return CY_OK;
}

/* --- heads --- */

/* Reads a checkpoint as a head of `purpose`. Ours have exactly three lines. */
static cy_err read_head(const struct cy_signer_request *request, enum cy_purpose purpose,
                        struct cy_checkpoint *checkpoint, struct cy_head *head)
{
    char room[CY_CHECKPOINT_MAX];
    struct cy_text again = cy_text_on(room, sizeof room);

    CY_TRY(cy_checkpoint_read(request->text, checkpoint));
    if (checkpoint->origin.n > CY_HEAD_ORIGIN_MAX)
        return cy_fail(CY_E_BAD_CHECKPOINT, 1);
    cy_checkpoint_write(&again, checkpoint->origin, checkpoint->size, &checkpoint->root);
    if (purpose == CY_PURPOSE_CHECKPOINT && !cy_span_eq(cy_text_bytes(&again), request->text))
        return cy_fail(CY_E_BAD_CHECKPOINT, 4);
    *head = (struct cy_head){.key = request->key, .purpose = (uint8_t)purpose};
    head->n_origin = (uint8_t)checkpoint->origin.n;
    memcpy(head->origin, checkpoint->origin.at, checkpoint->origin.n);
    head->size = checkpoint->size;
    head->root = checkpoint->root;
    head->time_s = request->time_s;
    return CY_OK;
}

static void show_head(const struct cy_head *head, struct cy_signer_response *out)
{
    out->size = head->size;
    out->root = head->root;
    out->time_s = head->time_s;
}

/* Judges and remembers; a refusal shows the head that stands. */
static cy_err take(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                   enum cy_purpose purpose, struct cy_signer_response *out)
{
    const struct cy_kept_key *kept = NULL;
    struct cy_checkpoint checkpoint;
    struct cy_head head;
    struct cy_head old;
    cy_err judged = CY_OK;

    CY_TRY(wanted(desk, &request->key, purpose, &kept));
    CY_TRY(read_head(request, purpose, &checkpoint, &head));
    judged = cy_head_memory_take(desk->heads, &head, request->proof, (size_t)request->n_proof);
    if (cy_ok(judged) ||
        !cy_head_memory_find(desk->heads, (uint8_t)purpose, &request->key, checkpoint.origin, &old))
        return judged;
    show_head(&old, out);
    if (judged.code == CY_E_HEAD_CONFLICT)
        log_conflict(desk, &old, &checkpoint);
    return judged;
}

static cy_err sign_text(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                        enum cy_purpose purpose, struct cy_span text)
{
    char what[LOG_SENTENCE];
    struct cy_text line = cy_text_on(what, sizeof what);
    struct cy_checkpoint head;

    CY_TRY(cy_keystore_sign(desk->store, &request->key, purpose, text, &desk->signature));
    CY_TRY(cy_checkpoint_read(request->text, &head));
    cy_text_span(&line, head.origin);
    cy_text_add(&line, " size ");
    cy_text_u64(&line, head.size);
    cy_text_add(&line, " root ");
    cy_text_hex(&line, cy_span_of(head.root.b, sizeof head.root.b));
    log_signed(desk, cy_purpose_text(purpose), &request->key, what);
    return CY_OK;
}

static cy_err sign_checkpoint(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                              struct cy_signer_response *out)
{
    CY_TRY(take(desk, request, CY_PURPOSE_CHECKPOINT, out));
    return sign_text(desk, request, CY_PURPOSE_CHECKPOINT, request->text);
}

static cy_err cosign(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                     uint64_t now_ms, struct cy_signer_response *out)
{
    struct cy_text text = cy_text_on((char *)desk->to_sign, sizeof desk->to_sign);
    const uint64_t now_s = now_ms / 1000;
    const uint64_t apart =
        now_s > request->time_s ? now_s - request->time_s : request->time_s - now_s;

    if (desk->skew_s_max != 0 && apart > desk->skew_s_max)
        return cy_fail(CY_E_COSIGN_TIME, apart);
    CY_TRY(take(desk, request, CY_PURPOSE_COSIGNATURE, out));
    cy_cosignature_text(&text, request->time_s, request->text);
    return sign_text(desk, request, CY_PURPOSE_COSIGNATURE, cy_text_bytes(&text));
}

static cy_err find_head(const struct cy_signer_desk *desk, const struct cy_signer_request *request,
                        struct cy_signer_response *out)
{
    const struct cy_kept_key *kept = cy_keystore_find(desk->store, &request->key);
    struct cy_head head;

    if (kept == NULL)
        return cy_fail(CY_E_SIGNER_KEY, 0);
    if (cy_head_memory_find(desk->heads, kept->purpose, &request->key, request->origin, &head))
        show_head(&head, out);
    return CY_OK;
}

/* Only a root that was signed as a head before gets a receipt's signature: it says nothing new. */
static cy_err sign_receipt(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                           struct cy_signer_response *out)
{
    const struct cy_receipt receipt = {.kind = CY_RECEIPT_INCLUSION, .key = request->key};
    struct cy_cbor_writer writer = cy_cbor_write(desk->to_sign, sizeof desk->to_sign);
    const struct cy_kept_key *kept = NULL;
    struct cy_head head;

    CY_TRY(wanted(desk, &request->key, CY_PURPOSE_CHECKPOINT, &kept));
    if (!cy_head_memory_find(desk->heads, CY_PURPOSE_CHECKPOINT, &request->key, request->origin,
                             &head))
        return cy_fail(CY_E_NO_NOUN, 0);
    CY_TRY(cy_receipt_to_sign(&receipt, &head.root, &writer));
    CY_TRY(cy_keystore_sign(desk->store, &request->key, CY_PURPOSE_CHECKPOINT,
                            cy_cbor_written(&writer), &desk->signature));
    show_head(&head, out);
    log_signed(desk, "checkpoint", &request->key, "a receipt for the head signed before");
    return CY_OK;
}

/* --- votes --- */

static cy_err read_lock(struct cy_span bytes, struct cy_vote_lock *out)
{
    *out = (struct cy_vote_lock){.round = CY_NO_ROUND};
    if (bytes.n == 0)
        return CY_OK;
    out->round = cy_get_u32be(bytes.at);
    memcpy(out->value.b, bytes.at + 4, sizeof out->value.b);
    return out->round == CY_NO_ROUND ? cy_fail(CY_E_SIGNER_REQUEST, 16) : CY_OK;
}

static void log_vote(const struct cy_signer_desk *desk, const struct cy_signer_request *request,
                     const struct cy_vote *vote, bool other)
{
    char what[LOG_SENTENCE];
    struct cy_text line = cy_text_on(what, sizeof what);

    if (other)
        cy_text_add(&line, "the vote given before, not the one asked for: ");
    cy_text_span(&line, vote->origin);
    cy_text_add(&line, " height ");
    cy_text_u64(&line, vote->height);
    cy_text_add(&line, " round ");
    cy_text_u64(&line, vote->round);
    cy_text_add(&line, vote->step == CY_VOTE_PROPOSE     ? " propose "
                       : vote->step == CY_VOTE_PRECOMMIT ? " precommit "
                                                         : " prevote ");
    if (cy_id_none(&vote->value))
        cy_text_add(&line, "nil");
    else
        cy_text_hex(&line, cy_span_of(vote->value.b, sizeof vote->value.b));
    log_signed(desk, "vote", &request->key, what);
}

static cy_err sign_vote(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                        struct cy_signer_response *out)
{
    struct cy_text text = cy_text_on(desk->said, sizeof desk->said);
    const struct cy_kept_key *kept = NULL;
    struct cy_vote_lock lock;
    struct cy_vote vote;
    struct cy_vote said;

    CY_TRY(wanted(desk, &request->key, CY_PURPOSE_VOTE, &kept));
    CY_TRY(cy_vote_read(request->text, &vote));
    CY_TRY(read_lock(request->locked, &lock));
    CY_TRY(cy_vote_memory_take(desk->votes, &request->key, &vote, &lock, &said));
    cy_vote_write(&text, &said);
    CY_TRY(cy_keystore_sign(desk->store, &request->key, CY_PURPOSE_VOTE, cy_text_bytes(&text),
                            &desk->signature));
    if (!cy_span_eq(cy_text_bytes(&text), request->text))
        out->said = cy_text_bytes(&text);
    log_vote(desk, request, &said, cy_vote_conflict(&vote, &said));
    return CY_OK;
}

static cy_err last_vote(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                        struct cy_signer_response *out)
{
    struct cy_text text = cy_text_on(desk->said, sizeof desk->said);
    const struct cy_kept_key *kept = NULL;
    struct cy_vote_lock lock;
    struct cy_vote last;

    CY_TRY(wanted(desk, &request->key, CY_PURPOSE_VOTE, &kept));
    if (!cy_vote_memory_last(desk->votes, &request->key, request->origin, &last, &lock))
        return CY_OK;
    out->size = last.height;
    if (last.round == CY_NO_ROUND)
        return CY_OK; /* no vote of it is known */
    cy_vote_write(&text, &last);
    out->said = cy_text_bytes(&text);
    if (lock.round != CY_NO_ROUND) {
        cy_put_u32be(desk->locked, lock.round);
        memcpy(desk->locked + 4, lock.value.b, sizeof lock.value.b);
        out->locked = cy_span_of(desk->locked, sizeof desk->locked);
    }
    return CY_OK;
}

/* --- packets --- */

static cy_err sign_packet(struct cy_signer_desk *desk, const struct cy_signer_request *request)
{
    const struct cy_span packet = request->packet;
    const struct cy_kept_key *kept = NULL;

    CY_TRY(wanted(desk, &request->key, CY_PURPOSE_PEER, &kept));
    if (packet.n < PACKET_LEAST || memcmp(packet.at, PACKET_BEGINS, sizeof PACKET_BEGINS - 1) != 0)
        return cy_fail(CY_E_SIGNER_REQUEST, 15);
    if (memcmp(packet.at + PACKET_KEY_AT, request->key.b, sizeof request->key.b) != 0)
        return cy_fail(CY_E_SIGNER_REQUEST, 15);
    return cy_keystore_sign(desk->store, &request->key, CY_PURPOSE_PEER, packet, &desk->signature);
}

/* --- statements --- */

static cy_err sign_statement(struct cy_signer_desk *desk, const struct cy_signer_request *request)
{
    struct cy_cbor_writer writer = cy_cbor_write(desk->to_sign, sizeof desk->to_sign);
    const struct cy_kept_key *kept = NULL;
    struct cy_statement statement;
    char what[LOG_SENTENCE];
    struct cy_text line = cy_text_on(what, sizeof what);

    CY_TRY(wanted(desk, &request->key, CY_PURPOSE_ACT, &kept));
    if (kept->standby)
        return cy_fail(CY_E_SIGNER_STANDBY, 0);
    CY_TRY(cy_statement_payload_read(request->payload, &statement));
    CY_TRY(cy_statement_to_sign(&request->key, request->payload, &writer));
    CY_TRY(cy_keystore_sign(desk->store, &request->key, CY_PURPOSE_ACT, cy_cbor_written(&writer),
                            &desk->signature));
    cy_text_add(&line, "asks ");
    cy_text_span(&line, statement.origin);
    cy_text_add(&line, ": ");
    cy_text_span(&line, statement.method);
    cy_text_add(&line, " ");
    cy_text_span(&line, cy_span_of(statement.target.at,
                                   statement.target.n < 200 ? statement.target.n : 200));
    log_signed(desk, "statement", &request->key, what);
    return CY_OK;
}

/* --- boxes --- */

static cy_err open_box(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                       struct cy_signer_response *out)
{
    struct cy_seal_head head;
    char what[LOG_SENTENCE];
    struct cy_text line = cy_text_on(what, sizeof what);

    CY_TRY(cy_seal_head(request->sealed, &head));
    if (head.n != request->sealed.n)
        return cy_fail(CY_E_BAD_SEALED, head.n);
    CY_TRY(cy_keystore_unseal(desk->store, &request->key, request->sealed, &desk->opened));
    out->opened = cy_span_of(desk->opened.body_key, sizeof desk->opened.body_key);
    cy_text_add(&line, "opens a blob of ");
    cy_text_u64(&line, head.size);
    cy_text_add(&line, " bytes, readers ");
    cy_text_u64(&line, head.readers);
    log_signed(desk, "box", &request->key, what);
    return CY_OK;
}

/* --- keys --- */

static void list_keys(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                      struct cy_signer_response *out)
{
    struct cy_cbor_writer writer = cy_cbor_write(desk->list, sizeof desk->list);
    const uint32_t n = cy_keystore_count(desk->store);

    for (uint64_t i = request->from; i < n; i++) {
        const struct cy_kept_key *kept = cy_keystore_at(desk->store, (uint32_t)i);
        const struct cy_signer_key key = {.key = kept->key,
                                          .purpose = kept->purpose,
                                          .created_s = kept->created_ms / 1000,
                                          .standby = kept->standby,
                                          .label = cy_span_of(kept->label, kept->n_label)};

        if (writer.cap - writer.n < LIST_ENTRY) {
            out->more = i;
            break;
        }
        cy_signer_key_write(&key, &writer);
    }
    out->keys = cy_cbor_written(&writer);
}

static cy_err make_key(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                       uint64_t now_ms, struct cy_signer_response *out)
{
    if (request->with_next && request->purpose != CY_PURPOSE_ACT)
        return cy_fail(CY_E_SIGNER_PURPOSE, request->purpose);
    if (request->purpose == CY_PURPOSE_VOTE)
        CY_TRY(need_votes(desk)); /* before the key: a key without a memory opens no more */
    CY_TRY(
        cy_keystore_add(desk->store, request->label, request->purpose, false, now_ms, &out->key));
    if (request->with_next)
        CY_TRY(cy_keystore_add(desk->store, request->label, request->purpose, true, now_ms,
                               &out->next_key));
    log_signed(desk, cy_purpose_text(request->purpose), &out->key, "a new key");
    return CY_OK;
}

/* --- answer --- */

static cy_err answer(struct cy_signer_desk *desk, const struct cy_signer_request *request,
                     uint64_t now_ms, struct cy_signer_response *out, bool *held)
{
    cy_err done = CY_OK;

    switch ((enum cy_signer_op)request->op) {
    case CY_SIGNER_LIST: list_keys(desk, request, out); return CY_OK;
    case CY_SIGNER_MAKE: return make_key(desk, request, now_ms, out);
    case CY_SIGNER_DESCRIBE: return describe(desk, request, out);
    case CY_SIGNER_HEAD: return find_head(desk, request, out);
    case CY_SIGNER_OPEN: return open_box(desk, request, out);
    case CY_SIGNER_VOTE_LAST: return last_vote(desk, request, out);
    case CY_SIGNER_PEER: done = sign_packet(desk, request); break;
    case CY_SIGNER_VOTE:
        *held = true;
        done = sign_vote(desk, request, out);
        break;
    case CY_SIGNER_ACT: done = sign_act(desk, request); break;
    case CY_SIGNER_STATEMENT: done = sign_statement(desk, request); break;
    case CY_SIGNER_RECEIPT:
        *held = true;
        done = sign_receipt(desk, request, out);
        break;
    case CY_SIGNER_CHECKPOINT:
        *held = true;
        done = sign_checkpoint(desk, request, out);
        break;
    case CY_SIGNER_COSIGN:
        *held = true;
        done = cosign(desk, request, now_ms, out);
        break;
    default: return cy_fail(CY_E_SIGNER_REQUEST, 1);
    }
    if (cy_ok(done))
        out->signature = cy_span_of(desk->signature.b, sizeof desk->signature.b);
    return done;
}

void cy_signer_desk_answer(struct cy_signer_desk *desk, struct cy_span request, uint64_t now_ms,
                           struct cy_signer_response *out, bool *held)
{
    struct cy_signer_request read;
    cy_err done = cy_signer_request_read(request, &read);

    *out = (struct cy_signer_response){.id = read.id};
    *held = false;
    desk->scratch.used = 0;
    cy_wipe(&desk->opened, sizeof desk->opened);
    if (cy_ok(done))
        done = answer(desk, &read, now_ms, out, held);
    if (!cy_ok(done)) {
        *held = false;
        out->code = (uint64_t)done.code;
        out->detail = done.detail;
        log_refused(desk, &read, done);
    }
}
