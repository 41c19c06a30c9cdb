#include "realm/finality.h"

#include "kernel/note_line.h"

/* --- policy --- */

/* The name under which a key cosigns: its trustee's, or that of the seat which has or had it. The
 * policy may name a key that was laid down, until another policy is set: what it cosigned counts,
 * so it must stand in the note. */
static bool name_of(const struct cy_world *world, const struct cy_id *key, struct cy_name *out)
{
    const struct cy_trustee *trustee = CY_GET(world, trustee, key);
    const struct cy_seat_key *record = CY_GET(world, seat_key, key);

    if (trustee == NULL && record == NULL)
        return false;
    *out = trustee != NULL ? trustee->name : record->name;
    return true;
}

static void add_cosigner(struct cy_finality *f, const struct cy_world *world,
                         const struct cy_id *key)
{
    struct cy_cosigner *cosigner = &f->cosigners[f->n];

    if (f->n == CY_FINALITY_COSIGNERS || !name_of(world, key, &cosigner->name))
        return;
    cosigner->key = *key;
    cosigner->note_id = cy_note_key_id(cy_name_text(&cosigner->name), CY_NOTE_COSIGNATURE, key);
    f->n++;
}

void cy_finality_roll(struct cy_finality *f, const struct cy_world *world)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});

    f->n = 0;
    f->policy.n = 0;
    if (realm == NULL)
        return;
    f->origin = realm->name;
    cy_policy_tree_get(world, &f->policy);
    for (uint32_t i = 0; i < f->policy.n; i++) {
        if (!cy_id_none(&f->policy.node[i].key))
            add_cosigner(f, world, &f->policy.node[i].key);
    }
}

static uint32_t cosigner_of(const struct cy_finality *f, const struct cy_id *key)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (cy_id_eq(&f->cosigners[i].key, key))
            return i;
    }
    return f->n;
}

static bool signed_by(const struct cy_agreed *head, const struct cy_id *key)
{
    for (uint32_t i = 0; i < head->n; i++) {
        if (cy_id_eq(&head->lines[i].key, key))
            return true;
    }
    return false;
}

static bool met(const struct cy_finality *f, const struct cy_agreed *head)
{
    struct cy_quorum_set signers = {{0}};

    for (uint32_t i = 0; i < f->policy.n; i++) {
        const struct cy_id *key = &f->policy.node[i].key;

        if (!cy_id_none(key) && signed_by(head, key))
            cy_quorum_put(&signers, i);
    }
    return cy_policy_tree_met(&f->policy, &signers);
}

/* --- heads --- */

static struct cy_agreed *find(struct cy_finality *f, uint64_t size)
{
    for (uint32_t i = 0; i < CY_FINALITY_HEADS; i++) {
        if (f->heads[i].size == size)
            return &f->heads[i];
    }
    return NULL;
}

const struct cy_agreed *cy_finality_head(const struct cy_finality *f, uint64_t size)
{
    for (uint32_t i = 0; i < CY_FINALITY_HEADS; i++) {
        if (size != 0 && f->heads[i].size == size)
            return &f->heads[i];
    }
    return NULL;
}

const struct cy_agreed *cy_finality_last(const struct cy_finality *f)
{
    return cy_finality_head(f, f->size);
}

static void put(struct cy_agreed *head, const struct cy_peer_cosignature *cosignature)
{
    if (head->n == CY_FINALITY_COSIGNERS || signed_by(head, &cosignature->key))
        return;
    head->lines[head->n].key = cosignature->key;
    memcpy(head->lines[head->n++].blob, cosignature->blob, CY_COSIGNATURE_BYTES);
}

void cy_finality_agreed(struct cy_finality *f, uint64_t height, uint64_t size,
                        const struct cy_id *root)
{
    struct cy_agreed *head = &f->heads[height % CY_FINALITY_HEADS];

    *head = (struct cy_agreed){.height = height, .size = size, .root = *root};
    f->size = size;
    for (uint32_t c = 0; c < f->n; c++) {
        for (uint32_t i = 0; i < CY_FINALITY_EARLY; i++) {
            const struct cy_peer_cosignature *early = &f->early[c][i];

            if (early->size == size && cy_id_eq(&early->root, root) &&
                cosigner_of(f, &early->key) < f->n)
                put(head, early);
        }
    }
}

uint64_t cy_finality_bit(const struct cy_finality *f, const struct cy_id *key)
{
    const uint32_t at = cosigner_of(f, key);

    return at == f->n ? 0 : (uint64_t)1 << at;
}

uint64_t cy_finality_cosigned(const struct cy_finality *f, const struct cy_agreed *head)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < head->n; i++)
        bits |= cy_finality_bit(f, &head->lines[i].key);
    return bits;
}

/* --- cosignatures --- */

static cy_err verify(const struct cy_finality *f, const struct cy_peer_cosignature *cosignature)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_checkpoint_write(&text, cy_name_text(&f->origin), cosignature->size, &cosignature->root);
    CY_ASSERT(!text.full);
    return cy_cosignature_holds(cy_span_of(cosignature->blob, sizeof cosignature->blob),
                                &cosignature->key, cy_text_bytes(&text))
               ? CY_OK
               : cy_fail(CY_E_BAD_SIGNATURE, 0);
}

/* The head is not agreed here yet, or another one is. */
static void keep_early(struct cy_finality *f, uint32_t cosigner,
                       const struct cy_peer_cosignature *cosignature)
{
    f->early[cosigner][f->n_early[cosigner]++ % CY_FINALITY_EARLY] = *cosignature;
}

/* What the same key cosigned of another head of that size: the agreed one, or one kept early. */
static bool rival_of(const struct cy_finality *f, uint32_t cosigner,
                     const struct cy_peer_cosignature *line, struct cy_peer_cosignature *out)
{
    const struct cy_agreed *head = cy_finality_head(f, line->size);

    for (uint32_t i = 0; head != NULL && i < head->n && !cy_id_eq(&head->root, &line->root); i++) {
        if (!cy_id_eq(&head->lines[i].key, &line->key))
            continue;
        *out =
            (struct cy_peer_cosignature){.size = head->size, .root = head->root, .key = line->key};
        memcpy(out->blob, head->lines[i].blob, sizeof out->blob);
        return true;
    }
    for (uint32_t i = 0; i < CY_FINALITY_EARLY; i++) {
        *out = f->early[cosigner][i];
        if (out->size == line->size && cy_id_eq(&out->key, &line->key) &&
            !cy_id_eq(&out->root, &line->root))
            return true;
    }
    return false;
}

static void look_for_rival(struct cy_finality *f, uint32_t cosigner,
                           const struct cy_peer_cosignature *line)
{
    struct cy_peer_cosignature rival;

    if (!f->twice.here && rival_of(f, cosigner, line, &rival))
        f->twice = (struct cy_cosigned_twice){
            true, {rival, *line}
        };
}

bool cy_finality_twice(struct cy_finality *f, struct cy_cosigned_twice *out)
{
    *out = f->twice;
    f->twice.here = false;
    return out->here;
}

/* Nothing can be learned from it: it is here, or nobody remembers a head of that size. */
static bool unasked(const struct cy_finality *f, const struct cy_agreed *head,
                    const struct cy_peer_cosignature *line)
{
    if (head == NULL)
        return line->size <= f->final_size || line->size <= f->size;
    return cy_id_eq(&head->root, &line->root) && signed_by(head, &line->key);
}

cy_err cy_finality_add(struct cy_finality *f, const struct cy_peer_cosignature *cosignature)
{
    const uint32_t cosigner = cosigner_of(f, &cosignature->key);
    struct cy_agreed *head = find(f, cosignature->size);

    if (cosigner == f->n)
        return cy_fail(CY_E_UNSEATED, 0);
    if (unasked(f, head, cosignature))
        return cy_fail(CY_E_UNASKED, 0);
    CY_TRY(verify(f, cosignature));
    look_for_rival(f, cosigner, cosignature);
    if (head != NULL && cy_id_eq(&head->root, &cosignature->root)) {
        put(head, cosignature);
        return CY_OK;
    }
    keep_early(f, cosigner, cosignature);
    return head == NULL ? CY_OK : cy_fail(CY_E_OTHER_HEAD, cosignature->size);
}

const struct cy_agreed *cy_finality_newest(const struct cy_finality *f)
{
    const struct cy_agreed *best = NULL;

    for (uint32_t i = 0; i < CY_FINALITY_HEADS; i++) {
        const struct cy_agreed *head = &f->heads[i];

        if (head->size > f->final_size && (best == NULL || head->size > best->size) && met(f, head))
            best = head;
    }
    return best;
}

void cy_finality_note(const struct cy_finality *f, const struct cy_agreed *head,
                      struct cy_text *note)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_checkpoint_write(&text, cy_name_text(&f->origin), head->size, &head->root);
    cy_note_begin(note, cy_text_bytes(&text));
    for (uint32_t c = 0; c < f->n; c++) {
        for (uint32_t i = 0; i < head->n; i++) {
            if (cy_id_eq(&head->lines[i].key, &f->cosigners[c].key))
                cy_note_line(note, cy_name_text(&f->cosigners[c].name), f->cosigners[c].note_id,
                             cy_span_of(head->lines[i].blob, CY_COSIGNATURE_BYTES));
        }
    }
}

void cy_finality_line(const struct cy_finality *f, const struct cy_peer_cosignature *line,
                      struct cy_span name, struct cy_text *note)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_checkpoint_write(&text, cy_name_text(&f->origin), line->size, &line->root);
    cy_note_begin(note, cy_text_bytes(&text));
    cy_note_line(note, name, cy_note_key_id(name, CY_NOTE_COSIGNATURE, &line->key),
                 cy_span_of(line->blob, sizeof line->blob));
}

/* --- notes of others --- */

static uint32_t cosigner_named(const struct cy_finality *f, const struct cy_note_signature *line)
{
    for (uint32_t c = 0; c < f->n; c++) {
        if (f->cosigners[c].note_id == line->key_id &&
            cy_span_eq(cy_name_text(&f->cosigners[c].name), line->name))
            return c;
    }
    return f->n;
}

cy_err cy_finality_take(struct cy_finality *f, struct cy_span bytes)
{
    struct cy_checkpoint checkpoint;
    struct cy_note note;

    CY_TRY(cy_note_read(bytes, &note));
    CY_TRY(cy_checkpoint_read(note.text, &checkpoint));
    if (!cy_span_eq(checkpoint.origin, cy_name_text(&f->origin)))
        return cy_fail(CY_E_OTHER_LOG, 0);
    if (checkpoint.extension.n > 0)
        return cy_fail(CY_E_BAD_CHECKPOINT, 4);
    for (uint32_t i = 0; i < note.n; i++) {
        struct cy_peer_cosignature line = {.size = checkpoint.size, .root = checkpoint.root};
        const uint32_t cosigner = cosigner_named(f, &note.signatures[i]);
        size_t n = 0;
        cy_err err = CY_OK;

        if (cosigner == f->n)
            continue;
        line.key = f->cosigners[cosigner].key;
        if (!cy_ok(cy_note_blob(&note.signatures[i], line.blob, sizeof line.blob, &n)) ||
            n != sizeof line.blob)
            return cy_fail(CY_E_BAD_NOTE, i);
        err = cy_finality_add(f, &line);
        if (!cy_ok(err) && err.code != CY_E_UNASKED)
            return err;
    }
    return CY_OK;
}
