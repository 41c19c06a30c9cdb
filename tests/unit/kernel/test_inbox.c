/* inbox: a cell that does not answer what is posted for it cannot record its epochs. */
#include "federation.h"

#define FOUR 0xfu
#define THREE 0x7u
#define NORTH "north.example/cell"
#define HOUR 3600000u

struct cell {
    struct cy_id leaf[64];
    uint64_t size;
    char note[1024];
};

static struct cy_id cell_root(const struct cell *cell)
{
    return cy_merkle_root(cell->leaf, cell->size);
}

static void grow(struct cell *cell, const struct cy_id *leaf)
{
    cell->leaf[cell->size] = leaf == NULL ? (struct cy_id){{(uint8_t)cell->size, 7}} : *leaf;
    cell->size++;
}

static struct cy_epoch epoch_of(struct fed *fed, struct cell *cell)
{
    const struct cy_id root = cell_root(cell);

    return (struct cy_epoch){
        .origin = rig_name(NORTH),
        .size = cell->size,
        .root = root,
        .rules = 1,
        .head = fed_head(fed, FED_LOG, NORTH, cell->size, &root, cell->note, sizeof cell->note)};
}

static cy_err record(struct fed *fed, struct cell *cell)
{
    const struct cy_epoch m = epoch_of(fed, cell);

    return fed_seat(fed, 0, &cy_schema_epoch, &m);
}

static struct fed *begin(struct cell *cell)
{
    struct fed *fed = fed_new(4, 0);

    *cell = (struct cell){0};
    grow(cell, NULL);
    fed_open(fed, FOUR);
    fed_party(fed, FED_PARTY, "Ada");
    assert_ok(
        FED_ALL_DO(fed, THREE, param_set, .name = rig_label("inbox_least_ms"), .value = 2000));
    return fed;
}

/* Lets time pass: by ms. */
static void wait(struct fed *fed, uint64_t ms)
{
    const cy_time until = fed_realm(fed)->now + ms;

    while (fed_realm(fed)->now <= until)
        fed_open(fed, FOUR);
}

static void epochs_follow_each_other(void **state)
{
    struct cell cell;
    struct fed *fed = begin(&cell);
    struct cy_epoch m;
    const struct cy_name north = rig_name(NORTH);
    const struct cy_cell_epoch *kept = NULL;

    (void)state;
    assert_ok(record(fed, &cell));
    grow(&cell, NULL);
    assert_ok(record(fed, &cell));
    kept = CY_GET(&fed->rig->engine.world, cell_epoch, &north);
    assert_int_equal(kept->size, 2);
    assert_int_equal(kept->number, 2);
    assert_int_equal(fed_seat_at(fed, 0)->spoke, 1);
    m = epoch_of(fed, &cell);
    assert_code(fed_seat(fed, 1, &cy_schema_epoch, &m), NOT_SEATED); /* another's cell */
    m.size = 3;
    assert_code(fed_seat(fed, 0, &cy_schema_epoch, &m), EPOCH_HEAD);
    m = epoch_of(fed, &cell);
    m.root.b[0] ^= 1;
    assert_code(fed_seat(fed, 0, &cy_schema_epoch, &m), EPOCH_HEAD);
    m = epoch_of(fed, &cell);
    cell.note[strlen(cell.note) - 6] ^= 1;
    assert_code(fed_seat(fed, 0, &cy_schema_epoch, &m), EPOCH_HEAD);
    m = epoch_of(fed, &cell);
    m.head = cy_span_text("no note");
    assert_code(fed_seat(fed, 0, &cy_schema_epoch, &m), EPOCH_HEAD);
    cell.size = 1;
    assert_code(record(fed, &cell), EPOCH_BACK);
    cell.size = 2;
    cell.leaf[1].b[0] ^= 1;
    assert_code(record(fed, &cell), EPOCH_BACK); /* the same size, another root */
    fed_free(fed);
}

/* An act of a party for the cell: signed for real, for that cell's realm. */
static struct cy_span some_act(struct fed *fed, cy_time until, uint8_t *out, size_t cap)
{
    const struct cy_tick m = {.now = until};
    const unsigned key = FED_PARTY;
    struct cy_claims claims = rig_claims(fed->rig, FED_PARTY);
    struct cy_span act;

    claims.expires = until / 1000 + 1;
    act = rig_build(fed->rig, &claims, &cy_schema_tick, &m, &key, 1);
    assert_true(act.n <= cap);
    memcpy(out, act.at, act.n);
    return cy_span_of(out, act.n);
}

static cy_err post(struct fed *fed, struct cy_span entry, const struct cy_id *leaf, cy_time until)
{
    return FED_DO(fed, FED_PARTY, inbox_post, .cell = rig_name(NORTH), .entry = entry,
                  .leaf = leaf == NULL ? (struct cy_id){{0}} : *leaf, .until = until);
}

static void an_unanswered_post_stops_epochs(void **state)
{
    struct cell cell;
    struct fed *fed = begin(&cell);
    const cy_time until = fed->rig->now + 3000;
    uint8_t bytes[1024];
    const struct cy_span act = some_act(fed, until, bytes, sizeof bytes);
    const struct cy_id leaf = cy_hash_leaf(act);
    struct cy_id id;
    struct cy_id path[2];
    struct cy_id root;
    char note[1024];

    (void)state;
    assert_ok(record(fed, &cell));
    assert_ok(post(fed, act, NULL, until));
    id = fed->rig->last;
    assert_ok(record(fed, &cell)); /* there is time yet */
    wait(fed, 3000);
    assert_code(record(fed, &cell), INBOX_UNANSWERED);
    /* it takes the act in, and proves it under a head that its log key signed */
    grow(&cell, &leaf);
    grow(&cell, NULL);
    path[0] = cell.leaf[0];
    path[1] = cell.leaf[2];
    root = cell_root(&cell);
#define DONE(what)                                                                                 \
    FED_SEAT(fed, 0, inbox_done, .post = id, .index = 1, .path = cy_span_of(path, sizeof path),    \
             .head = (what))
    assert_code(DONE(cy_span_text("")), INBOX_PROOF); /* not under the newest epoch record */
    assert_code(FED_SEAT(fed, 0, inbox_done, .post = id, .index = 2,
                         .path = cy_span_of(path, sizeof path),
                         .head = fed_head(fed, FED_LOG, NORTH, 3, &root, note, sizeof note)),
                INBOX_PROOF);
    assert_code(FED_SEAT(fed, 0, inbox_done, .post = id, .index = 1, .path = cy_span_of(path, 33),
                         .head = fed_head(fed, FED_LOG, NORTH, 3, &root, note, sizeof note)),
                INBOX_PROOF);
    assert_code(DONE(fed_head(fed, FED_LOG + 1, NORTH, 3, &root, note, sizeof note)), EPOCH_HEAD);
    assert_code(FED_SEAT(fed, 0, inbox_done, .post = leaf), NO_NOUN);
    assert_ok(DONE(fed_head(fed, FED_LOG, NORTH, 3, &root, note, sizeof note)));
    assert_code(DONE(fed_head(fed, FED_LOG, NORTH, 3, &root, note, sizeof note)), INBOX_ANSWERED);
    assert_ok(record(fed, &cell));
    fed_free(fed);
}

static void under_an_epoch_record_anybody_may_show_it(void **state)
{
    struct cell cell;
    struct fed *fed = begin(&cell);
    const struct cy_id leaf = {{42}};
    struct cy_id id;
    struct cy_id path[1];

    (void)state;
    assert_ok(post(fed, cy_span_text(""), &leaf, fed->rig->now + 3000));
    id = fed->rig->last;
    path[0] = cell.leaf[0];
    assert_code(FED_DO(fed, FED_PARTY, inbox_done, .post = id, .index = 1,
                       .path = cy_span_of(path, sizeof path)),
                INBOX_PROOF); /* there is no record yet */
    grow(&cell, &leaf);
    assert_ok(record(fed, &cell));
    assert_ok(FED_DO(fed, FED_PARTY, inbox_done, .post = id, .index = 1,
                     .path = cy_span_of(path, sizeof path)));
    wait(fed, 5000);
    fed_open(fed, FOUR);
    assert_int_equal(cy_world_count(&fed->rig->engine.world, CY_R_inbox), 0); /* swept */
    fed_free(fed);
}

/* The cell's own word that its rules refused it: public, counted, and nobody else's to say. */
static void a_refusal_is_said_in_public(void **state)
{
    struct cell cell;
    struct fed *fed = begin(&cell);
    const struct cy_id leaf = {{42}};
    const struct cy_name north = rig_name(NORTH);
    struct cy_id id;

    (void)state;
    assert_ok(record(fed, &cell));
    assert_ok(post(fed, cy_span_text(""), &leaf, fed->rig->now + 3000));
    id = fed->rig->last;
    assert_code(FED_DO(fed, FED_PARTY, inbox_done, .post = id, .refused = CY_E_INSUFFICIENT),
                NOT_SEATED);
    assert_code(FED_SEAT(fed, 1, inbox_done, .post = id, .refused = CY_E_INSUFFICIENT), NOT_SEATED);
    assert_ok(FED_SEAT(fed, 0, inbox_done, .post = id, .refused = CY_E_INSUFFICIENT));
    assert_int_equal(CY_GET(&fed->rig->engine.world, inbox, &id)->state, CY_inbox_state_REFUSED);
    assert_int_equal(CY_GET(&fed->rig->engine.world, cell_epoch, &north)->refusals, 1);
    fed_free(fed);
}

static void what_cannot_be_posted(void **state)
{
    struct cell cell;
    struct fed *fed = begin(&cell);
    const cy_time until = fed->rig->now + 3000;
    uint8_t bytes[1024];
    struct cy_span act = some_act(fed, until, bytes, sizeof bytes);
    const struct cy_id leaf = {{42}};

    (void)state;
    assert_code(post(fed, act, &leaf, until), INBOX_ENTRY);
    assert_code(post(fed, cy_span_text("no act"), NULL, until), INBOX_ENTRY);
    assert_code(post(fed, cy_span_text(""), NULL, until), MISSING_FIELD);
    assert_code(post(fed, act, NULL, until + 5000), INBOX_ENTRY); /* it expires before */
    assert_code(post(fed, act, NULL, fed->rig->now + 1999), WRONG_TIME);
    assert_code(post(fed, act, NULL, fed->rig->now - 1), WRONG_TIME);
    assert_code(post(fed, act, NULL, fed->rig->now + CY_INBOX_MS_MAX + 1), WRONG_TIME);
    assert_code(FED_DO(fed, FED_PARTY, inbox_post, .cell = rig_name("nobody.example"), .leaf = leaf,
                       .until = until),
                NO_NOUN);
    bytes[act.n - 1] ^= 1; /* its signature */
    assert_code(post(fed, act, NULL, until), INBOX_ENTRY);
    for (unsigned i = 0; i < 8; i++)
        assert_ok(post(fed, cy_span_text(""), &leaf, until + i));
    assert_code(post(fed, cy_span_text(""), &leaf, until + 8), INBOX_FULL);
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("inbox_most"), .value = 8));
    fed_party(fed, FED_PARTY + 1, "Bo");
    assert_code(FED_DO(fed, FED_PARTY + 1, inbox_post, .cell = rig_name(NORTH), .leaf = leaf,
                       .until = until),
                INBOX_FULL);
    fed_free(fed);
}

/* A seat that named its realm takes only acts for it. */
static void acts_for_another_realm_are_no_use(void **state)
{
    struct fed *fed = fed_bare(4, 0);
    uint8_t bytes[1024];
    struct cy_span act;

    (void)state;
    fed->seats[0].realm = (struct cy_id){{3}};
    assert_ok(fed_begin(fed, FED_ALL));
    fed_open(fed, FOUR);
    fed_party(fed, FED_PARTY, "Ada");
    act = some_act(fed, fed->rig->now + HOUR, bytes, sizeof bytes);
    assert_code(post(fed, act, NULL, fed->rig->now + HOUR), INBOX_ENTRY);
    fed_free(fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_follow_each_other),
        cmocka_unit_test(an_unanswered_post_stops_epochs),
        cmocka_unit_test(under_an_epoch_record_anybody_may_show_it),
        cmocka_unit_test(a_refusal_is_said_in_public),
        cmocka_unit_test(what_cannot_be_posted),
        cmocka_unit_test(acts_for_another_realm_are_no_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
