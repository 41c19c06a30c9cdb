#include "host/cli/cli_bridge.h"

#include "crypto/note_key.h"
#include "host/json/json.h"

#include <stdlib.h>

#define KINDS 4u
#define GUARDS_MAX 16u

const struct cy_cli_option cy_cli_bridge_open_options[] = {
    {"vkey",         "VKEY",    "verifier key of the other ledger: its origin and log key"                  },
    {"origin",       "ORIGIN",  "a federation: the origin of its ledger, in place of --vkey"                },
    {"policy",       "FILE",    "policy that its heads must meet; a federation's is its whole trust"        },
    {"kind",         "KIND",    "settlement, recognition, data or compute may cross; repeat it (settlement)"},
    {"packets-most", "N",       "packets of each kind in a window"                                          },
    {"value-most",   "N",       "units of one asset in a window"                                            },
    {"window",       "SECONDS", "length of the window (3600)"                                               },
    {"stale",        "SECONDS", "without a head for so long the bridge is stale (3600)"                     },
    {"guard",        "NAME",    "a guardian; repeat it"                                                     },
    {"guards-need",  "K",       "how many guardians must agree"                                             },
    {"canary",       "SECONDS", "this bridge is the canary: others hold still so long"                      },
    {"list",         "NAME",    "every packet from there must carry the head of this list"                  },
    {NULL,           NULL,      NULL                                                                        },
};

const struct cy_cli_option cy_cli_bridge_gate_options[] = {
    {"packets-most", "N",  "packets of this kind in a window"},
    {NULL,           NULL, NULL                              },
};

const struct cy_cli_option cy_cli_bridge_turn_options[] = {
    {"reason", "TEXT", "why, for everybody to read"},
    {NULL,     NULL,   NULL                        },
};

const struct cy_cli_option cy_cli_bridge_send_options[] = {
    {"receiver",  "ID",      "passport that receives, in the last realm: 64 digits"    },
    {"account",   "NAME",    "own account that units come from: OWNER/ASSET"           },
    {"amount",    "N",       "how many units"                                          },
    {"timeout",   "SECONDS", "what is not received within this time returns (600)"     },
    {"reference", "N",       "number for the parties' own books"                       },
    {"blob",      "DIGEST",  "share this own blob in place of units"                   },
    {"terms",     "TEXT",    "licence text of the blob (its own)"                      },
    {"via",       "REALM",   "go on to this realm after the first; repeat it, in order"},
    {NULL,        NULL,      NULL                                                      },
};

/* --- what the options say --- */

/* A whole number of an option, or the fallback. Fails with BAD_TEXT. */
static cy_err number(struct cy_cli *run, const char *name, uint64_t fallback, uint64_t *out)
{
    const char *text = cy_cli_arg(&run->args, name);

    *out = fallback;
    if (text == NULL || cy_ok(cy_u64_read(cy_span_text(text), out)))
        return CY_OK;
    cy_cli_note(run, "--%s must be a whole number", name);
    return cy_fail(CY_E_BAD_TEXT, 0);
}

/* A time given in seconds, as ms. */
static cy_err seconds(struct cy_cli *run, const char *name, uint64_t fallback, uint64_t *out)
{
    CY_TRY(number(run, name, fallback, out));
    if (*out > UINT32_MAX) {
        cy_cli_note(run, "--%s is too long", name);
        return cy_fail(CY_E_RANGE, 0);
    }
    *out *= 1000;
    return CY_OK;
}

static cy_err amount(struct cy_cli *run, const char *name, cy_u128 *out)
{
    const char *text = cy_cli_arg(&run->args, name);

    *out = 0;
    if (text == NULL || cy_ok(cy_u128_read(cy_span_text(text), out)))
        return CY_OK;
    cy_cli_note(run, "--%s must be a whole number of the smallest unit", name);
    return cy_fail(CY_E_BAD_TEXT, 0);
}

static cy_err kind_of(struct cy_cli *run, const char *word, uint8_t *out)
{
    const struct cy_word_set *set = cy_schema_bridge_gate.fields[1].set;

    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->words[i].text, word) == 0) {
            *out = set->words[i].number;
            return CY_OK;
        }
    }
    cy_cli_note(run, "%s is no kind of packet: settlement, recognition, data, compute", word);
    return cy_fail(CY_E_BAD_TEXT, 0);
}

/* The id of a foreign realm: its digits, or the origin that a bridge names. */
static cy_err foreign(struct cy_cli *run, const char *word, struct cy_id *out)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t i = 0;
    cy_err err = CY_OK;

    if (cy_ok(cy_hex_read(cy_span_text(word), out->b, sizeof out->b)))
        return CY_OK;
    CY_TRY(cy_cli_fetch_json(run, "/v1/bridges", &answer));
    err = cy_fail(CY_E_NO_NAME, 0);
    json_array_foreach(json_object_get(answer, "bridges"), i, item)
    {
        const json_t *bridge = json_object_get(item, "bridge");
        const char *name = json_string_value(json_object_get(bridge, "name"));
        const char *id = json_string_value(json_object_get(bridge, "realm"));

        if (name != NULL && id != NULL && strcmp(name, word) == 0)
            err = cy_hex_read(cy_span_text(id), out->b, sizeof out->b);
    }
    json_decref(answer);
    if (!cy_ok(err))
        cy_cli_note(run, "%s is no realm that a bridge leads to; give the 64 digits of its id",
                    word);
    return err;
}

/* The realm is the third word of the line. */
static cy_err realm_word(struct cy_cli *run, struct cy_id *out)
{
    if (run->args.n_words < 3) {
        cy_cli_note(run, "name the other realm behind the verb");
        return cy_fail(CY_E_BAD_TEXT, 0);
    }
    return foreign(run, run->args.words[2], out);
}

/* --- the operator --- */

static cy_err trust_of(struct cy_cli *run, struct cy_bridge_open *m)
{
    const char *vkey = cy_cli_arg(&run->args, "vkey");
    const char *origin = cy_cli_arg(&run->args, "origin");
    const char *policy = cy_cli_arg(&run->args, "policy");
    struct cy_note_key key;

    if (policy != NULL)
        CY_TRY(cy_cli_read_file(run, policy, 8192, &m->policy));
    if (vkey != NULL) {
        CY_TRY(cy_note_vkey_read(cy_span_text(vkey), &key));
        m->log_key = key.key;
        return cy_name_of(key.name, &m->name);
    }
    if (origin != NULL && policy != NULL)
        return cy_name_of(cy_span_text(origin), &m->name);
    cy_cli_note(run,
                "give --vkey VKEY of the other ledger, or for a federation --origin ORIGIN and "
                "--policy FILE");
    return cy_fail(CY_E_NO_VKEY, 0);
}

static cy_err gates_of(struct cy_cli *run, struct cy_gate_terms gates[static KINDS], uint32_t *n)
{
    uint64_t most = 0;
    size_t at = 0;

    CY_TRY(number(run, "packets-most", 0, &most));
    for (const char *word; (word = cy_cli_arg_next(&run->args, "kind", &at)) != NULL;) {
        if (*n == KINDS)
            return cy_fail(CY_E_BAD_TEXT, 0);
        CY_TRY(kind_of(run, word, &gates[*n].kind));
        ++*n;
    }
    if (*n == 0)
        gates[(*n)++].kind = CY_bridge_kind_SETTLEMENT;
    for (uint32_t i = 0; i < *n; i++) {
        gates[i].open = true;
        gates[i].packets_most = most > UINT32_MAX ? UINT32_MAX : (uint32_t)most;
    }
    return CY_OK;
}

static cy_err guards_of(struct cy_cli *run, struct cy_guard guards[static GUARDS_MAX],
                        struct cy_bridge_open *m)
{
    uint64_t need = 0;
    size_t at = 0;

    for (const char *word; (word = cy_cli_arg_next(&run->args, "guard", &at)) != NULL;) {
        if (m->n_guards == GUARDS_MAX)
            return cy_fail(CY_E_RANGE, 12);
        CY_TRY(cy_cli_id(run, NULL, word, &guards[m->n_guards].passport));
        m->n_guards++;
    }
    CY_TRY(number(run, "guards-need", m->n_guards, &need));
    m->guards = guards;
    m->guards_need = need > GUARDS_MAX ? GUARDS_MAX + 1u : (uint16_t)need;
    return CY_OK;
}

static cy_err terms_of(struct cy_cli *run, struct cy_bridge_open *m)
{
    const char *list = cy_cli_arg(&run->args, "list");

    CY_TRY(realm_word(run, &m->realm));
    CY_TRY(trust_of(run, m));
    CY_TRY(seconds(run, "window", 3600, &m->window_ms));
    CY_TRY(seconds(run, "stale", 3600, &m->stale_ms));
    CY_TRY(seconds(run, "canary", 0, &m->canary_ms));
    m->canary = cy_cli_arg(&run->args, "canary") != NULL;
    CY_TRY(amount(run, "value-most", &m->value_most));
    return list == NULL ? CY_OK : cy_label_of(cy_span_text(list), &m->list);
}

int cy_cli_bridge_open(struct cy_cli *run)
{
    struct cy_gate_terms gates[KINDS] = {{0}};
    struct cy_guard guards[GUARDS_MAX];
    struct cy_bridge_open m = {.gates = gates};
    cy_err err = terms_of(run, &m);

    if (cy_ok(err))
        err = gates_of(run, gates, &m.n_gates);
    if (cy_ok(err))
        err = guards_of(run, guards, &m);
    return cy_cli_do_show(run, err, &cy_schema_bridge_open, &m);
}

int cy_cli_bridge_gate(struct cy_cli *run)
{
    const char *word = run->args.n_words > 4 ? run->args.words[4] : "";
    struct cy_bridge_gate m = {.open = strcmp(word, "open") == 0};
    uint64_t most = 0;
    cy_err err = CY_OK;

    if (!m.open && strcmp(word, "close") != 0)
        return cy_cli_wrong(run, "write: comity bridge gate REALM KIND open|close");
    err = realm_word(run, &m.realm);
    if (cy_ok(err))
        err = kind_of(run, run->args.words[3], &m.kind);
    if (cy_ok(err))
        err = number(run, "packets-most", 0, &most);
    m.packets_most = most > UINT32_MAX ? UINT32_MAX : (uint32_t)most;
    return cy_cli_do_show(run, err, &cy_schema_bridge_gate, &m);
}

static int turn(struct cy_cli *run, uint8_t state)
{
    const char *reason = cy_cli_arg(&run->args, "reason");
    struct cy_bridge_turn m = {.state = state};
    cy_err err = realm_word(run, &m.realm);

    if (cy_ok(err) && reason != NULL)
        err = cy_line_of(cy_span_text(reason), &m.reason);
    return cy_cli_do_show(run, err, &cy_schema_bridge_turn, &m);
}

int cy_cli_bridge_freeze(struct cy_cli *run)
{
    return turn(run, CY_bridge_state_FROZEN);
}

int cy_cli_bridge_sever(struct cy_cli *run)
{
    return turn(run, CY_bridge_state_SEVERED);
}

int cy_cli_bridge_thaw(struct cy_cli *run)
{
    return turn(run, CY_bridge_state_ACTIVE);
}

/* --- passports --- */

static cy_err hops_of(struct cy_cli *run, struct cy_hop hops[static 4], struct cy_packet_send *m)
{
    size_t at = 0;

    for (const char *word; (word = cy_cli_arg_next(&run->args, "via", &at)) != NULL;) {
        if (m->n_hops == 4)
            return cy_fail(CY_E_RANGE, 10);
        CY_TRY(cy_hex_read(cy_span_text(word), hops[m->n_hops].realm.b, 32));
        m->n_hops++;
    }
    m->hops = hops;
    return CY_OK;
}

static cy_err packet_of(struct cy_cli *run, struct cy_packet_send *m)
{
    const char *receiver = cy_cli_arg(&run->args, "receiver");
    const char *account = cy_cli_arg(&run->args, "account");
    const char *blob = cy_cli_arg(&run->args, "blob");
    const char *terms = cy_cli_arg(&run->args, "terms");
    uint64_t ms = 0;

    CY_TRY(realm_word(run, &m->realm));
    m->kind = blob == NULL ? CY_bridge_kind_SETTLEMENT : CY_bridge_kind_DATA;
    if (receiver == NULL ||
        !cy_ok(cy_hex_read(cy_span_text(receiver), m->receiver.b, sizeof m->receiver.b))) {
        cy_cli_note(run, "--receiver must be the 64 digits of a passport in the last realm");
        return cy_fail(CY_E_BAD_HEX, 0);
    }
    if (account != NULL)
        CY_TRY(cy_cli_id(run, "account", account, &m->account));
    if (blob != NULL)
        CY_TRY(cy_cli_id(run, "digest", blob, &m->blob));
    if (terms != NULL)
        CY_TRY(cy_line_of(cy_span_text(terms), &m->terms));
    CY_TRY(amount(run, "amount", &m->amount));
    CY_TRY(number(run, "reference", 0, &m->reference));
    CY_TRY(seconds(run, "timeout", 600, &ms));
    m->timeout = cy_cli_now() + ms;
    return CY_OK;
}

int cy_cli_bridge_send(struct cy_cli *run)
{
    struct cy_hop hops[4];
    struct cy_packet_send m = {0};
    cy_err err = packet_of(run, &m);

    if (cy_ok(err))
        err = hops_of(run, hops, &m);
    return cy_cli_do_show(run, err, &cy_schema_packet_send, &m);
}

int cy_cli_bridge_unwind(struct cy_cli *run)
{
    const char *word = run->args.n_words > 4 ? run->args.words[4] : "";
    struct cy_bridge_unwind m = {.outcome = CY_packet_outcome_DONE};
    cy_err err = CY_OK;

    if (strcmp(word, "refused") == 0)
        m.outcome = CY_packet_outcome_REFUSED;
    else if (strcmp(word, "done") != 0)
        return cy_cli_wrong(run, "write: comity bridge unwind REALM SEQUENCE done|refused");
    err = realm_word(run, &m.realm);
    if (cy_ok(err))
        err = cy_u64_read(cy_span_text(run->args.words[3]), &m.sequence);
    return cy_cli_do_show(run, err, &cy_schema_bridge_unwind, &m);
}

/* --- status --- */

/* A member as text; a field that holds its default is not there. */
static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

static long long number_of(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

/* What the state means to somebody who looks, and what can be done about it. */
static const char *about(const char *state)
{
    static const struct {
        const char *state;
        const char *words;
    } all[] = {
        {"active",  "packets cross, as the gates and throttles say"             },
        {"stale",   "no head was shown for too long: nothing is sent or received until a relayer "
                  "shows one (comity bridge relay)"            },
        {"frozen",  "the operator stopped it, or two histories were shown: what is under way closes "
                   "by proof (comity bridge thaw)"            },
        {"severed", "cut: what is under way closes by proof, units abroad come home (comity bridge "
                    "recall); comity bridge open begins anew"},
    };

    for (size_t i = 0; i < CY_COUNT(all); i++) {
        if (strcmp(all[i].state, state) == 0)
            return all[i].words;
    }
    return "";
}

/* The line between the two realms, drawn by its state. */
static const char *drawn(const char *state)
{
    if (strcmp(state, "active") == 0)
        return "<======>";
    if (strcmp(state, "stale") == 0)
        return "< - -  >";
    return strcmp(state, "frozen") == 0 ? "<==||==>" : "<==  ==>";
}

static void show(struct cy_cli *run, const json_t *item)
{
    const json_t *bridge = json_object_get(item, "bridge");
    const json_t *line = json_object_get(item, "line");
    const char *state = text_of(item, "state");

    (void)fprintf(run->out, "here %s %-32s %-8s %s\n", drawn(state), text_of(bridge, "name"), state,
                  text_of(bridge, "realm"));
    (void)fprintf(run->out, "  %s\n", about(state));
    (void)fprintf(run->out, "  heard %lld entries, root %lld; sent %lld packets, %lld under way\n",
                  number_of(line, "size"), number_of(line, "roots"), number_of(line, "sent"),
                  number_of(line, "open"));
}

/* Units of this realm's assets and vouchers on its bridges. */
static void show_assets(struct cy_cli *run)
{
    json_t *page = NULL;
    const json_t *one = NULL;
    size_t i = 0;

    if (!cy_ok(cy_cli_fetch_json(run, "/v1/records/bridge_asset", &page)))
        return; /* the bridges were shown; this is more */
    if (json_array_size(json_object_get(page, "items")) > 0)
        (void)fprintf(run->out, "\n%-16s  %-8s  %20s  %20s\n", "asset", "", "under way", "abroad");
    json_array_foreach(json_object_get(page, "items"), i, one)
    {
        const bool voucher = text_of(one, "abroad_asset")[0] != 0;

        (void)fprintf(run->out, "%.16s  %-8s  %20s  %20s\n", text_of(one, "asset"),
                      voucher ? "voucher" : "own",
                      text_of(one, "in_flight")[0] == 0 ? "0" : text_of(one, "in_flight"),
                      voucher                          ? ""
                      : text_of(one, "abroad")[0] == 0 ? "0"
                                                       : text_of(one, "abroad"));
    }
    json_decref(page);
}

int cy_cli_bridge_status(struct cy_cli *run)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t i = 0;
    const cy_err err = cy_cli_fetch_json(run, "/v1/bridges", &answer);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, answer);
    json_array_foreach(json_object_get(answer, "bridges"), i, item)
    {
        show(run, item);
    }
    if (json_array_size(json_object_get(answer, "bridges")) == 0)
        (void)fprintf(run->out, "no bridges: every realm is closed until one is opened "
                                "(comity bridge open --help)\n");
    else
        show_assets(run);
    json_decref(answer);
    return CY_EXIT_OK;
}
