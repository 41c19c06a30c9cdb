/* bridges: two cells and a relayer that loses, delays, repeats, reorders and lies, from seeds
 * (M105, M111). After every step each asset is conserved across both cells; at the end, when the
 * relayer is honest again, every packet is closed and nothing is missing: what was paid out abroad
 * is what left here, and what did not arrive came back. */
#include "ford.h"
#include "gen.h"

#include <stdlib.h>

#define SEEDS 12u
#define STEPS 90u
#define HELD 24u /* acts that the relayer keeps for later */

/* An act of the relayer, kept with its bytes. */
struct kept {
    unsigned to;
    const struct cy_schema *schema;
    uint8_t *bytes; /* the message, encoded */
    size_t n;
};

struct world {
    struct gen gen;
    struct ford *ford;
    struct kept kept[HELD];
    unsigned n;
    unsigned accepted[3]; /* receives, acks, timeouts */
    unsigned refused;
    uint8_t memory[1 << 16] __attribute__((aligned(16)));
};

static void keep(struct world *w, unsigned to, const struct cy_any *any)
{
    uint8_t bytes[65536];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    struct kept *kept = &w->kept[w->n < HELD ? w->n++ : gen_draw(&w->gen, HELD)];

    assert_ok(cy_encode_act(any->schema, any->message, &out));
    free(kept->bytes);
    *kept = (struct kept){to, any->schema, malloc(out.n), out.n};
    memcpy(kept->bytes, bytes, out.n);
}

static void count(struct world *w, const struct cy_schema *schema, cy_err err)
{
    if (!cy_ok(err))
        w->refused++;
    else if (schema == &cy_schema_packet_receive)
        w->accepted[0]++;
    else if (schema == &cy_schema_packet_ack)
        w->accepted[1]++;
    else if (schema == &cy_schema_packet_timeout)
        w->accepted[2]++;
}

/* Brings a kept act, sometimes with a byte changed. */
static void bring_kept(struct world *w)
{
    const struct kept *kept = NULL;
    struct cy_arena arena = cy_arena_on(w->memory, sizeof w->memory);
    struct cy_any any;

    if (w->n == 0)
        return;
    kept = &w->kept[gen_draw(&w->gen, w->n)];
    if (gen_one_in(&w->gen, 3)) {
        uint8_t *at = &kept->bytes[gen_draw(&w->gen, kept->n)];
        const uint8_t before = *at;

        *at ^= (uint8_t)(1u << gen_draw(&w->gen, 8));
        if (cy_ok(cy_decode_act(cy_span_of(kept->bytes, kept->n), &arena, &any)) &&
            any.schema == kept->schema)
            count(w, any.schema, place_do(w->ford->cell[kept->to], 3, any.schema, any.message));
        *at = before;
        return;
    }
    assert_ok(cy_decode_act(cy_span_of(kept->bytes, kept->n), &arena, &any));
    count(w, any.schema, place_do(w->ford->cell[kept->to], 1, any.schema, any.message));
}

/* One direction of a round by a relayer who may do with the acts what it likes. */
static void carry(struct world *w)
{
    const unsigned to = (unsigned)gen_draw(&w->gen, 2);
    struct cy_relay_acts *acts = &w->ford->load.acts;

    ford_look(w->ford, 1 - to, to, gen_draw(&w->gen, 4000));
    for (uint32_t i = 0; i < acts->n; i++) {
        if (gen_one_in(&w->gen, 3))
            keep(w, to, &acts->acts[i]);
        if (gen_one_in(&w->gen, 5))
            continue;                          /* lost */
        if (i > 1 && gen_one_in(&w->gen, 4)) { /* in another order */
            const struct cy_any swap = acts->acts[i];

            acts->acts[i] = acts->acts[i - 1];
            acts->acts[i - 1] = swap;
        }
        count(w, acts->acts[i].schema,
              place_do(w->ford->cell[to], 1, acts->acts[i].schema, acts->acts[i].message));
    }
}

/* Somebody pays: an own asset there, or a voucher back. */
static void pay(struct world *w)
{
    const unsigned from = (unsigned)gen_draw(&w->gen, 2);
    struct ford *ford = w->ford;
    const struct cy_id voucher =
        cy_voucher_id(&ford->cell[1 - from]->rig->realm, &ford->asset[1 - from]);
    const struct cy_id *asset = gen_one_in(&w->gen, 2) ? &voucher : &ford->asset[from];
    const struct cy_id account = cy_account_id(&ford->cell[from]->rig->id[2], asset, 0);
    const cy_time timeout = ford->cell[from]->rig->now + 2000 + gen_draw(&w->gen, 60000);
    const uint64_t amount = 1 + gen_draw(&w->gen, 500);

    if (gen_one_in(&w->gen, 8))
        (void)PLACE_DO(ford->cell[from], 2, packet_send, .realm = ford->cell[1 - from]->rig->realm,
                       .kind = CY_bridge_kind_SETTLEMENT, .receiver = {{77}}, .account = account,
                       .amount = amount, .timeout = timeout);
    else
        (void)ford_pay(ford, from, 1 - from, &account, amount, timeout);
}

static void step(struct world *w)
{
    switch (gen_draw(&w->gen, 8)) {
    case 0:
    case 1:
    case 2: pay(w); break;
    case 3:
    case 4: carry(w); break;
    case 5:
    case 6: bring_kept(w); break;
    default: place_tick(w->ford->cell[gen_draw(&w->gen, 2)], gen_draw(&w->gen, 20000)); break;
    }
}

/* All that passport 2 of both cells has of an asset at home in cell i, here and as vouchers. */
static cy_u128 everywhere(struct ford *ford, unsigned i)
{
    const struct cy_id voucher = cy_voucher_id(&ford->cell[i]->rig->realm, &ford->asset[i]);

    return ford_units(ford, i, 2, &ford->asset[i]) + ford_units(ford, 1 - i, 2, &voucher);
}

static void nothing_is_lost_and_nothing_is_paid_twice(void **s)
{
    unsigned accepted[3] = {0};
    unsigned refused = 0;

    (void)s;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct world *w = calloc(1, sizeof *w);

        w->gen = gen_on(seed, NULL);
        w->ford = ford_new(2);
        ford_open(w->ford, 0, 1);
        for (unsigned i = 0; i < STEPS; i++) {
            step(w);
            ford_conserved(w->ford, 0, 1, false);
            ford_conserved(w->ford, 1, 0, false);
            assert_true(everywhere(w->ford, 0) <= 1000000);
            assert_true(everywhere(w->ford, 1) <= 1000000);
        }
        /* the clocks agree again, and somebody honest carries */
        for (unsigned i = 0; i < 2; i++) {
            struct place *p = w->ford->cell[i];
            const cy_time now = w->ford->cell[1 - i]->rig->now;

            while (p->rig->now < now)
                place_tick(p, now - p->rig->now < 600000 ? now - p->rig->now : 600000);
            place_tick(p, 70000);
        }
        ford_settle(w->ford, 0, 1);
        ford_conserved(w->ford, 0, 1, true);
        ford_conserved(w->ford, 1, 0, true);
        assert_true(everywhere(w->ford, 0) == 1000000);
        assert_true(everywhere(w->ford, 1) == 1000000);
        place_same(w->ford->cell[0]);
        place_same(w->ford->cell[1]);
        for (unsigned i = 0; i < 3; i++)
            accepted[i] += w->accepted[i];
        refused += w->refused;
        for (unsigned i = 0; i < w->n; i++)
            free(w->kept[i].bytes);
        ford_free(w->ford);
        free(w);
    }
    /* the seeds reach what they are for */
    assert_true(accepted[0] > 50);
    assert_true(accepted[1] > 20);
    assert_true(accepted[2] > 20);
    assert_true(refused > 100);
    print_message("received %u, acknowledged %u, timed out %u, refused %u\n", accepted[0],
                  accepted[1], accepted[2], refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_nothing_is_paid_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
