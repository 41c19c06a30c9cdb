#include "sim/sim_book.h"

#include "crypto/note_key.h"
#include "kernel/act.h"
#include "ledger/checkpoint.h"
#include "ledger/tree_walk.h"
#include "verify/two_statements.h"
#include "wire/equivocation.h"

#include <stdlib.h>

#define ACT_ARENA ((size_t)1 << 20)
#define FILE_MAX ((size_t)32 << 10) /* bytes of a file of evidence */

struct agreed {
    uint64_t size; /* 0: not agreed yet */
    struct cy_id root;
    struct cy_id world;
    bool has_world;
    bool final;
};

struct acked {
    struct cy_id act;
    uint64_t at;
};

struct cosigned {
    uint64_t size;
    struct cy_id root;
};

struct owned {
    struct cy_id key;
    uint32_t member;
};

struct policy {
    struct cy_id digest;
    struct cy_quorum quorum;
};

struct cy_sim_book {
    struct cy_sim_book_options options;
    struct policy *policies; /* that were offered */
    size_t n_policies;
    size_t policies_cap;
    struct owned *keys;
    size_t n_keys;
    size_t keys_cap;
    struct agreed *agreed; /* by height */
    uint64_t agreed_cap;
    uint64_t height;
    struct acked *acked;
    size_t n_acked;
    size_t n_seen; /* of them, looked for where they should stand */
    size_t acked_cap;
    struct cosigned *cosigned; /* in order of size */
    size_t n_cosigned;
    size_t cosigned_cap;
    uint64_t finals;
    uint64_t slashes;
    struct cy_arena acts;
    uint8_t *room;
    uint8_t file[FILE_MAX];
};

/* Room for one item more at the end of a list. */
static void *more(void *list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return list;
    *cap = *cap == 0 ? 256 : *cap * 2;
    list = realloc(list, *cap * size);
    CY_ASSERT(list != NULL);
    return list;
}

struct cy_sim_book *cy_sim_book_new(const struct cy_sim_book_options *options)
{
    struct cy_sim_book *book = calloc(1, sizeof *book);
    void *acts = malloc(ACT_ARENA);

    CY_ASSERT(book != NULL);
    CY_ASSERT(acts != NULL);
    book->options = *options;
    book->acts = cy_arena_on(acts, ACT_ARENA);
    book->room = malloc((size_t)1 << 20);
    CY_ASSERT(book->room != NULL);
    cy_sim_book_policy(book, cy_span_text(options->policy));
    for (uint32_t i = 0; i < options->n_seats; i++) {
        for (unsigned k = 0; k < CY_SIM_SEAT_KEYS; k++)
            cy_sim_book_key(book, &options->seats[i]->key[k], i);
    }
    return book;
}

static const struct cy_quorum *policy_of(const struct cy_sim_book *book, const struct cy_id *digest)
{
    for (size_t i = 0; i < book->n_policies; i++) {
        if (cy_id_eq(&book->policies[i].digest, digest))
            return &book->policies[i].quorum;
    }
    return NULL;
}

void cy_sim_book_policy(struct cy_sim_book *book, struct cy_span text)
{
    const struct cy_id digest = cy_sha256(text);
    struct policy *policy = NULL;

    if (policy_of(book, &digest) != NULL)
        return;
    book->policies =
        more(book->policies, book->n_policies, &book->policies_cap, sizeof *book->policies);
    policy = &book->policies[book->n_policies++];
    policy->digest = digest;
    if (!cy_ok(cy_quorum_read(text, &policy->quorum)))
        CY_NEVER("the policy was made here");
}

void cy_sim_book_key(struct cy_sim_book *book, const struct cy_id *key, uint32_t member)
{
    book->keys = more(book->keys, book->n_keys, &book->keys_cap, sizeof *book->keys);
    book->keys[book->n_keys++] = (struct owned){*key, member};
}

void cy_sim_book_free(struct cy_sim_book *book)
{
    if (book == NULL)
        return;
    free(book->policies);
    free(book->keys);
    free(book->agreed);
    free(book->acked);
    free(book->cosigned);
    free(book->acts.at);
    free(book->room);
    free(book);
}

void cy_sim_book_traitor(struct cy_sim_book *book, uint32_t member)
{
    book->options.traitors |= (uint64_t)1 << member;
}

/* --- what is agreed --- */

static struct agreed *height_of(struct cy_sim_book *book, uint64_t height)
{
    while (height >= book->agreed_cap) {
        const uint64_t cap = book->agreed_cap == 0 ? 256 : book->agreed_cap * 2;

        book->agreed = realloc(book->agreed, cap * sizeof *book->agreed);
        CY_ASSERT(book->agreed != NULL);
        memset(book->agreed + book->agreed_cap, 0, (cap - book->agreed_cap) * sizeof *book->agreed);
        book->agreed_cap = cap;
    }
    return &book->agreed[height];
}

const char *cy_sim_book_agreed(struct cy_sim_book *book, uint64_t height, uint64_t size,
                               const struct cy_id *root)
{
    struct agreed *agreed = height_of(book, height);

    if (agreed->size == 0) {
        agreed->size = size;
        agreed->root = *root;
        if (height > book->height)
            book->height = height;
        return NULL;
    }
    if (agreed->size != size || !cy_id_eq(&agreed->root, root))
        return "two honest members agreed on two heads of one height";
    return NULL;
}

const char *cy_sim_book_world(struct cy_sim_book *book, uint64_t height, const struct cy_id *digest)
{
    struct agreed *agreed = height_of(book, height);

    if (!agreed->has_world) {
        agreed->has_world = true;
        agreed->world = *digest;
        return NULL;
    }
    return cy_id_eq(&agreed->world, digest)
               ? NULL
               : "two honest members have different records at one height";
}

const char *cy_sim_book_cosigned(struct cy_sim_book *book, uint64_t size, const struct cy_id *root)
{
    size_t i = book->n_cosigned;

    while (i > 0 && book->cosigned[i - 1].size > size)
        i--;
    if (i > 0 && book->cosigned[i - 1].size == size)
        return cy_id_eq(&book->cosigned[i - 1].root, root)
                   ? NULL
                   : "honest seats cosigned two heads of one size";
    book->cosigned =
        more(book->cosigned, book->n_cosigned, &book->cosigned_cap, sizeof *book->cosigned);
    memmove(&book->cosigned[i + 1], &book->cosigned[i],
            (book->n_cosigned - i) * sizeof *book->cosigned);
    book->cosigned[i] = (struct cosigned){size, *root};
    book->n_cosigned++;
    return NULL;
}

/* --- what is final --- */

/* The witnesses of the policy whose cosignature stands in the note and verifies. */
static const char *signers_of(const struct cy_quorum *policy, const struct cy_note *note,
                              struct cy_quorum_set *out)
{
    *out = (struct cy_quorum_set){0};
    for (uint32_t i = 0; i < policy->n; i++) {
        const struct cy_quorum_node *node = &policy->nodes[i];
        struct cy_note_verdict verdict = {0};
        struct cy_note_key key;
        cy_err err = CY_OK;

        if (node->need != 0)
            continue;
        if (!cy_ok(cy_note_key_of(node->name, CY_NOTE_COSIGNATURE, &node->key, &key)))
            CY_NEVER("the policy's names are names");
        err = cy_note_verify(note, &key, 1, &verdict);
        if (!cy_ok(err) && err.code != CY_E_NOT_SIGNED)
            return "a final head carries a bad cosignature";
        if (cy_ok(err) && verdict.good)
            cy_quorum_put(out, i);
    }
    return NULL;
}

const char *cy_sim_book_final(struct cy_sim_book *book, uint64_t height, const struct cy_head *head,
                              const struct cy_id *policy)
{
    const struct cy_quorum *quorum = policy_of(book, policy);
    struct cy_quorum_set signers;
    struct agreed *agreed = height_of(book, height);
    struct cy_checkpoint text;
    struct cy_note note;
    const char *wrong = NULL;

    if (!cy_ok(cy_note_read(cy_span_of(head->note, head->n), &note)) ||
        !cy_ok(cy_checkpoint_read(note.text, &text)) || text.size != head->size ||
        !cy_id_eq(&text.root, &head->root) ||
        !cy_span_eq(text.origin, cy_span_text(book->options.origin)))
        return "a final head is not the note of its checkpoint";
    if (quorum == NULL)
        return "a policy is in force that nobody offered";
    wrong = signers_of(quorum, &note, &signers);
    if (wrong != NULL)
        return wrong;
    if (!cy_quorum_met(quorum, &signers))
        return "a head is called final that does not meet the policy";
    if (agreed->size == 0 || agreed->size != head->size || !cy_id_eq(&agreed->root, &head->root))
        return "a head is final that was not agreed";
    book->finals += !agreed->final;
    agreed->final = true;
    return NULL;
}

/* --- what was promised to authors --- */

const char *cy_sim_book_acked(struct cy_sim_book *book, const struct cy_id *act, uint64_t at)
{
    for (size_t i = 0; i < book->n_acked; i++) {
        const bool same_act = cy_id_eq(&book->acked[i].act, act);

        if (same_act && book->acked[i].at == at)
            return NULL;
        if (same_act)
            return "one act was acknowledged at two places";
        if (book->acked[i].at == at)
            return "two acts were acknowledged at one place";
    }
    book->acked = more(book->acked, book->n_acked, &book->acked_cap, sizeof *book->acked);
    book->acked[book->n_acked++] = (struct acked){*act, at};
    return NULL;
}

const char *cy_sim_book_convicted(struct cy_sim_book *book, uint32_t member)
{
    return (book->options.traitors >> member & 1) != 0 ? NULL : "an honest member was convicted";
}

/* --- the ledger read again --- */

/* Whose key it is; UINT32_MAX: nobody's. */
static uint32_t owner_of(const struct cy_sim_book *book, const struct cy_id *key)
{
    for (size_t i = 0; i < book->n_keys; i++) {
        if (cy_id_eq(&book->keys[i].key, key))
            return book->keys[i].member;
    }
    return UINT32_MAX;
}

/* What the verifier says of a conviction, made a file as `comity verify` reads it. */
static bool judged_again(struct cy_sim_book *book, const struct cy_equivocation *what)
{
    static const struct cy_trust nobody;
    struct cy_text file = cy_text_on((char *)book->file, FILE_MAX);
    struct comity_report report;

    cy_equivocation_write(&file, what);
    if (file.full)
        return false;
    cy_report_begin(&report);
    return cy_check_evidence(cy_text_bytes(&file), &nobody, &report) && report.convicts == 1;
}

static const char *read_conviction(struct cy_sim_book *book, const struct cy_equivocate *act)
{
    const uint32_t member = owner_of(book, &act->of_key);
    struct cy_equivocation what = {
        .kind = act->kind,
        .key = act->of_key,
        .has_prefix = !cy_id_none(&act->prefix),
        .prefix = act->prefix,
        .n = (uint32_t)(act->path.n / sizeof(struct cy_id)),
        .notes = {act->one, act->another}
    };

    if (what.n > CY_COUNT(what.path))
        return "a conviction rests on a path that is too long";
    if (what.n > 0)
        memcpy(what.path, act->path.at, what.n * sizeof what.path[0]);
    if (member == UINT32_MAX)
        return "a key was convicted that no seat has";
    if (!judged_again(book, &what))
        return "the verifier does not convict by the evidence of a conviction";
    if (cy_sim_book_convicted(book, member) != NULL)
        return "the ledger convicts an honest member";
    book->slashes++;
    return NULL;
}

static const char *read_entry(struct cy_sim_book *book, struct cy_span entry, uint64_t at,
                              struct cy_id *ids, uint64_t *accepted)
{
    struct cy_act act;

    cy_arena_rewind(&book->acts, 0);
    if (!cy_ok(cy_act_open(entry, &book->acts, &act)))
        return "an entry of the ledger is no act";
    ids[at] = act.id;
    accepted[act.any.schema->number]++;
    if (act.any.schema == &cy_schema_equivocate)
        return read_conviction(book, act.any.message);
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct cy_id));
}

/* No act stands twice. Leaves the ids sorted. */
static const char *check_once(struct cy_id *ids, uint64_t size)
{
    qsort(ids, size, sizeof *ids, by_bytes);
    for (uint64_t i = 1; i < size; i++) {
        if (cy_id_eq(&ids[i - 1], &ids[i]))
            return "an act stands twice in the ledger";
    }
    return NULL;
}

static const char *check_acked(const struct cy_sim_book *book, const struct cy_id *ids,
                               uint64_t size)
{
    for (size_t i = 0; i < book->n_acked; i++) {
        const struct acked *acked = &book->acked[i];

        if (acked->at >= size || !cy_id_eq(&ids[acked->at], &acked->act))
            return "an acknowledged act is lost";
    }
    return NULL;
}

void cy_sim_book_unseen(struct cy_sim_book *book)
{
    book->n_seen = book->n_acked;
}

const char *cy_sim_book_stands(struct cy_sim_book *book, struct cy_cell *cell)
{
    struct cy_disk_fault fault;
    struct cy_act act;
    size_t n = 0;

    for (; book->n_seen < book->n_acked; book->n_seen++) {
        const struct acked *acked = &book->acked[book->n_seen];

        cy_arena_rewind(&book->acts, 0);
        if (acked->at >= cy_tree_flushed(&cell->tree))
            return "an act was acknowledged that does not stand in the ledger";
        if (!cy_ok(cy_tree_entry(&cell->tree, acked->at, book->room, CY_ENTRY_MAX, &n, &fault)))
            return "the ledger of an honest member cannot be read";
        if (!cy_ok(cy_act_open(cy_span_of(book->room, n), &book->acts, &act)) ||
            !cy_id_eq(&act.id, &acked->act))
            return "an act was acknowledged where another one stands";
    }
    return NULL;
}

const char *cy_sim_book_read(struct cy_sim_book *book, struct cy_cell *cell, uint64_t *accepted)
{
    const uint64_t size = cy_tree_flushed(&cell->tree);
    struct cy_id *ids = calloc(size + 1, sizeof *ids);
    struct cy_span entries[CY_TILE_WIDTH];
    struct cy_disk_fault fault;
    struct cy_tree_walk walk;
    const char *wrong = NULL;
    uint64_t at = 0;
    uint32_t n = 0;

    CY_ASSERT(ids != NULL);
    cy_tree_walk_begin(&walk, &cell->tree, 0, size);
    do {
        if (!cy_ok(cy_tree_walk_read(&walk, book->room, (size_t)1 << 20, entries, &n, &fault)))
            wrong = "the ledger of an honest member cannot be read";
        for (uint32_t i = 0; i < n && wrong == NULL; i++)
            wrong = read_entry(book, entries[i], at++, ids, accepted);
    } while (n > 0 && wrong == NULL);
    cy_tree_walk_end(&walk);
    if (wrong == NULL && !cy_ok(cy_tree_verify(&cell->tree, &fault)))
        wrong = "the tiles of an honest member do not hold";
    if (wrong == NULL)
        wrong = check_acked(book, ids, size);
    if (wrong == NULL)
        wrong = check_once(ids, size);
    free(ids);
    return wrong;
}

/* --- figures --- */

uint64_t cy_sim_book_height(const struct cy_sim_book *book)
{
    return book->height;
}

uint64_t cy_sim_book_acks(const struct cy_sim_book *book)
{
    return book->n_acked;
}

uint64_t cy_sim_book_finals(const struct cy_sim_book *book)
{
    return book->finals;
}

uint64_t cy_sim_book_slashes(const struct cy_sim_book *book)
{
    return book->slashes;
}
