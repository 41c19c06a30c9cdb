#include "place.h"

#include "crypto/ed25519.h"

#include <sodium.h>
#include <sys/mman.h>

static cy_err sign_head(void *self, struct cy_span checkpoint, const struct cy_id *proof,
                        uint32_t n, uint8_t signature[64])
{
    struct place *place = self;

    (void)proof;
    (void)n;
    if (!cy_ok(place->signer_answers))
        return place->signer_answers;
    crypto_sign_detached(signature, NULL, checkpoint.at, checkpoint.n,
                         place->rig->secret[RIG_KEYS - 1]);
    place->heads++;
    return CY_OK;
}

struct place *place_new(void)
{
    return place_named("test.example/ledger", 1);
}

struct place *place_named(const char *origin, uint8_t number)
{
    return place_with(origin, number, NULL, 0);
}

struct place *place_with(const char *origin, uint8_t number,
                         const struct cy_institution *const *roster, size_t n_roster)
{
    static const struct cy_limit limits[] = {
        {CY_R_seen, 4096}
    };
    struct place *place = calloc(1, sizeof *place);

    place->rig = rig_named(origin, number, roster, n_roster);
    assert_true(place->rig->act.n <= sizeof place->genesis);
    place->n_genesis = place->rig->act.n;
    memcpy(place->genesis, place->rig->act.at, place->n_genesis);
    place->sim = cy_sim_disk_new();
    place->disk = cy_sim_disk_face(place->sim);
    place->signer = (struct cy_head_signer){place, sign_head};
    place->options = (struct cy_cell_options){
        .limits = limits,
        .n_limits = CY_COUNT(limits),
        .roster = roster,
        .n_roster = n_roster,
        .records_max = 8192,
        .batch_bytes = 1 << 18,
        .segment_bytes = 1 << 20,
        .salt = {7, 7, 7}
    };
    assert_ok(cy_crypto_start());
    return place;
}

static void release(struct place *place)
{
    if (place->fresh.at != NULL)
        munmap(place->fresh.at, place->fresh.cap);
    place->fresh.at = NULL;
    place->open = false;
}

void place_free(struct place *place)
{
    release(place);
    cy_sim_disk_free(place->sim);
    rig_free(place->rig);
    free(place);
}

cy_err place_open(struct place *place)
{
    const size_t bytes = cy_cell_bytes(&place->options);
    cy_err err = CY_OK;

    assert_false(place->open);
    place->fresh = cy_arena_on(mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
                               bytes);
    memset(&place->fault, 0, sizeof place->fault);
    err = cy_cell_open(&place->cell, &place->disk, &place->options, &place->fresh, &place->report,
                       &place->fault);
    if (!cy_ok(err))
        release(place);
    else
        place->open = true;
    return err;
}

void place_close(struct place *place)
{
    assert_true(place->open);
    assert_ok(cy_cell_close(&place->cell));
    release(place);
}

void place_drop(struct place *place)
{
    release(place);
}

void place_begin(struct place *place)
{
    assert_ok(place_open(place));
    assert_ok(place_take(place, cy_span_of(place->genesis, place->n_genesis)));
}

cy_err place_take(struct place *place, struct cy_span bytes)
{
    struct cy_act act;
    uint64_t at = 0;
    cy_err err = CY_OK;

    place->acts = cy_arena_on(place->act_memory, sizeof place->act_memory);
    place->verdict = (struct cy_verdict){.err = cy_act_open(bytes, &place->acts, &act)};
    CY_TRY(place->verdict.err);
    cy_cell_judge(&place->cell, &act, &place->verdict);
    CY_TRY(place->verdict.err);
    err = cy_cell_accept(&place->cell, &act, &at);
    if (err.code != CY_E_NO_ROOM)
        return err;
    CY_TRY(place_write(place));
    return cy_cell_accept(&place->cell, &act, &at);
}

cy_err place_both(struct place *place, struct cy_span act)
{
    const cy_err there = rig_send(place->rig, act);
    const cy_err here = place_take(place, act);

    assert_int_equal(there.code, here.code);
    return here;
}

cy_err place_do(struct place *place, unsigned n, const struct cy_schema *schema,
                const void *message)
{
    const struct cy_claims claims = rig_claims(place->rig, n);

    return place_both(place, rig_build(place->rig, &claims, schema, message, &n, 1));
}

void place_passport(struct place *place, unsigned n, const char *name)
{
    rig_passport(place->rig, n, CY_kind_PERSON, name);
    assert_ok(place_take(place, place->rig->act));
}

void place_tick(struct place *place, uint64_t ms)
{
    struct cy_id root;

    place->rig->now += ms;
    assert_ok(cy_cell_state_root(&place->cell, &root));
    assert_ok(PLACE_DO(place, 0, tick, .now = place->rig->now, .state_root = root));
}

cy_err place_write(struct place *place)
{
    struct cy_commit commit;
    cy_err err = CY_OK;

    if (!cy_cell_cut(&place->cell, &commit))
        return CY_OK;
    err = cy_cell_write(&commit);
    if (cy_ok(err))
        err = cy_cell_tiles(&place->cell, &commit);
    cy_cell_done(&place->cell, &commit, err);
    return err;
}

cy_err place_publish(struct place *place)
{
    CY_TRY(place_write(place));
    return cy_cell_publish(&place->cell, &place->signer);
}

struct cy_id place_world(const struct cy_world *world)
{
    struct cy_sha256_stream stream;

    cy_sha256_begin(&stream);
    for (uint32_t i = 0; i < world->n_tables; i++) {
        const struct cy_world_table *table = &world->tables[i];
        uint8_t head[8];

        cy_put_u32be(head, table->spec->schema->number);
        cy_put_u32be(head + 4, table->table.n);
        cy_sha256_more(&stream, cy_span_of(head, sizeof head));
        for (uint32_t r = 0; r < table->table.n; r++) {
            /* As the state tree has it: the padding of a record is nobody's state. */
            uint8_t value[CY_STATE_VALUE_MAX];
            const uint8_t *record =
                (const uint8_t *)table->table.records + (size_t)r * table->table.size;

            cy_sha256_more(&stream, cy_state_value(table->spec->schema, record, value));
        }
    }
    return cy_sha256_end(&stream);
}

void place_same(struct place *place)
{
    const struct cy_id here = place_world(&place->cell.engine.world);
    const struct cy_id there = place_world(&place->rig->engine.world);

    assert_int_equal(place->cell.size, place->rig->at);
    assert_memory_equal(here.b, there.b, 32);
}
