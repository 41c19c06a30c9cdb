#include "host/cli/cli_roll.h"

#include "host/cli/cli_federation.h"
#include "host/cli/cli_founding.h"
#include "host/cli/cli_seat.h"
#include "host/json/act_json.h"
#include "host/json/json.h"

#include <errno.h>
#include <stdlib.h>

#define SEATS_MAX 16u
#define TRUSTEES_MAX 48u
#define NOBODY SIZE_MAX
#define CONF_MAX ((size_t)1 << 18)
#define PEERS "    peers = ("

const struct cy_cli_option cy_cli_roll_options[] = {
    {"out",    "FILE",    "where to write the draft"                                   },
    {"valid",  "SECONDS", "the act may be recorded within this time (3000)"            },
    {"need",   "K",       "seats that make a head final (more than two thirds of them)"},
    {"policy", "FILE",    "the policy, in place of the derived one"                    },
    {"faults", "N",       "operators that may be faulty at once (less than a third)"   },
    {NULL,     NULL,      NULL                                                         },
};

/* The roll as it will be. */
struct roll {
    struct cy_cli *run;
    struct cy_seat_entry seats[SEATS_MAX];
    uint32_t n;
    struct cy_trustee_entry trustees[TRUSTEES_MAX];
    uint32_t n_trustees;
    char policy[CY_QUORUM_TEXT_MAX];
};

static bool is(const json_t *seat, const char *state)
{
    return strcmp(cy_json_word(seat, "state"), state) == 0;
}

static cy_err take_seat(struct roll *roll, const json_t *seat)
{
    struct cy_seat_entry *e = &roll->seats[roll->n];

    if (roll->n == SEATS_MAX)
        return cy_fail(CY_E_SEATS_FULL, SEATS_MAX);
    CY_TRY(cy_name_of(cy_span_text(cy_json_word(seat, "name")), &e->name));
    CY_TRY(cy_label_of(cy_span_text(cy_json_word(seat, "operator")), &e->operator));
    CY_TRY(cy_hex_read(cy_span_text(cy_json_word(seat, "cosign_key")), e->cosign_key.b, 32));
    roll->n++;
    return CY_OK;
}

/* The active seats, and the one called so, which is on probation; its number. */
static cy_err read_seats(struct roll *roll, const char *name, uint64_t *number)
{
    json_t *page = NULL;
    const json_t *seat = NULL;
    size_t i = 0;
    size_t found = NOBODY;
    cy_err err = cy_cli_fetch_json(roll->run, "/v1/records/seat", &page);

    json_array_foreach(json_object_get(page, "items"), i, seat)
    {
        const bool wanted =
            name != NULL && is(seat, "probation") && strcmp(cy_json_word(seat, "name"), name) == 0;

        if (wanted)
            found = (size_t)json_integer_value(json_object_get(seat, "number"));
        if (cy_ok(err) && (wanted || is(seat, "active")))
            err = take_seat(roll, seat);
    }
    json_decref(page);
    if (cy_ok(err) && name != NULL && found == NOBODY) {
        cy_cli_note(roll->run, "%s is no seat on probation (comity federation seats)", name);
        return cy_fail(CY_E_NO_NAME, 0);
    }
    if (name != NULL)
        *number = (uint64_t)found;
    return err;
}

static cy_err read_trustees(struct roll *roll)
{
    json_t *page = NULL;
    const json_t *one = NULL;
    size_t i = 0;
    cy_err err = cy_cli_fetch_json(roll->run, "/v1/records/trustee", &page);

    json_array_foreach(json_object_get(page, "items"), i, one)
    {
        struct cy_trustee_entry *t = &roll->trustees[roll->n_trustees];

        if (!cy_ok(err) || roll->n_trustees == TRUSTEES_MAX)
            break;
        err = cy_name_of(cy_span_text(cy_json_word(one, "name")), &t->name);
        if (cy_ok(err))
            err = cy_label_of(cy_span_text(cy_json_word(one, "operator")), &t->operator);
        if (cy_ok(err))
            err = cy_hex_read(cy_span_text(cy_json_word(one, "cosign_key")), t->cosign_key.b, 32);
        if (cy_ok(err) &&
            !cy_founding_chamber(cy_span_text(cy_json_word(one, "chamber")), &t->chamber))
            err = cy_fail(CY_E_PEER_ANSWER, 0);
        roll->n_trustees++;
    }
    json_decref(page);
    return err;
}

static cy_err policy_of(struct roll *roll, const char *newcomer, uint64_t *number,
                        struct cy_span *policy, uint16_t *faults)
{
    const char *file = cy_cli_arg(&roll->run->args, "policy");
    const char *given = cy_cli_arg(&roll->run->args, "faults");
    uint64_t n = 0;

    CY_TRY(read_seats(roll, newcomer, number));
    CY_TRY(read_trustees(roll));
    n = roll->n == 0 ? 0 : (roll->n - 1) / 3;
    if (given != NULL && (!cy_ok(cy_u64_read(cy_span_text(given), &n)) || n > 1000)) {
        cy_cli_note(roll->run, "--faults is a whole number, at most 1000");
        return cy_fail(CY_E_USAGE, 0);
    }
    *faults = (uint16_t)n;
    if (file != NULL)
        return cy_cli_read_file(roll->run, file, CY_QUORUM_TEXT_MAX, policy);
    return cy_founding_policy(roll->run, roll->seats, roll->n, roll->trustees, roll->n_trustees,
                              roll->policy, policy);
}

static struct roll *roll_of(struct cy_cli *run)
{
    struct roll *roll = cy_arena_zero(&run->arena, sizeof *roll);

    if (roll != NULL)
        roll->run = run;
    return roll;
}

/* Shown, and kept beside the draft as OUT.policy: who opens a bridge to this federation, or
 * verifies its receipts, needs these very bytes. */
static cy_err show_policy(struct cy_cli *run, struct cy_span policy)
{
    const char *out = cy_cli_arg(&run->args, "out");
    char path[CY_HOME_DIR_MAX];

    if (!run->json)
        (void)fprintf(run->out, "%.*s", (int)policy.n, (const char *)policy.at);
    if (out == NULL || strcmp(out, "-") == 0)
        return CY_OK;
    (void)snprintf(path, sizeof path, "%.1000s.policy", out);
    return cy_cli_write_file(run, path, policy);
}

int cy_cli_roll_admit(struct cy_cli *run)
{
    struct cy_seat_card card;
    cy_err err = CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation admit needs the newcomer's card");
    err = cy_seat_card_read(run, run->args.words[2], &card);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    return cy_federation_draft(run, &cy_schema_seat_admit, &card.entry);
}

int cy_cli_roll_confirm(struct cy_cli *run)
{
    struct roll *roll = roll_of(run);
    struct cy_seat_confirm m = {0};
    cy_err err = roll == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation confirm needs the name of a seat on probation");
    if (cy_ok(err))
        err = policy_of(roll, run->args.words[2], &m.seat, &m.policy, &m.faults);
    if (cy_ok(err))
        err = show_policy(run, m.policy);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    return cy_federation_draft(run, &cy_schema_seat_confirm, &m);
}

int cy_cli_roll_policy(struct cy_cli *run)
{
    struct roll *roll = roll_of(run);
    struct cy_policy_set m = {0};
    uint64_t none = 0;
    cy_err err = roll == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;

    if (cy_ok(err))
        err = policy_of(roll, NULL, &none, &m.policy, &m.faults);
    if (cy_ok(err))
        err = show_policy(run, m.policy);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    return cy_federation_draft(run, &cy_schema_policy_set, &m);
}

/* --- who is where --- */

/* The place of a member in the list of peers, as `join` writes them. */
static void add_peer(struct cy_text *out, const struct cy_seat_card *card, bool last)
{
    cy_text_add(out, "\n        { seat = \"");
    cy_text_span(out, cy_name_text(&card->entry.name));
    cy_text_add(out, "\"; url = \"");
    cy_text_add(out, card->url);
    if (card->pin[0] != 0) {
        cy_text_add(out, "\"; tls_pin = \"");
        cy_text_add(out, card->pin);
    }
    cy_text_add(out, last ? "\"; }" : "\"; },");
}

/* The settings with one more peer. A seat that stands there already is edited by hand: only its
 * holder and who knows it can say that it moved. */
static cy_err with_peer(struct cy_cli *run, const char *path, const struct cy_seat_card *card,
                        struct cy_span *fresh)
{
    char *room = cy_arena_take(&run->arena, CONF_MAX);
    struct cy_text out = cy_text_on(room, room == NULL ? 0 : CONF_MAX);
    char wanted[CY_HOME_DIR_MAX];
    struct cy_span conf;
    const char *list = NULL;
    size_t before = 0;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, CONF_MAX);
    CY_TRY(cy_cli_read_file(run, path, CONF_MAX / 2, &conf));
    list = strstr((const char *)conf.at, PEERS);
    (void)snprintf(wanted, sizeof wanted, "seat = \"%.*s\"; url", (int)card->entry.name.n,
                   card->entry.name.s);
    if (list == NULL) {
        cy_cli_note(run, "%s has no list of peers, as `comity federation join` writes it", path);
        return cy_fail(CY_E_BAD_CONFIG, 0);
    }
    if (strstr(list, wanted) != NULL) {
        cy_cli_note(run,
                    "%s knows %.*s already; where it has moved, change its url and tls_pin there",
                    path, (int)card->entry.name.n, card->entry.name.s);
        return cy_fail(CY_E_EXISTS, 0);
    }
    list += sizeof PEERS - 1;
    before = (size_t)(list - (const char *)conf.at);
    cy_text_span(&out, cy_span_of(conf.at, before));
    add_peer(&out, card, list[strspn(list, " \n")] == ')');
    cy_text_span(&out, cy_span_of(conf.at + before, conf.n - before));
    *fresh = cy_text_bytes(&out);
    return CY_OK;
}

static cy_err meet(struct cy_cli *run, const char *path, const char *card_path)
{
    char fresh_path[CY_HOME_DIR_MAX + 32];
    struct cy_seat_card card;
    struct cy_span fresh;

    CY_TRY(cy_seat_card_read(run, card_path, &card));
    CY_TRY(with_peer(run, path, &card, &fresh));
    (void)snprintf(fresh_path, sizeof fresh_path, "%.1000s.new", path);
    CY_TRY(cy_cli_write_file(run, fresh_path, fresh));
    if (rename(fresh_path, path) != 0)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    if (!run->json)
        (void)fprintf(run->out, "knows %.*s at %s\n", (int)card.entry.name.n, card.entry.name.s,
                      card.url);
    return CY_OK;
}

int cy_cli_roll_meet(struct cy_cli *run)
{
    char path[CY_HOME_DIR_MAX];

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation meet needs the card of another member");
    if (!cy_home_path(&run->home, "comityd.conf", path) || run->home.dir[0] == 0)
        return cy_cli_wrong(run, "name the node's directory: --dir DIR");
    for (size_t i = 2; i < run->args.n_words; i++) {
        const cy_err err = meet(run, path, run->args.words[i]);

        if (!cy_ok(err))
            return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        return cy_cli_print(run, json_pack("{s:i}", "peers", (int)run->args.n_words - 2));
    (void)fputs("Start the daemon again, so that it sends there, too.\n", run->out);
    return CY_EXIT_OK;
}
