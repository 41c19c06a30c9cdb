#include "host/cli/cli_homecoming.h"

#include "host/cli/cli_end.h"

#define WITH                                                                                       \
    {"with", "DIR", "directory of the other realm's daemon, or of a passport there"},              \
        {"with-as", "NAME", "the passport that acts there (what that directory says)"},            \
        {"policy", "FILE", "policy that this realm pins of the other"},                            \
    {                                                                                              \
        "with-policy", "FILE", "policy that the other realm pins of this one"                      \
    }

const struct cy_cli_option cy_cli_follow_options[] = {
    WITH, {NULL, NULL, NULL}
};

const struct cy_cli_option cy_cli_recall_options[] = {
    WITH,
    {"account",  "NAME", "recall: own account of vouchers: OWNER/ASSET or an id"},
    {"amount",   "N",    "recall: how many units"                               },
    {"receiver", "ID",   "recall: passport that receives at home: 64 digits"    },
    {NULL,       NULL,   NULL                                                   },
};

/* This end (--dir) and the other (--with). */
struct pair {
    struct cy_cli other_run;
    struct cy_end here;
    struct cy_end other;
};

static cy_err begin(struct cy_cli *run, struct pair *p)
{
    if (cy_cli_arg(&run->args, "with") == NULL) {
        cy_cli_note(run, "--with DIR is missing: the directory of the other realm");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_end_other(run, &p->other_run));
    CY_TRY(cy_end_of(run, cy_cli_arg(&run->args, "policy"), &p->here));
    return cy_end_of(&p->other_run, cy_cli_arg(&run->args, "with-policy"), &p->other);
}

static int finish(struct cy_cli *run, struct pair *p, cy_err err)
{
    int code = CY_EXIT_OK;

    if (!cy_ok(err))
        code = cy_cli_fail(run, err,
                           run->why[0] == 0 && p->other_run.why[0] != 0 ? p->other_run.why : NULL);
    cy_cli_end(&p->other_run);
    return code;
}

/* What `from` proves of the records wanted, for `to`. */
static cy_err prove(struct cy_end *from, struct cy_end *to, const struct cy_relay_ask *wants)
{
    CY_TRY(cy_end_standing(from, to));
    CY_TRY(cy_end_standing(to, from));
    if (to->status.state == 0)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_TRY(cy_end_offer(from, to, wants));
    for (uint32_t i = 0; i < wants->n_wants; i++) {
        if (cy_relay_found(&from->offer, i) != NULL)
            continue;
        cy_cli_note(to->run, "the other realm has no such %s, or it changed this moment: try again",
                    cy_schema_record(wants->wants[i].table)->name);
        return cy_fail(CY_E_NO_NOUN, i);
    }
    return CY_OK;
}

/* The other's head and the act under it, all or nothing. The root's number is the next one. */
static cy_err show(struct cy_end *from, struct cy_end *to, const struct cy_schema *schema,
                   const void *message, json_t **receipt)
{
    const struct cy_bridge_head head = cy_relay_show(&from->realm, &from->offer, to->policy);
    const struct cy_any acts[] = {
        {&cy_schema_bridge_head, &head  },
        {schema,                 message}
    };
    const struct cy_batch batch = {.mode = CY_batch_mode_ATOMIC, .acts = acts, .n_acts = 2};

    return cy_cli_do(to->run, &to->author.by, &cy_schema_batch, &batch, receipt);
}

/* --- follow --- */

static cy_err follow(struct pair *p, json_t **receipt)
{
    struct cy_relay_ask wants = {.n_wants = 0};
    struct cy_bridge_follow m = {.realm = p->other.realm};
    const struct cy_relay_item *item = NULL;

    cy_relay_wants(&wants, &cy_schema_realm, NULL, NULL, 1);
    CY_TRY(prove(&p->other, &p->here, &wants));
    item = cy_relay_found(&p->other.offer, 0);
    m.root = p->here.status.roots + 1;
    m.value = item->packet;
    m.proof = item->proof;
    return show(&p->other, &p->here, &cy_schema_bridge_follow, &m, receipt);
}

int cy_cli_bridge_follow(struct cy_cli *run)
{
    struct pair p = {.other_run = {0}};
    json_t *receipt = NULL;
    cy_err err = begin(run, &p);
    int code = CY_EXIT_OK;

    if (cy_ok(err))
        err = follow(&p, &receipt);
    code = cy_ok(err) ? cy_cli_receipt_show(run, receipt) : CY_EXIT_OK;
    return code != CY_EXIT_OK ? code : finish(run, &p, err);
}

/* --- home --- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* Whether a page of records has one with this text in a field. */
static bool has(const json_t *page, const char *field, const char *text)
{
    const json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(page, "items"), i, item)
    {
        if (strcmp(text_of(item, field), text) == 0)
            return true;
    }
    return false;
}

static cy_err pay_one(struct cy_end *abroad, struct cy_end *home, const struct cy_id *burn)
{
    struct cy_relay_ask wants = {.n_wants = 0};
    struct cy_voucher_home m = {.realm = abroad->realm};
    const struct cy_relay_item *item = NULL;
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    cy_relay_wants(&wants, &cy_schema_burnt, &home->realm, burn, 0);
    CY_TRY(prove(abroad, home, &wants));
    item = cy_relay_found(&abroad->offer, 0);
    m.root = home->status.roots + 1;
    m.value = item->packet;
    m.proof = item->proof;
    err = show(abroad, home, &cy_schema_voucher_home, &m, &receipt);
    json_decref(receipt);
    return err;
}

/* Everything that ended abroad for this home and was not paid yet. */
static cy_err pay_all(struct cy_end *abroad, struct cy_end *home, unsigned *paid)
{
    json_t *burnt = NULL;
    json_t *done = NULL;
    const json_t *item = NULL;
    char realm[65];
    size_t i = 0;
    cy_err err = cy_cli_fetch_json(abroad->run, "/v1/records/burnt", &burnt);

    cy_hex(home->realm.b, sizeof home->realm.b, realm);
    if (cy_ok(err))
        err = cy_cli_fetch_json(home->run, "/v1/records/homecoming", &done);
    json_array_foreach(json_object_get(burnt, "items"), i, item)
    {
        const size_t here = home->run->arena.used;
        const size_t there = abroad->run->arena.used;
        struct cy_id burn;

        if (!cy_ok(err) || strcmp(text_of(item, "home"), realm) != 0 ||
            has(done, "burn", text_of(item, "burn")))
            continue;
        err = cy_hex_read(cy_span_text(text_of(item, "burn")), burn.b, sizeof burn.b);
        if (cy_ok(err))
            err = pay_one(abroad, home, &burn);
        *paid += cy_ok(err) ? 1u : 0u;
        cy_arena_rewind(&home->run->arena, here);
        cy_arena_rewind(&abroad->run->arena, there);
    }
    json_decref(burnt);
    json_decref(done);
    return err;
}

static void tell(struct cy_cli *run, unsigned paid)
{
    if (run->json)
        (void)fprintf(run->out, "{\"paid\":%u}\n", paid);
    else
        (void)fprintf(run->out, "paid out at home: %u\n", paid);
}

int cy_cli_bridge_home(struct cy_cli *run)
{
    struct pair p = {.other_run = {0}};
    unsigned paid = 0;
    cy_err err = begin(run, &p);

    if (cy_ok(err))
        err = pay_all(&p.other, &p.here, &paid);
    if (cy_ok(err))
        tell(run, paid);
    return finish(run, &p, err);
}

/* --- recall --- */

static cy_err read_recall(struct cy_cli *run, struct cy_voucher_burn *m, struct cy_id *receiver)
{
    const char *account = cy_cli_arg(&run->args, "account");
    const char *amount = cy_cli_arg(&run->args, "amount");
    const char *to = cy_cli_arg(&run->args, "receiver");

    if (account == NULL || amount == NULL || to == NULL ||
        !cy_ok(cy_u128_read(cy_span_text(amount), &m->amount)) ||
        !cy_ok(cy_hex_read(cy_span_text(to), receiver->b, sizeof receiver->b))) {
        cy_cli_note(run, "write: comity bridge recall --with DIR --account OWNER/ASSET --amount N "
                         "--receiver ID (64 digits of a passport at home)");
        return cy_fail(CY_E_USAGE, 0);
    }
    return cy_cli_id(run, "account", account, &m->account);
}

static cy_err burn(struct cy_cli *run, struct pair *p)
{
    struct cy_relay_ask wants = {.n_wants = 0};
    struct cy_voucher_burn m = {.realm = p->other.realm};
    struct cy_id receiver;
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    CY_TRY(read_recall(run, &m, &receiver));
    cy_relay_wants(&wants, &cy_schema_bridge, &p->here.realm, NULL, 0);
    cy_relay_wants(&wants, &cy_schema_passport, &receiver, NULL, 0);
    CY_TRY(prove(&p->other, &p->here, &wants));
    m.root = p->here.status.roots + 1;
    m.bridge = cy_relay_found(&p->other.offer, 0)->packet;
    m.bridge_proof = cy_relay_found(&p->other.offer, 0)->proof;
    m.receiver = cy_relay_found(&p->other.offer, 1)->packet;
    m.receiver_proof = cy_relay_found(&p->other.offer, 1)->proof;
    err = show(&p->other, &p->here, &cy_schema_voucher_burn, &m, &receipt);
    json_decref(receipt);
    return err;
}

int cy_cli_bridge_recall(struct cy_cli *run)
{
    struct pair p = {.other_run = {0}};
    unsigned paid = 0;
    cy_err err = begin(run, &p);

    if (cy_ok(err))
        err = burn(run, &p);
    if (cy_ok(err) && !run->json)
        (void)fputs("the vouchers have ended here\n", run->out);
    if (cy_ok(err))
        err = pay_all(&p.here, &p.other, &paid);
    if (cy_ok(err))
        tell(run, paid);
    return finish(run, &p, err);
}
