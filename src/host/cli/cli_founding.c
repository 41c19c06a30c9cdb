#include "host/cli/cli_founding.h"

#include "crypto/note_key.h"
#include "host/cli/cli_draft.h"
#include "host/cli/cli_make.h"
#include "host/cli/cli_seat.h"
#include "host/system/form.h"
#include "kernel/roll.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEATS_MAX 16u
#define TRUSTEES_MAX 48u
#define VALID_S 600u

const struct cy_cli_option cy_cli_founding_options[] = {
    {"name",         "ORIGIN",                "name of the federation's ledger; it never changes"          },
    {"seat",         "FILE",                  "the card of a founder; repeat, own one included"            },
    {"trustee",      "CHAMBER,VKEY,OPERATOR",
     "a trustee who cosigns for capital, labor or commons; repeat"                                         },
    {"need",         "K",                     "seats that make a head final (more than two thirds of them)"},
    {"policy",       "FILE",                  "the policy, in place of the derived one"                    },
    {"faults",       "N",                     "operators that may be faulty at once (less than a third)"   },
    {"constitution", "FILE",                  "text of the constitution"                                   },
    {"param",        "NAME=N",                "a parameter that differs from its default; repeat"          },
    {"waiver-days",  "N",                     "days in which the tier ladder asks no waiting time (0)"     },
    {"out",          "FILE",                  "where to write the draft"                                   },
    {NULL,           NULL,                    NULL                                                         },
};

const struct cy_cli_option cy_cli_join_options[] = {
    {"genesis",    "FILE", "the sealed genesis"                                                },
    {"seat",       "FILE", "the card of another member; repeat"                                },
    {"listen",     "ADDR", "address the node listens on (127.0.0.1; 0.0.0.0 for all, with TLS)"},
    {"port",       "PORT", "where the node listens (that of the own card's URL)"               },
    {"plain-port", "PORT", "also listen there without TLS, on loopback only (0 = no)"          },
    {"host",       "NAME", "host name of the server; repeat"                                   },
    {"label",      "NAME", "as it was given to `comity federation seat`"                       },
    {NULL,         NULL,   NULL                                                                },
};

/* --- the draft --- */

struct founding {
    struct cy_cli *run;
    struct cy_seat_card cards[SEATS_MAX];
    uint32_t n;
    struct cy_seat_entry seats[SEATS_MAX];
    struct cy_key_share keys[SEATS_MAX];
    struct cy_id signers[SEATS_MAX];
    struct cy_trustee_entry trustees[TRUSTEES_MAX];
    uint32_t n_trustees;
    struct cy_param_value params[64];
    uint32_t n_params;
    char policy[CY_QUORUM_TEXT_MAX];
    struct cy_genesis genesis;
};

/* By name: whoever writes the draft from the same cards gets the same order. */
static int by_name(const void *a, const void *b)
{
    const struct cy_name *x = &((const struct cy_seat_card *)a)->entry.name;
    const struct cy_name *y = &((const struct cy_seat_card *)b)->entry.name;

    return strncmp(x->s, y->s, sizeof x->s);
}

static void take_seats(struct founding *f)
{
    uint64_t weight = 0;

    qsort(f->cards, f->n, sizeof f->cards[0], by_name);
    for (uint32_t i = 0; i < f->n; i++) {
        const struct cy_seat_admit *e = &f->cards[i].entry;

        f->seats[i] = (struct cy_seat_entry){.name = e->name,
                                             .key = e->act_key,
                                             .vote_key = e->vote_key,
                                             .cosign_key = e->cosign_key,
                                             .peer_key = e->peer_key,
                                             .operator= e->operator,
                                             .weight = e->weight,
                                             .realm = e->realm,
                                             .passport = e->passport,
                                             .log_key = e->log_key};
        f->keys[i] = (struct cy_key_share){.key = e->act_key, .weight = e->weight};
        f->signers[i] = e->act_key;
        weight += e->weight;
    }
    f->genesis.seats = f->seats;
    f->genesis.n_seats = f->n;
    f->genesis.keys = f->keys;
    f->genesis.n_keys = f->n;
    f->genesis.need_0 = (uint16_t)(weight * 2 / 3 + 1);
}

static const struct cy_word_set *chambers(void)
{
    const struct cy_schema *schema = &cy_schema_trustee_entry;
    const struct cy_word_set *set = NULL;

    for (size_t i = 0; i < schema->n_fields && set == NULL; i++)
        set = schema->fields[i].set;
    CY_ASSERT(set != NULL);
    return set;
}

bool cy_founding_chamber(struct cy_span word, uint8_t *out)
{
    const struct cy_word_set *set = chambers();

    for (size_t i = 0; i < set->n; i++) {
        if (!cy_span_eq(word, cy_span_text(set->words[i].text)))
            continue;
        *out = set->words[i].number;
        return true;
    }
    return false;
}

/* CHAMBER,VKEY,OPERATOR */
static cy_err take_trustee(struct founding *f, const char *word)
{
    struct cy_trustee_entry *t = &f->trustees[f->n_trustees];
    const char *first = strchr(word, ',');
    const char *last = strrchr(word, ',');
    struct cy_note_key key;

    if (f->n_trustees == TRUSTEES_MAX || first == NULL || first == last ||
        !cy_founding_chamber(cy_span_of(word, (size_t)(first - word)), &t->chamber) ||
        !cy_ok(cy_note_vkey_read(cy_span_of(first + 1, (size_t)(last - first) - 1), &key)) ||
        key.type != CY_NOTE_COSIGNATURE || !cy_ok(cy_name_of(key.name, &t->name)) ||
        !cy_ok(cy_label_of(cy_span_text(last + 1), &t->operator))) {
        cy_cli_note(f->run,
                    "--trustee %s: write CHAMBER,VKEY,OPERATOR with a cosignature key, such as "
                    "labor,union.example+1f2e3d4c+BA...,UNION",
                    word);
        return cy_fail(CY_E_USAGE, 0);
    }
    t->cosign_key = key.key;
    f->n_trustees++;
    return CY_OK;
}

static cy_err take_trustees(struct founding *f)
{
    const char *word = NULL;
    size_t at = 0;

    while ((word = cy_cli_arg_next(&f->run->args, "trustee", &at)) != NULL)
        CY_TRY(take_trustee(f, word));
    f->genesis.trustees = f->trustees;
    f->genesis.n_trustees = f->n_trustees;
    return CY_OK;
}

/* --- the policy --- */

static void add_witness(struct cy_text *out, const struct cy_name *name, const struct cy_id *id)
{
    struct cy_note_key key;

    cy_text_add(out, "witness ");
    cy_text_span(out, cy_name_text(name));
    cy_text_add(out, " ");
    if (cy_ok(cy_note_key_of(cy_name_text(name), CY_NOTE_COSIGNATURE, id, &key)))
        cy_note_vkey(&key, out);
    cy_text_add(out, "\n");
}

static const struct cy_label *keeper_of(const struct founding *f, uint32_t i)
{
    return i < f->n ? &f->seats[i].operator: & f->trustees[i - f->n].operator;
}

/* All witnesses of one operator on one line, where the first of them stands. */
static void add_operators(const struct founding *f, struct cy_text *out)
{
    const uint32_t n = f->n + f->n_trustees;

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_label *mine = keeper_of(f, i);
        bool first = true;

        for (uint32_t k = 0; k < n; k++) {
            const struct cy_label *other = keeper_of(f, k);
            const struct cy_name *name = k < f->n ? &f->seats[k].name : &f->trustees[k - f->n].name;

            if (!cy_span_eq(cy_label_text(mine), cy_label_text(other)))
                continue;
            if (k < i)
                break;
            if (first) {
                cy_text_add(out, "#operator ");
                cy_text_span(out, cy_label_text(mine));
            }
            first = false;
            cy_text_add(out, " ");
            cy_text_span(out, cy_name_text(name));
        }
        cy_text_add(out, first ? "" : "\n");
    }
}

/* More than half of a chamber's trustees; true when it has any. */
static bool add_chamber(const struct founding *f, struct cy_text *out, const struct cy_word *word)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_trustees; i++)
        n += f->trustees[i].chamber == word->number;
    if (n == 0)
        return false;
    cy_text_add(out, "group ");
    cy_text_add(out, word->text);
    cy_text_add(out, " ");
    cy_text_u64(out, n / 2 + 1);
    for (uint32_t i = 0; i < f->n_trustees; i++) {
        if (f->trustees[i].chamber != word->number)
            continue;
        cy_text_add(out, " ");
        cy_text_span(out, cy_name_text(&f->trustees[i].name));
    }
    cy_text_add(out, "\n");
    return true;
}

static void add_chambers(const struct founding *f, struct cy_text *out)
{
    const struct cy_word_set *set = chambers();
    char all_bytes[256];
    struct cy_text all = cy_text_on(all_bytes, sizeof all_bytes);

    for (size_t i = 0; i < set->n; i++) {
        if (!add_chamber(f, out, &set->words[i]))
            continue;
        cy_text_add(&all, " ");
        cy_text_add(&all, set->words[i].text);
    }
    if (all.n == 0) {
        cy_text_add(out, "quorum seats\n");
        return;
    }
    cy_text_add(out, "group final all seats");
    cy_text_span(out, cy_text_bytes(&all));
    cy_text_add(out, "\nquorum final\n");
}

static cy_err derive_policy(struct founding *f)
{
    const char *need = cy_cli_arg(&f->run->args, "need");
    struct cy_text out = cy_text_on(f->policy, sizeof f->policy);
    uint64_t k = (uint64_t)f->n * 2 / 3 + 1;

    if (need != NULL && (!cy_ok(cy_u64_read(cy_span_text(need), &k)) || k < 1 || k > f->n)) {
        cy_cli_note(f->run, "--need is a number from 1 to %u, the number of seats", f->n);
        return cy_fail(CY_E_USAGE, 0);
    }
    for (uint32_t i = 0; i < f->n; i++)
        add_witness(&out, &f->seats[i].name, &f->seats[i].cosign_key);
    for (uint32_t i = 0; i < f->n_trustees; i++)
        add_witness(&out, &f->trustees[i].name, &f->trustees[i].cosign_key);
    add_operators(f, &out);
    cy_text_add(&out, "group seats ");
    cy_text_u64(&out, k);
    for (uint32_t i = 0; i < f->n; i++) {
        cy_text_add(&out, " ");
        cy_text_span(&out, cy_name_text(&f->seats[i].name));
    }
    cy_text_add(&out, "\n");
    add_chambers(f, &out);
    f->genesis.policy = cy_text_bytes(&out);
    return out.full ? cy_fail(CY_E_TOO_LARGE, sizeof f->policy) : CY_OK;
}

cy_err cy_founding_policy(struct cy_cli *run, const struct cy_seat_entry *seats, uint32_t n,
                          const struct cy_trustee_entry *trustees, uint32_t n_trustees,
                          char text[static CY_QUORUM_TEXT_MAX], struct cy_span *out)
{
    struct founding *f = cy_arena_zero(&run->arena, sizeof *f);

    if (f == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_ASSERT(n <= SEATS_MAX && n_trustees <= TRUSTEES_MAX);
    f->run = run;
    f->n = n;
    f->n_trustees = n_trustees;
    memcpy(f->seats, seats, n * sizeof *seats);
    memcpy(f->trustees, trustees, n_trustees * sizeof *trustees);
    CY_TRY(derive_policy(f));
    memcpy(text, f->genesis.policy.at, f->genesis.policy.n);
    *out = cy_span_of(text, f->genesis.policy.n);
    return CY_OK;
}

static cy_err take_policy(struct founding *f)
{
    const char *policy = cy_cli_arg(&f->run->args, "policy");
    const char *faults = cy_cli_arg(&f->run->args, "faults");
    uint64_t n = f->n == 0 ? 0 : (f->n - 1) / 3;

    if (faults != NULL && (!cy_ok(cy_u64_read(cy_span_text(faults), &n)) || n > 1000)) {
        cy_cli_note(f->run, "--faults is a whole number, at most 1000");
        return cy_fail(CY_E_USAGE, 0);
    }
    f->genesis.faults = (uint16_t)n;
    if (policy != NULL)
        return cy_cli_read_file(f->run, policy, CY_QUORUM_TEXT_MAX, &f->genesis.policy);
    return derive_policy(f);
}

static cy_err take_texts(struct founding *f)
{
    const char *name = cy_cli_arg(&f->run->args, "name");
    const char *constitution = cy_cli_arg(&f->run->args, "constitution");
    const char *days = cy_cli_arg(&f->run->args, "waiver-days");
    uint64_t n_days = 0;

    if (name == NULL || !cy_form_origin(name) ||
        !cy_ok(cy_name_of(cy_span_text(name), &f->genesis.name))) {
        cy_cli_note(f->run, "--name ORIGIN: a ledger is named like a URL without its scheme, at "
                            "most 63 bytes, such as sea.example/federation");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (days != NULL && (!cy_ok(cy_u64_read(cy_span_text(days), &n_days)) || n_days > 36500)) {
        cy_cli_note(f->run, "--waiver-days is a whole number, at most 36500");
        return cy_fail(CY_E_USAGE, 0);
    }
    f->genesis.now = cy_cli_now();
    f->genesis.rules = 1;
    if (n_days > 0)
        f->genesis.waiver_until = f->genesis.now + n_days * CY_DAY_MS;
    if (constitution != NULL)
        CY_TRY(cy_cli_read_file(f->run, constitution, 16384, &f->genesis.constitution));
    CY_TRY(cy_making_params(f->run, f->params, CY_COUNT(f->params), &f->n_params));
    f->genesis.params = f->params;
    f->genesis.n_params = f->n_params;
    return CY_OK;
}

/* Where two quorums of the policy meet: what the founders must know before they sign. */
static cy_err least_meeting(struct founding *f, uint32_t *least)
{
    struct cy_quorum *quorum = cy_arena_take(&f->run->arena, sizeof *quorum);
    struct cy_quorum_meet meet;

    if (quorum == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_quorum_read(f->genesis.policy, quorum));
    CY_TRY(cy_quorum_meet(quorum, &meet));
    *least = meet.least;
    return CY_OK;
}

static cy_err draft(struct founding *f, struct cy_act *act, uint32_t *least)
{
    struct cy_act_author by = {.keys = f->signers, .valid_s = VALID_S};
    struct cy_span bytes;

    if (cy_cli_arg(&f->run->args, "out") == NULL) {
        cy_cli_note(f->run, "comity federation draft needs --out FILE");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(take_texts(f));
    CY_TRY(cy_seat_cards_read(f->run, f->cards, SEATS_MAX, &f->n));
    take_seats(f);
    CY_TRY(take_trustees(f));
    CY_TRY(take_policy(f));
    CY_TRY(least_meeting(f, least));
    by.n_keys = f->n;
    CY_TRY(cy_act_unsigned(&by, &cy_schema_genesis, &f->genesis, f->genesis.now / 1000,
                           &f->run->arena, &bytes));
    CY_TRY(cy_act_open(bytes, &f->run->arena, act));
    return cy_cli_draft_write(f->run, "genesis.draft", bytes, "draft");
}

int cy_cli_founding_draft(struct cy_cli *run)
{
    struct founding *f = cy_arena_zero(&run->arena, sizeof *f);
    char id[65];
    struct cy_act act;
    uint32_t least = 0;
    cy_err err = CY_OK;

    if (f == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    f->run = run;
    err = draft(f, &act, &least);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(act.id.b, sizeof act.id.b, id);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:i,s:i,s:i,s:i}", "realm", id, "seats", (int)f->n,
                                           "trustees", (int)f->n_trustees, "faults",
                                           (int)f->genesis.faults, "meet", (int)least));
    (void)fprintf(run->out, "  realm     %s\n  seats     %u\n", id, f->n);
    for (uint32_t i = 0; i < f->n; i++)
        (void)fprintf(run->out, "            %.*s, weight %u, run by %.*s\n",
                      (int)f->seats[i].name.n, f->seats[i].name.s, f->seats[i].weight,
                      (int)f->seats[i].operator.n, f->seats[i].operator.s);
    (void)fprintf(run->out,
                  "  trustees  %u\n  safety    any two quorums share %u operators; %u may be "
                  "faulty\n\nNow every founder reads and signs it, and sends the copy back:\n"
                  "  comity --dir DIR federation sign FILE --out SEAT.signed\n"
                  "Then one puts the copies together:\n"
                  "  comity federation seal *.signed --out genesis.act\n",
                  f->n_trustees, least, f->genesis.faults);
    return CY_EXIT_OK;
}

/* --- join --- */

struct joining {
    struct cy_cli *run;
    char dir[CY_HOME_DIR_MAX]; /* absolute */
    const struct cy_genesis *genesis;
    struct cy_act act;
    struct cy_span bytes;
    struct cy_seat_card own;
    struct cy_seat_card others[SEATS_MAX];
    uint32_t n_others;
    struct cy_seat_label_set labels;
    char socket[CY_HOME_DIR_MAX];
    uint64_t port;
    uint64_t plain_port;
};

/* Every founder signed, and nobody else. */
static cy_err check_genesis(struct joining *j, const char *path)
{
    CY_TRY(cy_cli_read_file(j->run, path, CY_ENTRY_MAX, &j->bytes));
    CY_TRY(cy_act_open(j->bytes, &j->run->arena, &j->act));
    if (j->act.any.schema != &cy_schema_genesis) {
        cy_cli_note(j->run, "%s: this is no genesis", path);
        return cy_fail(CY_E_BAD_ENVELOPE, 0);
    }
    j->genesis = j->act.any.message;
    if (j->genesis->n_seats == 0) {
        cy_cli_note(j->run, "%s: this is the genesis of a cell, not of a federation", path);
        return cy_fail(CY_E_BAD_ROLL, 0);
    }
    for (uint32_t i = 0; i < j->act.envelope.n_signers; i++) {
        if (!cy_cli_draft_signed(&j->act, i))
            return cy_fail(CY_E_BAD_SIGNATURE, i);
    }
    for (uint32_t i = 0; i < j->genesis->n_seats; i++) {
        bool signed_ = false;

        for (uint32_t k = 0; k < j->act.envelope.n_signers; k++)
            signed_ =
                signed_ || cy_id_eq(&j->act.envelope.signers[k].key, &j->genesis->seats[i].key);
        if (signed_)
            continue;
        cy_cli_note(j->run, "%s: %.*s has not signed it", path, (int)j->genesis->seats[i].name.n,
                    j->genesis->seats[i].name.s);
        return cy_fail(CY_E_THRESHOLD, i);
    }
    return CY_OK;
}

/* The cards of the others are of seats of the genesis, with the same keys; the own one too, unless
 * this member was admitted later. */
static const struct cy_seat_entry *seat_of(const struct joining *j, const struct cy_seat_card *card)
{
    for (uint32_t i = 0; i < j->genesis->n_seats; i++) {
        const struct cy_seat_entry *seat = &j->genesis->seats[i];

        if (cy_span_eq(cy_name_text(&seat->name), cy_name_text(&card->entry.name)) &&
            cy_id_eq(&seat->key, &card->entry.act_key) &&
            cy_id_eq(&seat->peer_key, &card->entry.peer_key))
            return seat;
    }
    return NULL;
}

static cy_err read_cards(struct joining *j)
{
    struct cy_seat_card all[SEATS_MAX + 1];
    char path[CY_HOME_DIR_MAX + 16];
    uint32_t n = 0;

    (void)snprintf(path, sizeof path, "%.1000s/" CY_SEAT_CARD, j->dir);
    CY_TRY(cy_seat_card_read(j->run, path, &j->own));
    CY_TRY(cy_seat_cards_read(j->run, all, CY_COUNT(all), &n));
    for (uint32_t i = 0; i < n; i++) {
        if (cy_id_eq(&all[i].entry.act_key, &j->own.entry.act_key))
            continue;
        if (j->n_others == SEATS_MAX)
            return cy_fail(CY_E_TOO_LARGE, SEATS_MAX);
        if (seat_of(j, &all[i]) == NULL)
            cy_cli_note(j->run, "%.*s is no founder: it must have been admitted since",
                        (int)all[i].entry.name.n, all[i].entry.name.s);
        j->others[j->n_others++] = all[i];
    }
    return CY_OK;
}

static cy_err read_ports(struct joining *j)
{
    const char *port = cy_cli_arg(&j->run->args, "port");
    const char *plain = cy_cli_arg(&j->run->args, "plain-port");
    const char *at = strrchr(j->own.url, ':');
    char digits[8] = "443";

    if (at != NULL && at[1] != '/')
        (void)snprintf(digits, sizeof digits, "%.*s", (int)strcspn(at + 1, "/"), at + 1);
    if (!cy_ok(cy_u64_read(cy_span_text(port == NULL ? digits : port), &j->port)) ||
        j->port > 65535 ||
        (plain != NULL &&
         (!cy_ok(cy_u64_read(cy_span_text(plain), &j->plain_port)) || j->plain_port > 65535))) {
        cy_cli_note(j->run, "--port and --plain-port are numbers, at most 65535");
        return cy_fail(CY_E_USAGE, 0);
    }
    return CY_OK;
}

static void write_peers(const struct joining *j, FILE *file)
{
    (void)fputs("    peers = (", file);
    for (uint32_t i = 0; i < j->n_others; i++) {
        const struct cy_seat_card *card = &j->others[i];

        (void)fprintf(file, "%s\n        { seat = \"%.*s\"; url = \"%s\";", i > 0 ? "," : "",
                      (int)card->entry.name.n, card->entry.name.s, card->url);
        if (card->pin[0] != 0)
            (void)fprintf(file, " tls_pin = \"%s\";", card->pin);
        (void)fputs(" }", file);
    }
    (void)fputs(" );\n};\n", file);
}

static cy_err write_config(const struct joining *j)
{
    char path[CY_HOME_DIR_MAX + 16];
    const char *listen = cy_cli_arg(&j->run->args, "listen");
    FILE *file = NULL;
    const char *host = NULL;
    size_t at = 0;
    bool first = true;

    if (listen != NULL && !cy_form_address(listen)) {
        cy_cli_note(j->run, "--listen %s: an IPv4 or IPv6 address", listen);
        return cy_fail(CY_E_USAGE, 0);
    }
    (void)snprintf(path, sizeof path, "%.1000s/comityd.conf", j->dir);
    file = fopen(path, "wxe");
    if (file == NULL) {
        cy_cli_note(j->run, "%s: %s", path, strerror(errno));
        return cy_fail(errno == EEXIST ? CY_E_DIR_TAKEN : CY_E_DISK_FAILED, (uint64_t)errno);
    }
    (void)fprintf(file,
                  "# comityd: the node of %.*s in the federation %.*s.\n"
                  "origin = \"%.*s\";\ndata = \"%s/data\";\nsigner = \"%s\";\n"
                  "listen: {\n    address = \"%s\";\n    port = %llu;\n    plain_port = "
                  "%llu;\n    hosts = [",
                  (int)j->own.entry.name.n, j->own.entry.name.s, (int)j->genesis->name.n,
                  j->genesis->name.s, (int)j->genesis->name.n, j->genesis->name.s, j->dir,
                  j->socket, listen == NULL ? "127.0.0.1" : listen, (unsigned long long)j->port,
                  (unsigned long long)j->plain_port);
    while ((host = cy_cli_arg_next(&j->run->args, "host", &at)) != NULL) {
        (void)fprintf(file, "%s \"%s\"", first ? "" : ",", host);
        first = false;
    }
    (void)fputs(" ];\n};\n", file);
    if (j->own.pin[0] != 0)
        (void)fprintf(file,
                      "tls: {\n    on = true;\n    cert = \"%s/tls.cert.pem\";\n"
                      "    key = \"%s/tls.key.pem\";\n};\n",
                      j->dir, j->dir);
    (void)fprintf(file,
                  "federation: {\n    genesis = \"%s/genesis.act\";\n    seat = \"%.*s\";\n"
                  "    label_act = \"%s\";\n    label_vote = \"%s\";\n    label_cosign = \"%s\";\n"
                  "    label_peer = \"%s\";\n",
                  j->dir, (int)j->own.entry.name.n, j->own.entry.name.s, j->labels.act,
                  j->labels.vote, j->labels.cosign, j->labels.peer);
    write_peers(j, file);
    return fclose(file) == 0 ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

static cy_err write_home(const struct joining *j)
{
    char realm[65];
    const struct cy_home_settings settings = {.url = j->own.url,
                                              .pin = j->own.pin,
                                              .vkey = "",
                                              .realm = realm,
                                              .signer = j->socket,
                                              .as = ""};

    cy_hex(j->act.id.b, sizeof j->act.id.b, realm);
    return cy_home_rewrite(j->dir, &settings);
}

static cy_err find_dir(struct joining *j)
{
    const char *given = cy_cli_arg(&j->run->args, "dir");
    const char *signer = cy_cli_arg(&j->run->args, "signer");
    char real[PATH_MAX];

    if (given == NULL || cy_cli_arg(&j->run->args, "genesis") == NULL) {
        cy_cli_note(j->run, "comity federation join needs --dir DIR, --genesis FILE and the cards "
                            "of the other members, --seat FILE");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (realpath(given, real) == NULL || strlen(real) > 800) {
        cy_cli_note(j->run, "%s: %s", given, strerror(errno));
        return cy_fail(CY_E_NO_FILE, (uint64_t)errno);
    }
    (void)snprintf(j->dir, sizeof j->dir, "%.800s", real);
    if (signer != NULL)
        (void)snprintf(j->socket, sizeof j->socket, "%.1000s", signer);
    else
        (void)snprintf(j->socket, sizeof j->socket, "%.800s/signer.sock", j->dir);
    return CY_OK;
}

static cy_err join(struct joining *j)
{
    char path[CY_HOME_DIR_MAX + 16];

    CY_TRY(find_dir(j));
    CY_TRY(cy_seat_labels_of(j->run, &j->labels));
    CY_TRY(check_genesis(j, cy_cli_arg(&j->run->args, "genesis")));
    CY_TRY(read_cards(j));
    CY_TRY(read_ports(j));
    (void)snprintf(path, sizeof path, "%.1000s/genesis.act", j->dir);
    CY_TRY(cy_cli_write_file(j->run, path, j->bytes));
    (void)snprintf(path, sizeof path, "%.1000s/policy", j->dir); /* what others pin of us */
    CY_TRY(cy_cli_write_file(j->run, path, j->genesis->policy));
    CY_TRY(write_config(j));
    return write_home(j);
}

int cy_cli_founding_join(struct cy_cli *run)
{
    struct joining *j = cy_arena_zero(&run->arena, sizeof *j);
    char realm[65];
    cy_err err = CY_OK;

    if (j == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    j->run = run;
    err = join(j);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(j->act.id.b, sizeof j->act.id.b, realm);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:s%,s:s%,s:i}", "realm", realm, "origin",
                                           j->genesis->name.s, (size_t)j->genesis->name.n, "seat",
                                           j->own.entry.name.s, (size_t)j->own.entry.name.n,
                                           "peers", (int)j->n_others));
    (void)fprintf(run->out,
                  "%.*s has a seat in %.*s now.\n  realm  %s\n\nNext:\n"
                  "  comity-signer --keys %s/keys --socket %s --passphrase-file %s/passphrase &\n"
                  "  comityd --config %s/comityd.conf &\n"
                  "Then: comity --dir %s federation status\n",
                  (int)j->own.entry.name.n, j->own.entry.name.s, (int)j->genesis->name.n,
                  j->genesis->name.s, realm, j->dir, j->socket, j->dir, j->dir, j->dir);
    return CY_EXIT_OK;
}
