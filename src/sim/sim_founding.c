#include "sim/sim_founding.h"

#include "crypto/note_key.h"
#include "kernel/act.h"
#include "sim/sim_party.h"

#include <stdlib.h>

#define SEATS CY_SEATS_MAX

void cy_sim_seat_name(struct cy_text *text, uint32_t seat)
{
    cy_text_add(text, "member-");
    cy_text_u64(text, seat);
    cy_text_add(text, ".example/ledger");
}

static void write_policy(const struct cy_sim_founding *founding, struct cy_text *text)
{
    for (uint32_t i = 0; i < founding->n; i++) {
        char memory[64];
        struct cy_text name = cy_text_on(memory, sizeof memory);
        struct cy_note_key key;

        cy_sim_seat_name(&name, i);
        if (!cy_ok(cy_note_key_of(cy_text_bytes(&name), CY_NOTE_COSIGNATURE,
                                  &founding->seats[i]->key[CY_SIM_KEY_COSIGN], &key)))
            CY_NEVER("the name of a seat is a name");
        cy_text_add(text, "witness ");
        cy_text_span(text, cy_text_bytes(&name));
        cy_text_add(text, " ");
        cy_note_vkey(&key, text);
        cy_text_add(text, "\n");
    }
    cy_text_add(text, "group cells ");
    cy_text_u64(text, founding->need != 0 ? founding->need : founding->n * 2 / 3 + 1);
    for (uint32_t i = 0; i < founding->n; i++) {
        cy_text_add(text, " ");
        cy_sim_seat_name(text, i);
    }
    cy_text_add(text, "\nquorum cells\n");
    CY_ASSERT(!text->full);
}

static struct cy_seat_entry seat_entry(const struct cy_sim_signer *signer, uint32_t seat)
{
    struct cy_seat_entry entry = {.key = signer->key[CY_SIM_KEY_ACT],
                                  .vote_key = signer->key[CY_SIM_KEY_VOTE],
                                  .cosign_key = signer->key[CY_SIM_KEY_COSIGN],
                                  .peer_key = signer->key[CY_SIM_KEY_PEER],
                                  .weight = 1};
    char memory[64];
    struct cy_text name = cy_text_on(memory, sizeof memory);
    const char operator[3] = {'o', (char)('a' + seat), 0};

    cy_sim_seat_name(&name, seat);
    if (!cy_ok(cy_name_of(cy_text_bytes(&name), &entry.name)) ||
        !cy_ok(cy_label_of(cy_span_text(operator), &entry.operator)))
        CY_NEVER("names of seats are names");
    return entry;
}

static struct cy_param_value param(const char *name, uint64_t value)
{
    struct cy_param_value out = {.value = value};

    if (!cy_ok(cy_label_of(cy_span_text(name), &out.name)))
        CY_NEVER("parameters have names");
    return out;
}

static const struct cy_rules_param of_two[] = {
    {CY_P_INBOX_MOST, 32},
};

static const struct cy_rules_version versions[] = {
    {"the first rules",                NULL,   0               },
    {"a cell's inbox is half as long", of_two, CY_COUNT(of_two)},
};

const struct cy_rules cy_sim_rules = {versions, CY_COUNT(versions)};

void cy_sim_found(const struct cy_sim_founding *founding, struct cy_sim_founded *out)
{
    static const struct cy_claims no_claims;
    struct cy_text policy = cy_text_on(out->policy, sizeof out->policy);
    const struct cy_secret *secrets[SEATS];
    struct cy_seat_entry seats[SEATS];
    struct cy_key_share shares[SEATS];
    const struct cy_param_value params[] = {param("idle_ms", founding->idle_ms),
                                            param("final_cool_ms", 1000),
                                            param("rules_notice_ms", 0)};
    struct cy_genesis genesis = {.now = founding->now,
                                 .keys = shares,
                                 .n_keys = founding->n,
                                 .need_0 = (uint16_t)(founding->n * 2 / 3 + 1),
                                 .rules = 1,
                                 .seats = seats,
                                 .n_seats = founding->n,
                                 .params = params,
                                 .n_params = CY_COUNT(params) - !founding->rules_soon,
                                 .faults = (uint16_t)((founding->n - 1) / 3),
                                 .accept_less = founding->need != 0};
    const struct cy_any any = {&cy_schema_genesis, &genesis};
    struct cy_claims claims = no_claims;
    struct cy_arena arena;
    struct cy_act act;
    void *memory = malloc((size_t)1 << 20);

    CY_ASSERT(memory != NULL);
    CY_ASSERT(founding->n <= SEATS);
    for (uint32_t i = 0; i < founding->n; i++) {
        seats[i] = seat_entry(founding->seats[i], i);
        shares[i] = (struct cy_key_share){.key = seats[i].key, .weight = 1};
        secrets[i] = &founding->seats[i]->secret[CY_SIM_KEY_ACT];
    }
    write_policy(founding, &policy);
    genesis.policy = cy_text_bytes(&policy);
    claims.expires = founding->now / 1000 + 300;
    if (!cy_ok(cy_name_of(cy_span_text(founding->origin), &genesis.name)))
        CY_NEVER("the origin is a name");
    out->n = cy_sim_sign(&claims, &any, secrets, founding->n, out->bytes, sizeof out->bytes).n;
    CY_ASSERT(out->n > 0);
    arena = cy_arena_on(memory, (size_t)1 << 20);
    if (!cy_ok(cy_act_open(cy_span_of(out->bytes, out->n), &arena, &act)))
        CY_NEVER("genesis is an act");
    out->id = act.id;
    free(memory);
}
