/* many_acts URL N: sends N small acts to a running cell, by several clients at once: for tests that
 * need a long ledger. Prints nothing; ends with 1 when an act is refused. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "cells.h"

#define CLIENTS 16u

struct load {
    struct cell cell;
    struct party party;
    unsigned n;
    atomic_uint next;
    atomic_uint refused;
};

static void *client_main(void *arg)
{
    struct load *load = arg;
    struct cy_client *client = cy_client_new();
    struct act *act = malloc(sizeof *act);

    for (unsigned i = 0; (i = atomic_fetch_add(&load->next, 1)) < load->n;) {
        struct got got;

        evidence_act(&load->cell, &load->party, i, act);
        got = send_to(&load->cell, client, "/v1/acts", act_span(act));
        if (got.status != 200 && got.status != 202) {
            (void)fprintf(stderr, "many_acts: %u %s\n", got.status, got.body ? got.body : "");
            atomic_fetch_add(&load->refused, 1);
        }
        got_free(&got);
    }
    free(act);
    cy_client_free(client);
    return NULL;
}

/* A passport of its own, and the realm that acts are meant for. */
static void enter(struct load *load, struct cells *home)
{
    struct act *act = malloc(sizeof *act);
    struct got realm = ask(&load->cell, home->client, "/v1/realm");
    struct cy_key_share share;
    struct got got;

    assert_ok(cy_hex_read(cy_span_text(json_string_value(
                              json_object_get(json_object_get(realm.json, "realm"), "id"))),
                          load->cell.realm.b, 32));
    party_make(&load->party, 4242);
    share = (struct cy_key_share){.key = load->party.key, .weight = 1};
    PARTY_ACT(&load->cell, &load->party, passport_create, act, .kind = CY_kind_AGENT,
              .name = name_of("Many acts"), .keys = &share, .n_keys = 1, .need_0 = 1);
    got = send_to(&load->cell, home->client, "/v1/acts", act_span(act));
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), load->party.id.b, 32));
    got_free(&got);
    got_free(&realm);
    free(act);
}

int main(int argc, char **argv)
{
    static struct load load;
    static struct cells home;
    pthread_t threads[CLIENTS];

    if (argc != 3)
        return 2;
    home.client = cy_client_new();
    load.cell.home = &home;
    load.n = (unsigned)strtoul(argv[2], NULL, 10);
    snprintf(load.cell.url, sizeof load.cell.url, "%s", argv[1]);
    enter(&load, &home);
    for (unsigned i = 0; i < CLIENTS; i++)
        pthread_create(&threads[i], NULL, client_main, &load);
    for (unsigned i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    cy_client_free(home.client);
    return load.refused == 0 ? 0 : 1;
}
