#include "host/node/older_copy.h"

#include "host/system/log.h"

#include <stdlib.h>
#include <time.h>

#define ALL_MS 6000u /* for all of them, before anything is signed */

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t cy_older_copy_beyond(struct cy_client *client, const struct cy_witness_place *place,
                              const struct cy_older_copy *here)
{
    struct cy_witness_known *known = malloc(sizeof *known);
    struct cy_note_key log;
    uint64_t beyond = 0;

    if (known != NULL &&
        cy_ok(cy_note_key_of(here->origin, CY_NOTE_ED25519, here->log_key, &log)) &&
        cy_ok(cy_witness_ask(client, place, &log, here->note, here->size, known)) &&
        known->size > here->size) {
        beyond = known->proven ? known->size : 0;
        CY_LOG(known->proven ? CY_LOG_ERROR : CY_LOG_WARN, "witness",
               cy_log_say(known->proven ? "a witness shows a later head of ours: this ledger is an "
                                          "older copy, and signs nothing more"
                                        : "a witness says it knows a larger head, and shows none"),
               cy_log_text("witness", place->name), cy_log_number("size", (int64_t)known->size));
    }
    free(known);
    return beyond;
}

cy_err cy_older_copy_check(const struct cy_witness_place *places, size_t n,
                           const struct cy_older_copy *here, struct cy_text *why)
{
    const uint64_t end = now_ms() + ALL_MS;
    struct cy_client *client = cy_client_new();
    uint64_t beyond = 0;

    for (size_t i = 0; i < n && client != NULL && beyond == 0 && now_ms() < end; i++) {
        beyond = cy_older_copy_beyond(client, &places[i], here);
        if (beyond == 0)
            continue;
        cy_text_add(why, "this ledger has a head over ");
        cy_text_u64(why, here->size);
        cy_text_add(why, " entries, but ");
        cy_text_add(why, places[i].name);
        cy_text_add(why, " shows one over ");
        cy_text_u64(why, beyond);
        cy_text_add(why, " that our key signed: it is an older copy");
    }
    cy_client_free(client);
    return beyond == 0 ? CY_OK : cy_fail(CY_E_HEAD_ROLLBACK, beyond);
}
