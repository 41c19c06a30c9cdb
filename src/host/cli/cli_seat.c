#include "host/cli/cli_seat.h"

#include "crypto/ed25519.h"
#include "crypto/note_key.h"
#include "host/cli/cli_make.h"
#include "host/cli/cli_peer.h"
#include "host/signer/sign_act.h"
#include "host/system/form.h"
#include "kernel/act.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define CARD_MAX ((size_t)1 << 14)
#define ENTRY_MAX 2048u
#define VALID_S 600u

const struct cy_cli_option cy_cli_seat_options[] = {
    {"name",            "ORIGIN", "name of the seat: the name of the member's own ledger"                    },
    {"cell",            "DIR",    "the member's own cell on this machine: name, realm and ledger key from it"},
    {"operator",        "CODE",   "who runs the node; nodes of one operator count once for safety"           },
    {"weight",          "N",      "how much its votes count (1)"                                             },
    {"tls",             NULL,     "make a TLS key and certificate"                                           },
    {"host",            "NAME",   "host name of the server; repeat (for the certificate)"                    },
    {"label",           "NAME",   "labels of its keys begin so: several seats can share a signer"            },
    {"passphrase-file", "FILE",   "passphrase of the key directory (a random one is written to DIR)"         },
    {NULL,              NULL,     NULL                                                                       },
};

/* --- labels --- */

static bool label_of(const char *prefix, const char *name, char out[static 64])
{
    return snprintf(out, 64, "%s%s%s", prefix == NULL ? "" : prefix, prefix == NULL ? "" : "-",
                    name) < 64;
}

cy_err cy_seat_labels_of(struct cy_cli *run, struct cy_seat_label_set *out)
{
    const char *prefix = cy_cli_arg(&run->args, "label");

    if (label_of(prefix, "seat", out->act) && label_of(prefix, "vote", out->vote) &&
        label_of(prefix, "cosign", out->cosign) && label_of(prefix, "peer", out->peer))
        return CY_OK;
    cy_cli_note(run, "--label: at most 56 bytes");
    return cy_fail(CY_E_USAGE, 0);
}

/* --- the card --- */

struct card_file {
    const char *url;
    const char *pin;
    const char *entry;
};

#define AT(field) offsetof(struct card_file, field)

static const struct cy_setting card_settings[] = {
    {"url",   CY_SETTING_TEXT, AT(url),   NULL, 1, 1024,          CY_FORM_URL, NULL, NULL,
     "where the node is reached"                                                                               },
    {"pin",   CY_SETTING_TEXT, AT(pin),   "",   0, 64,            CY_FORM_PIN, NULL, NULL, "pin of its TLS key"},
    {"entry", CY_SETTING_TEXT, AT(entry), NULL, 1, 2 * ENTRY_MAX, CY_FORM_ANY, NULL, NULL,
     "the seat, signed; base64"                                                                                },
};

static char *keep(struct cy_cli *run, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *kept = cy_arena_take(&run->arena, n);

    if (kept != NULL)
        memcpy(kept, text, n);
    return kept;
}

static cy_err read_entry(struct cy_cli *run, const char *base64, struct cy_seat_card *out)
{
    uint8_t *bytes = cy_arena_take(&run->arena, ENTRY_MAX);
    struct cy_span parts[CY_SIGNED_PARTS];
    struct cy_signature signature;
    struct cy_act act;
    size_t n = 0;

    if (bytes == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_base64_read(cy_span_text(base64), bytes, ENTRY_MAX, &n));
    CY_TRY(cy_act_open(cy_span_of(bytes, n), &run->arena, &act));
    if (act.any.schema != &cy_schema_seat_admit || act.envelope.n_signers != 1)
        return cy_fail(CY_E_BAD_ENVELOPE, 0);
    out->entry = *(const struct cy_seat_admit *)act.any.message;
    out->digest = cy_sha256(cy_span_of(bytes, n));
    if (!cy_id_eq(&act.envelope.signers[0].key, &out->entry.act_key))
        return cy_fail(CY_E_WRONG_KEY, 0);
    memcpy(signature.b, act.envelope.signers[0].signature, sizeof signature.b);
    n = cy_envelope_signed(&act.envelope, 0, parts);
    return cy_ed25519_verify(&out->entry.act_key, parts, n, &signature);
}

cy_err cy_seat_card_read(struct cy_cli *run, const char *path, struct cy_seat_card *out)
{
    char why_bytes[512];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    struct cy_config *config = NULL;
    struct card_file file;
    struct cy_span text;
    cy_err err = CY_OK;

    CY_TRY(cy_cli_read_file(run, path, CARD_MAX, &text));
    if (strstr((const char *)text.at, "@include") != NULL) { /* another's card reads no file here */
        cy_cli_note(run, "%s: a card must not include other files", path);
        return cy_fail(CY_E_BAD_CONFIG, 0);
    }
    err = cy_config_load(card_settings, CY_COUNT(card_settings), path, &file, &config, &why);
    if (!cy_ok(err)) {
        cy_cli_note(run, "%s", why_bytes);
        return err;
    }
    out->url = keep(run, file.url);
    out->pin = keep(run, file.pin);
    err = out->url == NULL || out->pin == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                                               : read_entry(run, file.entry, out);
    cy_config_free(config);
    if (!cy_ok(err))
        cy_cli_note(run, "%s: this is no seat's card as its holder signed it", path);
    return err;
}

cy_err cy_seat_cards_read(struct cy_cli *run, struct cy_seat_card *out, uint32_t most, uint32_t *n)
{
    const char *path = NULL;
    size_t at = 0;

    *n = 0;
    while ((path = cy_cli_arg_next(&run->args, "seat", &at)) != NULL) {
        if (*n == most)
            return cy_fail(CY_E_TOO_LARGE, most);
        CY_TRY(cy_seat_card_read(run, path, &out[*n]));
        (*n)++;
    }
    if (*n > 0)
        return CY_OK;
    cy_cli_note(run, "--seat FILE is missing: the cards of the members (`comity federation seat`)");
    return cy_fail(CY_E_USAGE, 0);
}

static cy_err write_card(struct cy_cli *run, const char *dir, const char *url, const char *pin,
                         struct cy_span entry)
{
    char path[CY_HOME_DIR_MAX];
    char base64[2 * ENTRY_MAX];
    char text[CARD_MAX];
    int n = 0;

    if (cy_base64_size(entry.n) >= sizeof base64)
        return cy_fail(CY_E_TOO_LARGE, sizeof base64);
    cy_base64(entry.at, entry.n, base64);
    n = snprintf(text, sizeof text,
                 "# What the other members need to know of this seat. Nothing here is secret.\n"
                 "url = \"%s\";\npin = \"%s\";\nentry = \"%s\";\n",
                 url, pin, base64);
    (void)snprintf(path, sizeof path, "%.800s/" CY_SEAT_CARD, dir);
    return cy_cli_write_file(run, path, cy_span_of(text, (size_t)n));
}

static void show_card(struct cy_cli *run, const struct cy_seat_card *card)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%.*s", (int)card->entry.name.n, card->entry.name.s);
    (void)fprintf(run->out, "  seat      %s\n  operator  %.*s\n  weight    %u\n  at        %s\n",
                  name, (int)card->entry.operator.n, card->entry.operator.s, card->entry.weight,
                  card->url);
    (void)fputs("  digest    ", run->out);
    for (unsigned i = 0; i < 32; i++) /* in groups, to be read aloud */
        (void)fprintf(run->out, "%s%02x", i > 0 && i % 4 == 0 ? " " : "", card->digest.b[i]);
    (void)fputs("\n", run->out);
}

static json_t *card_json(const struct cy_seat_card *card)
{
    char digest[65];
    char key[65];

    cy_hex(card->digest.b, sizeof card->digest.b, digest);
    cy_hex(card->entry.act_key.b, sizeof card->entry.act_key.b, key);
    return json_pack("{s:s%,s:s%,s:i,s:s,s:s,s:s,s:s}", "name", card->entry.name.s,
                     (size_t)card->entry.name.n, "operator", card->entry.operator.s,
                     (size_t)card->entry.operator.n, "weight", (int)card->entry.weight, "url",
                     card->url, "pin", card->pin, "key", key, "digest", digest);
}

int cy_cli_seat_card(struct cy_cli *run)
{
    struct cy_seat_card card;
    cy_err err = CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation card needs a file");
    err = cy_seat_card_read(run, run->args.words[2], &card);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, card_json(&card));
    show_card(run, &card);
    return CY_EXIT_OK;
}

/* --- making a seat --- */

/* Name, realm and ledger key of the member's own cell. */
static cy_err read_cell(struct cy_cli *run, const char *dir, struct cy_seat_admit *entry)
{
    char path[CY_HOME_DIR_MAX];
    char why_bytes[512];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    struct cy_config *config = NULL;
    struct cy_note_key key;
    struct cy_peer card;
    struct cy_home home;
    cy_err err = CY_OK;

    (void)snprintf(path, sizeof path, "%.900s/peer.conf", dir);
    CY_TRY(cy_cli_peer_read(run, path, &card, &config));
    err = cy_note_vkey_read(cy_span_text(card.vkey), &key);
    if (cy_ok(err))
        err = cy_name_of(cy_span_text(card.origin), &entry->name);
    entry->log_key = key.key;
    cy_config_free(config);
    CY_TRY(err);
    err = cy_home_open(dir, &home, &why);
    if (cy_ok(err))
        err = cy_hex_read(cy_span_text(home.settings.realm), entry->realm.b, sizeof entry->realm.b);
    else
        cy_cli_note(run, "%s", why_bytes);
    cy_home_close(&home);
    return err;
}

static cy_err read_line(struct cy_cli *run, struct cy_seat_admit *entry)
{
    const char *name = cy_cli_arg(&run->args, "name");
    const char *cell = cy_cli_arg(&run->args, "cell");
    const char *keeper = cy_cli_arg(&run->args, "operator");
    const char *weight = cy_cli_arg(&run->args, "weight");
    const char *url = cy_cli_arg(&run->args, "url");
    uint64_t n = 1;

    if (cy_cli_arg(&run->args, "dir") == NULL || (name == NULL && cell == NULL) || keeper == NULL ||
        url == NULL) {
        cy_cli_note(run, "comity federation seat needs --dir DIR, --operator CODE, --url URL and "
                         "--name ORIGIN or --cell DIR");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (cell != NULL)
        CY_TRY(read_cell(run, cell, entry));
    if (name != NULL &&
        (!cy_form_origin(name) || !cy_ok(cy_name_of(cy_span_text(name), &entry->name)))) {
        cy_cli_note(run,
                    "--name %s: a ledger is named like a URL without its scheme, at most 63 "
                    "bytes, such as a.example/ledger",
                    name);
        return cy_fail(CY_E_USAGE, 0);
    }
    if (!cy_form_url(url)) {
        cy_cli_note(run, "--url %s: https://..., or http:// on loopback", url);
        return cy_fail(CY_E_USAGE, 0);
    }
    if (!cy_ok(cy_label_of(cy_span_text(keeper), &entry->operator))) {
        cy_cli_note(run, "--operator %s: a code of at most 15 bytes, such as ACME", keeper);
        return cy_fail(CY_E_USAGE, 0);
    }
    if (weight != NULL && (!cy_ok(cy_u64_read(cy_span_text(weight), &n)) || n < 1 || n > 1000)) {
        cy_cli_note(run, "--weight is a number from 1 to 1000");
        return cy_fail(CY_E_USAGE, 0);
    }
    entry->weight = (uint16_t)n;
    return CY_OK;
}

static cy_err make_keys(struct cy_cli *run, struct cy_seat_admit *entry)
{
    struct cy_seat_label_set labels;

    CY_TRY(cy_seat_labels_of(run, &labels));
    CY_TRY(cy_signer_make(run->signer, cy_span_text(labels.act), CY_PURPOSE_ACT, &entry->act_key,
                          NULL));
    CY_TRY(cy_signer_make(run->signer, cy_span_text(labels.vote), CY_PURPOSE_VOTE, &entry->vote_key,
                          NULL));
    CY_TRY(cy_signer_make(run->signer, cy_span_text(labels.cosign), CY_PURPOSE_COSIGNATURE,
                          &entry->cosign_key, NULL));
    return cy_signer_make(run->signer, cy_span_text(labels.peer), CY_PURPOSE_PEER, &entry->peer_key,
                          NULL);
}

static cy_err make_card(struct cy_making *making, struct cy_seat_admit *entry)
{
    struct cy_cli *run = making->run;
    const struct cy_act_author by = {.keys = &entry->act_key, .n_keys = 1, .valid_s = VALID_S};
    uint8_t bytes[ENTRY_MAX];
    struct cy_cbor_writer writer = cy_cbor_write(bytes, sizeof bytes);

    CY_TRY(make_keys(run, entry));
    CY_TRY(
        cy_sign_act(run->signer, &by, &cy_schema_seat_admit, entry, cy_cli_now() / 1000, &writer));
    return write_card(run, making->dir, cy_cli_arg(&run->args, "url"), making->pin,
                      cy_cbor_written(&writer));
}

/* Where the member's signer is, for the commands that come next; `join` adds the realm. */
static cy_err write_home(const struct cy_making *making)
{
    const char *given = cy_cli_arg(&making->run->args, "signer");
    char real[PATH_MAX];
    const struct cy_home_settings settings = {.url = cy_cli_arg(&making->run->args, "url"),
                                              .pin = making->pin,
                                              .vkey = "",
                                              .realm = "",
                                              .signer = given == NULL ? making->socket
                                                        : realpath(given, real) == NULL ? given
                                                                                        : real,
                                              .as = ""};

    return cy_home_write(making->dir, &settings);
}

/* With --signer the keys are made there, else in a key directory of the seat's own. */
static cy_err make_seat(struct cy_making *making, struct cy_seat_admit *entry)
{
    struct cy_cli *run = making->run;

    CY_TRY(read_line(run, entry));
    CY_TRY(cy_making_dir(making, cy_cli_arg(&run->args, "dir")));
    if (cy_cli_arg_on(&run->args, "tls"))
        CY_TRY(cy_making_tls(making));
    if (cy_cli_arg(&run->args, "signer") != NULL) {
        CY_TRY(cy_cli_signer(run));
    } else {
        CY_TRY(cy_making_passphrase(making));
        CY_TRY(cy_making_signer(making));
    }
    CY_TRY(make_card(making, entry));
    return write_home(making);
}

/* What comes next, to be typed. */
static void show_next(struct cy_cli *run, const struct cy_making *making, const char *card)
{
    const char *dir = making->dir;

    (void)fprintf(run->out, "  card      %s\n\n", card);
    (void)fputs("Give the card to the other founders, and let them compare the digest with you "
                "(comity federation card FILE).\n",
                run->out);
    if (cy_cli_arg(&run->args, "signer") == NULL)
        (void)fprintf(run->out,
                      "Its keys are in a key directory of its own. Start the signer:\n"
                      "  comity-signer --keys %s/keys --socket %s --passphrase-file %s &\n",
                      dir, making->socket, making->passphrase);
    (void)fprintf(run->out,
                  "Then, when one founder has written the genesis (comity federation draft):\n"
                  "  comity --dir %s federation sign genesis.draft --out signed\n",
                  dir);
}

int cy_cli_seat(struct cy_cli *run)
{
    struct cy_making *making = calloc(1, sizeof *making);
    struct cy_seat_admit entry = {.weight = 1};
    struct cy_seat_card card;
    char path[CY_HOME_DIR_MAX];
    cy_err err = CY_OK;

    if (making == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    making->run = run;
    err = make_seat(making, &entry);
    cy_making_end(making, cy_ok(err));
    (void)snprintf(path, sizeof path, "%.800s/" CY_SEAT_CARD, making->dir);
    if (cy_ok(err))
        err = cy_seat_card_read(run, path, &card);
    if (cy_ok(err) && !run->json) {
        show_card(run, &card);
        show_next(run, making, path);
    }
    free(making);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    return run->json ? cy_cli_print(run, card_json(&card)) : CY_EXIT_OK;
}
