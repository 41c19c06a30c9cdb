/* bridges whose trust is a policy: a cell and a federation's ledger, a relayer between them, and
 * how each follows the other's keys and policies by proof. */
#include "federation.h"
#include "place.h"

#include "crypto/note_key.h"
#include "kernel/packet.h"
#include "kernel/recognition.h"
#include "realm/bridge_relay.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HOUR 3600000u
#define OAK "oak.example/ledger"
#define OCEAN "ocean.example/ledger"
#define FOUR 0xfu
#define THREE 0x7u
#define ARENA ((size_t)1 << 30)
#define LOAD_ARENA ((size_t)8 << 20)
#define WITNESS 8u /* key of the cell's first witness; three follow each other */
#define STRANGER 20u
#define LOG (RIG_KEYS - 1)

enum { RELAY = FED_PARTY, ADA = FED_PARTY + 1 }; /* in the federation; in the cell 1 and 2 */

/* Who signs a head of the cell. */
struct signers {
    bool log;
    unsigned log_key;
    unsigned witnesses; /* bits; bit 3 is a stranger to the policy */
};

struct strait {
    struct place *oak;
    struct fed *ocean;
    /* the copy of the federation's ledger that a member keeps */
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_cell_options options;
    struct cy_cell cell;
    void *memory;
    struct cy_cell_report report;
    struct cy_disk_fault fault;
    void *act_memory;
    /* what each side pins of the other, and who signs now */
    char oak_text[2048];
    struct cy_span oak_policy; /* empty: none */
    bool oak_keyed;
    struct signers oak_signs;
    char ocean_text[4096];
    struct cy_span ocean_policy;
    unsigned seats; /* bits that cosign */
    bool trustees;
    /* one direction of one round */
    char note[8192];
    struct cy_arena arena;
    struct cy_relay_offer offer[2]; /* by the sender, by the receiver */
    struct cy_relay_status status[2];
    struct cy_relay_acts acts;
    struct cy_id asset;
    struct cy_id account;
};

/* --- the two ledgers --- */

static void take(void *user, struct cy_span bytes)
{
    struct strait *s = user;
    struct cy_arena arena = cy_arena_on(s->act_memory, 1 << 20);
    struct cy_verdict verdict;
    struct cy_act act;
    uint64_t at = 0;

    assert_ok(cy_act_open(bytes, &arena, &act));
    cy_cell_judge(&s->cell, &act, &verdict);
    assert_ok(verdict.err);
    assert_ok(cy_cell_accept(&s->cell, &act, &at));
}

static void ocean_write(struct strait *s)
{
    struct cy_commit commit;

    if (!cy_cell_cut(&s->cell, &commit))
        return;
    assert_ok(cy_cell_write(&commit));
    assert_ok(cy_cell_tiles(&s->cell, &commit));
    cy_cell_done(&s->cell, &commit, CY_OK);
}

/* A height with the state root, ms later, and all of it in the tree. */
static void ocean_height(struct strait *s, uint64_t ms)
{
    assert_ok(cy_cell_state_root(&s->cell, &s->ocean->state_root));
    s->ocean->clock += ms;
    fed_open(s->ocean, FOUR);
    s->ocean->state_root = (struct cy_id){{0}};
    ocean_write(s);
    assert_ok(cy_tree_flush(&s->cell.tree));
}

static void ocean_begin(struct strait *s)
{
    size_t n = 0;
    struct cy_arena fresh;

    s->act_memory = aligned_alloc(16, 1 << 20);
    s->sim = cy_sim_disk_new();
    s->disk = cy_sim_disk_face(s->sim);
    s->options = (struct cy_cell_options){.records_max = 4096,
                                          .batch_bytes = 1 << 20,
                                          .segment_bytes = 1 << 22,
                                          .try_bytes = 1 << 20};
    n = cy_cell_bytes(&s->options);
    assert_true(n <= ARENA);
    s->memory = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    fresh = cy_arena_on(s->memory, n);
    assert_ok(cy_cell_open(&s->cell, &s->disk, &s->options, &fresh, &s->report, &s->fault));
    s->ocean = fed_bare(4, 3);
    s->ocean->sent = take;
    s->ocean->user = s;
    assert_ok(fed_begin(s->ocean, FOUR));
    memcpy(s->ocean_text, s->ocean->policy, sizeof s->ocean_text);
    s->ocean_policy = cy_span_text(s->ocean_text);
    s->seats = THREE;
    s->trustees = true;
    ocean_height(s, 0); /* the first rests on the genesis alone */
    fed_party(s->ocean, RELAY, "Relay");
    fed_party(s->ocean, ADA, "Ada");
}

/* The federation's head as its members of now cosign it. */
static struct cy_span ocean_note(struct strait *s, unsigned seats, bool trustees)
{
    const struct cy_id root = cy_tree_root(&s->cell.tree);

    return fed_note(s->ocean, cy_tree_size(&s->cell.tree), &root, seats, trustees);
}

static void oak_policy(struct strait *s, unsigned need)
{
    struct cy_text text = cy_text_on(s->oak_text, sizeof s->oak_text);

    for (unsigned i = 0; i < 3; i++) {
        char name[8] = {'w', (char)('1' + i)};
        struct cy_note_key key;

        assert_ok(cy_note_key_of(cy_span_text(name), CY_NOTE_COSIGNATURE,
                                 &s->oak->rig->key[WITNESS + i], &key));
        cy_text_add(&text, "witness ");
        cy_text_add(&text, name);
        cy_text_add(&text, " ");
        cy_note_vkey(&key, &text);
        cy_text_add(&text, "\n");
    }
    cy_text_add(&text, "group g ");
    cy_text_u64(&text, need);
    cy_text_add(&text, " w1 w2 w3\nquorum g\n");
    assert_false(text.full);
    s->oak_policy = cy_text_bytes(&text);
}

static void oak_cosign(struct strait *s, struct cy_text *note, struct cy_span text,
                       const char *name, unsigned key)
{
    char bytes[1024];
    struct cy_text message = cy_text_on(bytes, sizeof bytes);
    const uint64_t time_s = s->oak->rig->now / 1000;
    uint8_t signature[64];
    uint8_t blob[CY_COSIGNATURE_BYTES];

    cy_cosignature_text(&message, time_s, text);
    crypto_sign_detached(signature, NULL, cy_text_bytes(&message).at, cy_text_bytes(&message).n,
                         s->oak->rig->secret[key]);
    cy_cosignature_blob(time_s, signature, blob);
    cy_note_line(note, cy_span_text(name),
                 cy_note_key_id(cy_span_text(name), CY_NOTE_COSIGNATURE, &s->oak->rig->key[key]),
                 cy_span_of(blob, sizeof blob));
}

/* The cell's head, published, with signatures of these. */
static struct cy_span oak_note(struct strait *s, struct signers who)
{
    struct cy_text note = cy_text_on(s->note, sizeof s->note);
    struct cy_note published;
    uint8_t signature[64];

    assert_ok(cy_note_read(cy_span_of(s->oak->cell.head.note, s->oak->cell.head.n), &published));
    cy_note_begin(&note, published.text);
    if (who.log) {
        crypto_sign_detached(signature, NULL, published.text.at, published.text.n,
                             s->oak->rig->secret[who.log_key]);
        cy_note_line(
            &note, cy_span_text(OAK),
            cy_note_key_id(cy_span_text(OAK), CY_NOTE_ED25519, &s->oak->rig->key[who.log_key]),
            cy_span_of(signature, sizeof signature));
    }
    for (unsigned i = 0; i < 3; i++) {
        const char name[8] = {'w', (char)('1' + i)};

        if (who.witnesses >> i & 1)
            oak_cosign(s, &note, published.text, name, WITNESS + i);
    }
    if (who.witnesses >> 3 & 1)
        oak_cosign(s, &note, published.text, "w3", STRANGER); /* the name is not the key */
    assert_false(note.full);
    return cy_text_bytes(&note);
}

/* --- the bridge --- */

static const struct cy_gate_terms gates[] = {
    {.kind = CY_bridge_kind_SETTLEMENT,  .open = true},
    {.kind = CY_bridge_kind_RECOGNITION, .open = true},
};

static struct cy_bridge_open to_ocean(const struct strait *s)
{
    return (struct cy_bridge_open){.realm = s->ocean->rig->realm,
                                   .name = rig_name(OCEAN),
                                   .policy = s->ocean_policy,
                                   .gates = gates,
                                   .n_gates = CY_COUNT(gates),
                                   .window_ms = 60000,
                                   .stale_ms = HOUR};
}

static struct cy_bridge_open to_oak(const struct strait *s)
{
    return (struct cy_bridge_open){.realm = s->oak->rig->realm,
                                   .name = rig_name(OAK),
                                   .log_key = s->oak_keyed ? s->oak->rig->key[s->oak_signs.log_key]
                                                           : (struct cy_id){{0}},
                                   .policy = s->oak_policy,
                                   .gates = gates,
                                   .n_gates = CY_COUNT(gates),
                                   .window_ms = 60000,
                                   .stale_ms = HOUR};
}

static const struct cy_world *world_of(const struct strait *s, bool ocean)
{
    return ocean ? &s->cell.engine.world : &s->oak->cell.engine.world;
}

static const struct cy_id *realm_of(const struct strait *s, bool ocean)
{
    return ocean ? &s->ocean->rig->realm : &s->oak->rig->realm;
}

static void offer_of(struct strait *s, bool ocean, const struct cy_relay_status *other,
                     struct cy_relay_offer *offer)
{
    struct cy_cell *cell = ocean ? &s->cell : &s->oak->cell;
    struct cy_relay_ask ask;

    cy_relay_asks(other, &ask);
    assert_ok(cy_relay_prove(cell, &ask, &s->arena, offer));
    assert_ok(cy_relay_head(
        cell, &ask, ocean ? ocean_note(s, s->seats, s->trustees) : oak_note(s, s->oak_signs),
        &s->arena, offer, &s->fault));
}

/* Both clocks move on; the load for one side is made of what the other offers. */
static void look(struct strait *s, bool to_the_ocean)
{
    cy_arena_rewind(&s->arena, 0);
    place_tick(s->oak, 1000);
    assert_ok(place_publish(s->oak));
    ocean_height(s, 0);
    cy_relay_look(world_of(s, to_the_ocean), realm_of(s, !to_the_ocean), &s->status[0]);
    cy_relay_look(world_of(s, !to_the_ocean), realm_of(s, to_the_ocean), &s->status[1]);
    offer_of(s, !to_the_ocean, &s->status[0], &s->offer[0]);
    offer_of(s, to_the_ocean, &s->status[1], &s->offer[1]);
    assert_ok(cy_relay_plan(&s->status[0], &s->status[1], &s->offer[0], &s->offer[1],
                            to_the_ocean ? s->oak_policy : s->ocean_policy, &s->arena, &s->acts));
}

/* Returns how many of the acts were accepted. */
static unsigned carry(struct strait *s, bool to_the_ocean)
{
    struct cy_batch batch = {.mode = CY_batch_mode_EACH};
    cy_err err = CY_OK;

    look(s, to_the_ocean);
    batch.acts = s->acts.acts;
    batch.n_acts = s->acts.n;
    if (batch.n_acts == 0)
        return 0;
    err = to_the_ocean ? fed_do(s->ocean, RELAY, &cy_schema_batch, &batch)
                       : place_do(s->oak, 1, &cy_schema_batch, &batch);
    if (!cy_ok(err))
        return 0;
    return batch.n_acts -
           (to_the_ocean ? s->ocean->rig->verdict.n_refused : s->oak->verdict.n_refused);
}

static uint64_t under_way(const struct strait *s)
{
    return cy_world_count(world_of(s, true), CY_R_packet_out) +
           cy_world_count(world_of(s, false), CY_R_packet_out);
}

static void settle(struct strait *s)
{
    for (unsigned round = 0; under_way(s) > 0; round++) {
        assert_true(round < 8);
        (void)carry(s, true);
        (void)carry(s, false);
    }
}

static uint64_t units(const struct strait *s, bool ocean, const struct cy_id *asset)
{
    const struct cy_id *holder = ocean ? &s->ocean->rig->id[ADA] : &s->oak->rig->id[2];
    const struct cy_id id = cy_account_id(holder, asset, 0);
    const struct cy_account *account = CY_GET(world_of(s, ocean), account, &id);

    return account == NULL ? 0 : (uint64_t)account->balance;
}

static struct cy_packet_send payment(const struct strait *s, bool from_the_ocean,
                                     const struct cy_id *asset, uint64_t amount)
{
    const struct cy_id *sender = from_the_ocean ? &s->ocean->rig->id[ADA] : &s->oak->rig->id[2];

    return (struct cy_packet_send){.realm = *realm_of(s, !from_the_ocean),
                                   .kind = CY_bridge_kind_SETTLEMENT,
                                   .receiver =
                                       from_the_ocean ? s->oak->rig->id[2] : s->ocean->rig->id[ADA],
                                   .account = cy_account_id(sender, asset, 0),
                                   .amount = amount,
                                   .timeout = s->oak->rig->now + HOUR};
}

static cy_err pay(struct strait *s, bool from_the_ocean, const struct cy_id *asset, uint64_t amount)
{
    const struct cy_packet_send m = payment(s, from_the_ocean, asset, amount);

    return from_the_ocean ? fed_do(s->ocean, ADA, &cy_schema_packet_send, &m)
                          : place_do(s->oak, 2, &cy_schema_packet_send, &m);
}

static struct strait *strait_new(bool keyed, unsigned witnesses)
{
    struct strait *s = calloc(1, sizeof *s);

    s->arena = cy_arena_on(malloc(LOAD_ARENA), LOAD_ARENA);
    s->oak = place_named(OAK, 10);
    place_begin(s->oak);
    place_passport(s->oak, 1, "Relay");
    place_passport(s->oak, 2, "Ada");
    assert_ok(PLACE_DO(s->oak, 2, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats"),
                       .scale = 2));
    s->asset = s->oak->rig->last;
    s->account = cy_account_id(&s->oak->rig->id[2], &s->asset, 0);
    assert_ok(PLACE_DO(s->oak, 2, account_open, .asset = s->asset));
    assert_ok(
        PLACE_DO(s->oak, 2, asset_issue, .asset = s->asset, .account = s->account, .amount = 1000));
    s->oak_keyed = keyed;
    s->oak_signs = (struct signers){.log = keyed, .log_key = LOG, .witnesses = witnesses};
    if (witnesses != 0)
        oak_policy(s, 2);
    ocean_begin(s);
    return s;
}

static void strait_open(struct strait *s)
{
    const struct cy_bridge_open there = to_ocean(s);
    const struct cy_bridge_open back = to_oak(s);

    assert_ok(place_do(s->oak, 0, &cy_schema_bridge_open, &there));
    assert_ok(fed_all(s->ocean, THREE, &cy_schema_bridge_open, &back));
    assert_int_equal(carry(s, true), 1);
    assert_int_equal(carry(s, false), 1);
}

static void strait_free(struct strait *s)
{
    ocean_write(s);
    assert_ok(cy_cell_close(&s->cell));
    munmap(s->memory, ARENA);
    fed_free(s->ocean);
    cy_sim_disk_free(s->sim);
    free(s->act_memory);
    place_close(s->oak);
    place_free(s->oak);
    free(s->arena.at);
    free(s);
}

/* --- transfers --- */

/* There and back, of the cell's asset and of one of the federation. */
static void cross_both_ways(struct strait *s)
{
    const struct cy_id oats = cy_voucher_id(&s->oak->rig->realm, &s->asset);
    struct cy_id fish;
    struct cy_id fish_abroad;

    assert_ok(FED_DO(s->ocean, ADA, asset_create, .code = rig_label("FISH"),
                     .name = rig_name("Fish"), .scale = 0));
    fish = s->ocean->rig->last;
    fish_abroad = cy_voucher_id(&s->ocean->rig->realm, &fish);
    assert_ok(FED_DO(s->ocean, ADA, account_open, .asset = fish));
    assert_ok(FED_DO(s->ocean, ADA, asset_issue, .asset = fish,
                     .account = cy_account_id(&s->ocean->rig->id[ADA], &fish, 0), .amount = 500));

    assert_ok(pay(s, false, &s->asset, 250));
    assert_int_equal(under_way(s), 1);
    assert_int_equal(carry(s, true), 2); /* head, receive */
    assert_int_equal(units(s, true, &oats), 250);
    assert_int_equal(carry(s, false), 2); /* head, ack */
    assert_int_equal(under_way(s), 0);
    assert_int_equal(units(s, false, &s->asset), 750);
    assert_ok(pay(s, true, &oats, 100));
    settle(s);
    assert_int_equal(units(s, true, &oats), 150);
    assert_int_equal(units(s, false, &s->asset), 850);

    assert_ok(pay(s, true, &fish, 30));
    settle(s);
    assert_int_equal(units(s, false, &fish_abroad), 30);
    assert_int_equal(units(s, true, &fish), 470);
    assert_ok(pay(s, false, &fish_abroad, 30));
    settle(s);
    assert_int_equal(units(s, false, &fish_abroad), 0);
    assert_int_equal(units(s, true, &fish), 500);
    place_same(s->oak);
}

static void units_cross_under_a_policy_alone(void **state)
{
    struct strait *s = strait_new(false, 0x5); /* of the cell too: two of three cosigners */

    (void)state;
    strait_open(s);
    cross_both_ways(s);
    strait_free(s);
}

static void units_cross_under_a_log_key_and_cosigners(void **state)
{
    struct strait *s = strait_new(true, 0x3);

    (void)state;
    strait_open(s);
    cross_both_ways(s);
    strait_free(s);
}

/* --- heads that lack something --- */

/* Makes the next head for one side, and puts another note in its place. */
static struct cy_bridge_head next_head(struct strait *s, bool of_the_ocean)
{
    look(s, !of_the_ocean);
    return (struct cy_bridge_head){.realm = *realm_of(s, of_the_ocean),
                                   .policy = of_the_ocean ? s->ocean_policy : s->oak_policy,
                                   .entry = s->offer[0].entry,
                                   .position = s->offer[0].root_at,
                                   .path = s->offer[0].path,
                                   .consistency = s->offer[0].consistency,
                                   .note = s->offer[0].note};
}

static cy_err show_ocean(struct strait *s, struct cy_bridge_head head, struct cy_span note)
{
    head.note = note;
    return place_do(s->oak, 1, &cy_schema_bridge_head, &head);
}

static cy_err show_oak(struct strait *s, struct cy_bridge_head head, struct signers who)
{
    head.note = oak_note(s, who);
    return fed_do(s->ocean, RELAY, &cy_schema_bridge_head, &head);
}

static void a_federations_head_must_meet_its_policy(void **state)
{
    struct strait *s = strait_new(true, 0);
    struct cy_bridge_head head;
    struct cy_bridge_head other;
    struct cy_id root;
    uint64_t size = 0;
    char note[8192];
    struct cy_span few;

    (void)state;
    strait_open(s);
    head = next_head(s, true);
    root = cy_tree_root(&s->cell.tree);
    size = cy_tree_size(&s->cell.tree);
    /* one cosigner too few: a cell, then a chamber */
    assert_code(show_ocean(s, head, ocean_note(s, 0x3, true)), FEW_WITNESSES);
    assert_int_equal(s->oak->verdict.err.detail, 5); /* two cells, three chambers */
    assert_code(show_ocean(s, head, ocean_note(s, FOUR, false)), FEW_WITNESSES);
    assert_int_equal(s->oak->verdict.err.detail, 4);
    /* nobody's but a seat's log key, and one by a key under the name of a witness that it is not */
    assert_code(
        show_ocean(s, head, fed_head(s->ocean, FED_LOG, OCEAN, size, &root, note, sizeof note)),
        FEW_WITNESSES);
    assert_int_equal(s->oak->verdict.err.detail, 0);
    few = ocean_note(s, 0x3, true);
    {
        const struct cy_span stranger = fed_cosigned(s->ocean, FED_SPARE, "east.example/cell",
                                                     OCEAN, size, &root, note, sizeof note);
        struct cy_note read;
        char joined[8192];
        size_t line = 0;

        assert_ok(cy_note_read(stranger, &read));
        line = read.text.n + 1;
        memcpy(joined, few.at, few.n);
        memcpy(joined + few.n, stranger.at + line, stranger.n - line);
        assert_code(show_ocean(s, head, cy_span_of(joined, few.n + stranger.n - line)),
                    FEW_WITNESSES);
        assert_int_equal(s->oak->verdict.err.detail, 5);
        /* a witness that cosigns twice is one witness */
        memcpy(joined, few.at, few.n);
        assert_ok(cy_note_read(few, &read));
        line = read.text.n + 1;
        memcpy(joined + few.n, few.at + line, few.n - line);
        assert_code(show_ocean(s, head, cy_span_of(joined, 2 * few.n - line)), FEW_WITNESSES);
        assert_int_equal(s->oak->verdict.err.detail, 5);
    }
    /* the text of the policy is the pinned one */
    other = head;
    other.policy = (struct cy_span){0};
    assert_code(show_ocean(s, other, ocean_note(s, FOUR, true)), BRIDGE_TERMS);
    s->ocean->trustees = 0;
    other.policy = fed_policy(s->ocean, THREE, 2); /* meets itself, and is not asked for */
    s->ocean->trustees = 3;
    assert_code(show_ocean(s, other, ocean_note(s, FOUR, true)), BRIDGE_TERMS);
    /* a cosignature that is wrong refuses the note, though there would be enough */
    memcpy(note, ocean_note(s, FOUR, true).at, sizeof note);
    {
        const size_t n = ocean_note(s, FOUR, true).n;

        note[n - 8] = note[n - 8] == 'A' ? 'B' : 'A';
        assert_code(show_ocean(s, head, cy_span_of(note, n)), BAD_SIGNATURE);
    }
    assert_ok(show_ocean(s, head, ocean_note(s, 0xe, true)));
    strait_free(s);
}

static void a_cells_head_needs_its_log_and_its_cosigners(void **state)
{
    struct strait *s = strait_new(true, 0x3);
    struct cy_bridge_head head;

    (void)state;
    strait_open(s);
    head = next_head(s, false);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0}), FEW_WITNESSES);
    assert_int_equal(s->ocean->rig->verdict.err.detail, 0);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0x2}), FEW_WITNESSES);
    assert_int_equal(s->ocean->rig->verdict.err.detail, 1);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0x9}), FEW_WITNESSES);
    assert_int_equal(s->ocean->rig->verdict.err.detail, 1); /* the stranger is nobody */
    assert_code(show_oak(s, head, (struct signers){false, LOG, 0x7}), NOT_SIGNED);
    assert_code(show_oak(s, head, (struct signers){true, STRANGER, 0x7}), NOT_SIGNED);
    assert_ok(show_oak(s, head, (struct signers){true, LOG, 0x6}));
    strait_free(s);
}

static void a_cell_may_be_trusted_by_its_cosigners_alone(void **state)
{
    struct strait *s = strait_new(false, 0x3);
    struct cy_bridge_head head;

    (void)state;
    strait_open(s);
    head = next_head(s, false);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0}), FEW_WITNESSES);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0x4}), FEW_WITNESSES);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0xc}), FEW_WITNESSES);
    assert_int_equal(s->ocean->rig->verdict.err.detail, 1);
    assert_ok(show_oak(s, head, (struct signers){false, LOG, 0x5}));
    strait_free(s);
}

/* --- following --- */

/* The realm's own record, as it was under its newest root, which was shown just before. */
struct followed {
    struct cy_bridge_follow m;
    uint8_t value[4096];
    char proof[32768];
};

static void followed_of(struct strait *s, bool ocean, struct followed *out)
{
    struct cy_cell *cell = ocean ? &s->cell : &s->oak->cell;
    struct cy_text proof = cy_text_on(out->proof, sizeof out->proof);
    const struct cy_bridge_line *line =
        CY_GET(world_of(s, !ocean), bridge_line, realm_of(s, ocean));
    const uint64_t one = 1;
    struct cy_span value;

    assert_ok(cy_cell_prove_then(cell, CY_R_realm, &one, &value, &proof));
    memcpy(out->value, value.at, value.n);
    out->m = (struct cy_bridge_follow){.realm = *realm_of(s, ocean),
                                       .root = line->roots,
                                       .value = cy_span_of(out->value, value.n),
                                       .proof = cy_text_bytes(&proof)};
}

static void a_federations_later_policy_is_followed(void **state)
{
    struct strait *s = strait_new(true, 0);
    struct followed *proof = calloc(1, sizeof *proof);
    struct cy_bridge_head head;
    struct cy_id digest;

    (void)state;
    strait_open(s);
    assert_ok(FED_ALL_DO(s->ocean, THREE, policy_set, .policy = fed_policy(s->ocean, FOUR, 4),
                         .faults = 1));
    digest = cy_sha256(cy_span_text(s->ocean->policy));
    /* the head that shows the change still meets the policy that is pinned */
    head = next_head(s, true);
    assert_ok(show_ocean(s, head, head.note));
    followed_of(s, true, proof);
    assert_ok(place_do(s->oak, 1, &cy_schema_bridge_follow, &proof->m));
    assert_memory_equal(&CY_GET(world_of(s, false), bridge, realm_of(s, true))->policy, &digest,
                        32);
    /* from here on the old one is not enough, neither its text nor its number of cosigners */
    head = next_head(s, true);
    assert_code(show_ocean(s, head, ocean_note(s, FOUR, true)), BRIDGE_TERMS);
    memcpy(s->ocean_text, s->ocean->policy, sizeof s->ocean_text);
    s->ocean_policy = cy_span_text(s->ocean_text);
    head.policy = s->ocean_policy;
    assert_code(show_ocean(s, head, ocean_note(s, THREE, true)), FEW_WITNESSES);
    assert_ok(show_ocean(s, head, ocean_note(s, FOUR, true)));
    s->seats = FOUR;
    cross_both_ways(s);
    free(proof);
    strait_free(s);
}

/* The bridge was opened under a key that signed before the one that the record names. */
static void a_cells_later_log_key_is_followed(void **state)
{
    const unsigned before = 30;
    struct strait *s = strait_new(true, 0x3);
    struct followed *proof = calloc(1, sizeof *proof);
    const struct cy_bridge *bridge = NULL;
    struct cy_bridge_head head;
    struct cy_id policy;

    (void)state;
    s->oak_signs.log_key = before;
    strait_open(s);
    bridge = CY_GET(world_of(s, true), bridge, realm_of(s, false));
    policy = bridge->policy;
    head = next_head(s, false);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0x3}), NOT_SIGNED);
    assert_ok(show_oak(s, head, (struct signers){true, before, 0x3}));
    followed_of(s, false, proof);
    assert_ok(fed_do(s->ocean, RELAY, &cy_schema_bridge_follow, &proof->m));
    bridge = CY_GET(world_of(s, true), bridge, realm_of(s, false));
    assert_memory_equal(&bridge->log_key, &s->oak->rig->key[LOG], 32);
    assert_memory_equal(&bridge->policy, &policy, 32); /* whose cosignatures: the operator's word */
    s->oak_signs.log_key = LOG;
    head = next_head(s, false);
    assert_code(show_oak(s, head, (struct signers){true, before, 0x7}), NOT_SIGNED);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0x1}), FEW_WITNESSES);
    assert_ok(show_oak(s, head, (struct signers){true, LOG, 0x3}));
    cross_both_ways(s);
    free(proof);
    strait_free(s);
}

static void nothing_is_followed_without_its_proof(void **state)
{
    struct strait *s = strait_new(true, 0);
    struct followed *proof = calloc(1, sizeof *proof);
    struct followed *late = calloc(1, sizeof *late);
    struct cy_bridge pinned;
    struct cy_bridge_follow m;
    struct cy_bridge_head head;

    (void)state;
    strait_open(s);
    pinned = *CY_GET(world_of(s, false), bridge, realm_of(s, true));
    head = next_head(s, true);
    assert_ok(show_ocean(s, head, head.note));
    followed_of(s, true, proof);
    m = proof->m; /* no bridge leads there */
    m.realm = (struct cy_id){{9}};
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &m), NO_BRIDGE);
    m = proof->m; /* a root that nobody has shown */
    m.root++;
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &m), ROOT_UNKNOWN);
    m = proof->m; /* a record that is not the proven one */
    proof->value[m.value.n - 1] ^= 1;
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &m), BAD_STATE_PROOF);
    proof->value[m.value.n - 1] ^= 1;
    proof->proof[m.proof.n / 2] ^= 1; /* a proof that proves nothing */
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &m), BAD_STATE_PROOF);
    proof->proof[m.proof.n / 2] ^= 1;
    /* the federation's policy changes; its older record would bring the older policy back */
    assert_ok(FED_ALL_DO(s->ocean, THREE, policy_set, .policy = fed_policy(s->ocean, FOUR, 4),
                         .faults = 1));
    head = next_head(s, true);
    assert_ok(show_ocean(s, head, head.note));
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &proof->m), HEAD_OLD);
    followed_of(s, true, late);
    m = late->m; /* of the older record under the newer root */
    m.value = proof->m.value;
    m.proof = proof->m.proof;
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &m), BAD_STATE_PROOF);
    assert_memory_equal(&CY_GET(world_of(s, false), bridge, realm_of(s, true))->policy,
                        &pinned.policy, 32);
    assert_ok(place_do(s->oak, 1, &cy_schema_bridge_follow, &late->m));
    free(late);
    free(proof);
    strait_free(s);
}

/* What kind of trust it is, the operator decides: a proof changes a key or a policy, and never the
 * one into the other. And a bridge that was opened to another realm's id under this one's trust
 * learns nothing. */
static void a_proof_does_not_change_what_kind_of_trust_it_is(void **state)
{
    struct strait *s = strait_new(false, 0x3); /* the cell's record names no policy */
    struct followed *proof = calloc(1, sizeof *proof);
    struct cy_bridge_open terms;
    struct cy_bridge_head head;
    char note[2048];
    struct cy_id root;

    (void)state;
    strait_open(s);
    head = next_head(s, false);
    assert_ok(show_oak(s, head, s->oak_signs));
    followed_of(s, false, proof);
    assert_code(fed_do(s->ocean, RELAY, &cy_schema_bridge_follow, &proof->m), BRIDGE_TERMS);
    /* the federation under one seat's log key: its record names none */
    assert_ok(PLACE_DO(s->oak, 0, bridge_turn, .realm = *realm_of(s, true),
                       .state = CY_bridge_state_SEVERED));
    terms = to_ocean(s);
    terms.policy = (struct cy_span){0};
    terms.log_key = s->ocean->rig->key[FED_LOG];
    assert_ok(place_do(s->oak, 0, &cy_schema_bridge_open, &terms));
    head = next_head(s, true);
    head.policy = (struct cy_span){0};
    root = cy_tree_root(&s->cell.tree);
    assert_ok(show_ocean(
        s, head,
        fed_head(s->ocean, FED_LOG, OCEAN, cy_tree_size(&s->cell.tree), &root, note, sizeof note)));
    followed_of(s, true, proof);
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &proof->m), BRIDGE_TERMS);
    /* another id */
    terms = to_ocean(s);
    terms.realm = (struct cy_id){{7}};
    assert_ok(place_do(s->oak, 0, &cy_schema_bridge_open, &terms));
    head = next_head(s, true);
    head.realm = terms.realm;
    assert_ok(show_ocean(s, head, ocean_note(s, FOUR, true)));
    followed_of(s, true, proof);
    proof->m.realm = terms.realm;
    proof->m.root = 1;
    assert_code(place_do(s->oak, 1, &cy_schema_bridge_follow, &proof->m), OTHER_LOG);
    free(proof);
    strait_free(s);
}

/* --- recognition --- */

static uint8_t tier(struct strait *s, bool here_is_the_ocean, const struct cy_id *passport)
{
    struct cy_plan *plan =
        here_is_the_ocean ? &s->ocean->rig->engine.plan : &s->oak->rig->engine.plan;

    cy_plan_clear(plan);
    return cy_recognition_tier(plan, realm_of(s, !here_is_the_ocean), passport);
}

/* A passport of one side, proven under the head that was just shown to the other. */
static cy_err recognise(struct strait *s, bool of_the_ocean, const struct cy_id *passport)
{
    static char bytes[32768];
    static uint8_t value[CY_STATE_VALUE_MAX];
    struct cy_text proof = cy_text_on(bytes, sizeof bytes);
    struct cy_cell *cell = of_the_ocean ? &s->cell : &s->oak->cell;
    const struct cy_bridge_line *line =
        CY_GET(world_of(s, !of_the_ocean), bridge_line, realm_of(s, of_the_ocean));
    struct cy_recognise m = {.realm = *realm_of(s, of_the_ocean), .root = line->roots};

    assert_ok(cy_cell_prove(cell, CY_R_passport, passport, &proof));
    m.proof = cy_text_bytes(&proof);
    m.value = cy_state_value(&cy_schema_passport,
                             CY_GET(world_of(s, of_the_ocean), passport, passport), value);
    return of_the_ocean ? place_do(s->oak, 1, &cy_schema_recognise, &m)
                        : fed_do(s->ocean, RELAY, &cy_schema_recognise, &m);
}

/* Each at the tier that the other gives to its kind; what comes from a head that too few have
 * cosigned is not known at all. */
static void passports_are_recognised_between_a_cell_and_a_federation(void **state)
{
    struct strait *s = strait_new(true, 0x3);
    const struct cy_id *here = &s->oak->rig->id[2];
    const struct cy_id *there = &s->ocean->rig->id[ADA];
    struct cy_bridge_head head;

    (void)state;
    strait_open(s);
    assert_ok(PLACE_DO(s->oak, 0, tier_map, .realm = *realm_of(s, true), .kind = CY_kind_COMPANY,
                       .tier = 3));
    assert_ok(FED_ALL_DO(s->ocean, THREE, tier_map, .realm = *realm_of(s, false),
                         .kind = CY_kind_PERSON, .tier = 1));
    head = next_head(s, true);
    assert_code(show_ocean(s, head, ocean_note(s, 0x3, true)), FEW_WITNESSES);
    assert_code(recognise(s, true, there), BAD_STATE_PROOF); /* under the root before */
    assert_ok(show_ocean(s, head, ocean_note(s, THREE, true)));
    assert_int_equal(tier(s, false, there), 0);
    assert_ok(recognise(s, true, there));
    assert_int_equal(tier(s, false, there), 3);
    head = next_head(s, false);
    assert_code(show_oak(s, head, (struct signers){true, LOG, 0x4}), FEW_WITNESSES);
    assert_ok(show_oak(s, head, s->oak_signs));
    assert_int_equal(tier(s, true, here), 0);
    assert_ok(recognise(s, false, here));
    assert_int_equal(tier(s, true, here), 1);
    strait_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_cross_under_a_policy_alone),
        cmocka_unit_test(units_cross_under_a_log_key_and_cosigners),
        cmocka_unit_test(a_federations_head_must_meet_its_policy),
        cmocka_unit_test(a_cells_head_needs_its_log_and_its_cosigners),
        cmocka_unit_test(a_cell_may_be_trusted_by_its_cosigners_alone),
        cmocka_unit_test(a_federations_later_policy_is_followed),
        cmocka_unit_test(a_cells_later_log_key_is_followed),
        cmocka_unit_test(nothing_is_followed_without_its_proof),
        cmocka_unit_test(a_proof_does_not_change_what_kind_of_trust_it_is),
        cmocka_unit_test(passports_are_recognised_between_a_cell_and_a_federation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
