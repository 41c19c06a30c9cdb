#include "host/cli/story_aggression.h"

#include "base/csv.h"
#include "host/cli/cli_act.h"
#include "host/cli/cli_sanction.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define STATES_MAX 256u
#define FIELDS_MAX 12u
#define WAIT_MS 20000u /* for a change that the carrier brings */
#define MONTH_MS 2592000000u
#define TEXT 256u

const struct cy_cli_option cy_cli_aggression_options[] = {
    {"votes", "FILE.csv", "the roll call: columns party, vote (scenarios/es-11-1.csv)"},
    {"svg",   "FILE",     "draw who could still trade, and how fast it went"          },
    {NULL,    NULL,       NULL                                                        },
};

enum vote { YES, NO, ABSTAIN, ABSENT, VOTES };
static const char *const vote_words[VOTES] = {"yes", "no", "abstain", "absent"};
static const char *const choices[VOTES] = {"mirror", "nothing", "review", "nothing"};

struct state {
    const char *code;
    enum vote vote;
};

/* How many payments of each group of voters went through, waited in escrow, were refused. */
struct wave {
    const char *name;
    unsigned paid[VOTES];
    unsigned held[VOTES];
    unsigned refused[VOTES];
};

enum { BEFORE, ATTACKER, HELPER, AFTER, WAVES };

struct tale {
    struct cy_sandbox s;
    struct cy_cli *run; /* who asked for it */
    struct cy_cli north;
    struct cy_cli south;
    FILE *out;
    struct state states[STATES_MAX];
    size_t n;
    unsigned of[VOTES];
    struct wave waves[WAVES];
    unsigned step;
    unsigned receipts;
    unsigned coalition;
    uint64_t coalition_ms; /* from the first act of the alliance to the last accession */
    uint64_t choice_ms;    /* all choices */
    uint64_t here_ms;      /* from the decision to a refused payment in its own realm */
    uint64_t there_ms;     /* and over the bridge, in another */
    unsigned flags;
};

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void say(const struct tale *t, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vfprintf(t->out, format, list);
    va_end(list);
}

/* --- commands and acts --- */

/* A command of this program in a place; words end in NULL. */
static cy_err command(struct tale *t, const char *place, const char *const *words)
{
    struct cy_sandbox_task task = {.place = cy_sandbox_find(&t->s, place),
                                   .log = "aggression/commands.log"};

    for (size_t i = 0; words[i] != NULL && i + 1 < CY_COUNT(task.words); i++)
        task.words[i] = words[i];
    CY_TRY(cy_sandbox_begin(&t->s, &task));
    return cy_sandbox_finish(&t->s, &task);
}

#define COMMAND(t, place, ...) command((t), (place), (const char *const[]){__VA_ARGS__, NULL})

static void file_of(const struct tale *t, const char *name, char out[static CY_SANDBOX_PATH])
{
    (void)snprintf(out, CY_SANDBOX_PATH, "%.800s/aggression/%.100s", t->s.dir, name);
}

/* Keeps a receipt, so that it can be verified by anybody afterwards. */
static cy_err keep(struct tale *t, const char *place, json_t *receipt)
{
    char name[64];
    char path[CY_SANDBOX_PATH];

    (void)snprintf(name, sizeof name, "%02u.%s.receipt.json", t->receipts + 1, place);
    file_of(t, name, path);
    if (json_dump_file(receipt, path, JSON_INDENT(1)) != 0)
        return cy_fail(CY_E_DISK_FAILED, 0);
    t->receipts++;
    return CY_OK;
}

/* An act from its name and texts, name after value; as NULL: the operator. Shown when it is an act
 * of the story and not of its scenery; its receipt is kept. */
static cy_err act(struct tale *t, struct cy_cli *run, const char *as, const char *name,
                  const char *const *texts)
{
    const struct cy_schema *schema = cy_schema_named(CY_SCHEMA_ACT, cy_span_text(name));
    const char *names[FIELDS_MAX];
    const char *values[FIELDS_MAX];
    const size_t used = run->arena.used;
    struct cy_cli_author author;
    json_t *receipt = NULL;
    void *message = NULL;
    size_t n = 0;
    cy_err err = CY_OK;

    CY_ASSERT(schema != NULL);
    say(t, "  $ comity --dir %s act %s%s%s", run == &t->north ? "north" : "south", name,
        as == NULL ? "" : " --as ", as == NULL ? "" : as);
    for (; texts[2 * n] != NULL; n++) {
        CY_ASSERT(n < FIELDS_MAX);
        names[n] = texts[2 * n];
        values[n] = texts[2 * n + 1];
        say(t, " --%s '%.40s'", names[n], values[n]);
    }
    say(t, "\n");
    message = cy_arena_zero(&run->arena, schema->size);
    err = message == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                          : cy_cli_act_read(run, schema, names, values, n, message);
    if (cy_ok(err))
        err = cy_cli_author_named(run, as == NULL ? "operator" : as, NULL, CY_CLI_VALID_S, &author);
    if (cy_ok(err))
        err = cy_cli_do(run, &author.by, schema, message, &receipt);
    if (cy_ok(err))
        err = keep(t, run == &t->north ? "north" : "south", receipt);
    json_decref(receipt);
    cy_arena_rewind(&run->arena, used);
    return err;
}

#define ACT(t, run, as, name, ...)                                                                 \
    act((t), (run), (as), (name), (const char *const[]){__VA_ARGS__, NULL, NULL})

static cy_err id_of(struct cy_cli *run, const char *field, const char *name, struct cy_id *out)
{
    return cy_cli_id(run, field, name, out);
}

/* --- many acts --- */

/* One act of each state for which `make` fills a message; verdicts to errors. */
struct each {
    const struct cy_schema *schema;
    bool (*make)(struct tale *t, const struct state *state, void *user, void *message);
    void *user;
};

static cy_err sign_each(struct tale *t, const struct each *each, struct cy_span *acts,
                        const struct state **who, size_t *n)
{
    struct cy_cli *run = &t->north;

    *n = 0;
    for (size_t i = 0; i < t->n; i++) {
        void *message = cy_arena_zero(&run->arena, each->schema->size);
        struct cy_cli_author *author = cy_arena_zero(&run->arena, sizeof *author);

        if (message == NULL || author == NULL)
            return cy_fail(CY_E_NO_ROOM, 0);
        if (!each->make(t, &t->states[i], each->user, message))
            continue;
        CY_TRY(cy_cli_author_named(run, t->states[i].code, NULL, CY_CLI_VALID_S, author));
        CY_TRY(cy_cli_sign(run, &author->by, each->schema, message, &acts[*n]));
        who[(*n)++] = &t->states[i];
    }
    return CY_OK;
}

/* Each signs with its own key; all are sent at once. Only these refusals may come: EXCLUDED. */
static cy_err all(struct tale *t, const struct each *each, struct wave *wave)
{
    static struct cy_span acts[STATES_MAX];
    static const struct state *who[STATES_MAX];
    static cy_err errors[STATES_MAX];
    const size_t used = t->north.arena.used;
    size_t n = 0;
    cy_err err = sign_each(t, each, acts, who, &n);

    if (cy_ok(err))
        err = cy_cli_post_many(&t->north,
                               &(const struct cy_cli_many){.acts = acts, .n = n, .errors = errors});
    for (size_t i = 0; cy_ok(err) && i < n; i++) {
        if (wave != NULL && cy_ok(errors[i]))
            wave->paid[who[i]->vote]++;
        else if (wave != NULL && errors[i].code == CY_E_EXCLUDED)
            wave->refused[who[i]->vote]++;
        else
            err = errors[i];
    }
    cy_arena_rewind(&t->north.arena, used);
    return err;
}

static bool opens(struct tale *t, const struct state *state, void *user, void *message)
{
    struct cy_account_open *m = message;

    (void)t;
    (void)state;
    m->asset = *(const struct cy_id *)user;
    return true;
}

static bool joins(struct tale *t, const struct state *state, void *user, void *message)
{
    struct cy_alliance_join *m = message;

    (void)t;
    m->alliance = *(const struct cy_id *)user;
    m->level = CY_level_FULL;
    return state->vote == YES;
}

/* What its own recorded vote makes the list to a state. */
static bool chooses(struct tale *t, const struct state *state, void *user, void *message)
{
    struct cy_sanction_follow *m = message;

    (void)t;
    m->list = *(const struct cy_id *)user;
    m->mode = state->vote == YES ? CY_heed_mode_MIRROR : CY_heed_mode_REVIEW;
    return state->vote == YES || state->vote == ABSTAIN;
}

struct payee {
    struct cy_id asset;
    struct cy_id account;
};

static bool pays(struct tale *t, const struct state *state, void *user, void *message)
{
    const struct payee *payee = user;
    struct cy_transfer *m = message;
    struct cy_id owner;

    if (!cy_ok(id_of(&t->north, NULL, state->code, &owner)))
        return false;
    m->from = cy_account_id(&owner, &payee->asset, 0);
    m->to = payee->account;
    m->amount = 1;
    return true;
}

/* Payments that the ledger holds back now, by who voted how. */
static cy_err held(struct tale *t, unsigned by_vote[VOTES])
{
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t i = 0;

    CY_TRY(cy_cli_fetch_json(&t->north, "/v1/records/pending?limit=1000", &answer));
    for (size_t k = 0; k < t->n; k++) {
        struct cy_id owner, asset, account;
        char hex[65];

        if (!cy_ok(id_of(&t->north, NULL, t->states[k].code, &owner)) ||
            !cy_ok(id_of(&t->north, "asset", "EUX", &asset)))
            continue;
        account = cy_account_id(&owner, &asset, 0);
        cy_hex(account.b, sizeof account.b, hex);
        json_array_foreach(json_object_get(answer, "items"), i, item)
        {
            const char *from = json_string_value(json_object_get(item, "from"));

            by_vote[t->states[k].vote] += from != NULL && strcmp(from, hex) == 0;
        }
    }
    json_decref(answer);
    return CY_OK;
}

/* Every state pays one company once. */
static cy_err wave(struct tale *t, unsigned number, const char *name, const char *company)
{
    struct wave *w = &t->waves[number];
    struct payee payee;
    const struct each each = {&cy_schema_transfer, pays, &payee};
    char account[TEXT];
    unsigned waiting[VOTES] = {0};

    w->name = name;
    (void)snprintf(account, sizeof account, "%.60s/EUX", company);
    CY_TRY(id_of(&t->north, "asset", "EUX", &payee.asset));
    CY_TRY(id_of(&t->north, "account", account, &payee.account));
    CY_TRY(held(t, w->held));
    CY_TRY(all(t, &each, w));
    CY_TRY(held(t, waiting));
    for (unsigned v = 0; v < VOTES; v++) {
        w->held[v] = waiting[v] - w->held[v];
        w->paid[v] -= w->held[v];
        say(t, "    %-8s (%s): %3u paid, %3u held, %3u refused\n", vote_words[v], choices[v],
            w->paid[v], w->held[v], w->refused[v]);
    }
    return CY_OK;
}

/* --- scenery --- */

static cy_err read_votes(struct tale *t)
{
    const char *path = cy_cli_arg(&t->run->args, "votes");
    struct cy_span text;
    struct cy_csv csv = {.n_rows = 0};
    size_t party = 0;
    size_t vote = 0;

    path = path == NULL ? "scenarios/es-11-1.csv" : path;
    CY_TRY(cy_cli_read_file(t->run, path, 1u << 20, &text));
    cy_cli_note(t->run, "%s: a table with the columns party and vote (yes, no, abstain, absent)",
                path);
    CY_TRY(cy_csv_read((char *)(uintptr_t)text.at, text.n, &t->run->arena, &csv));
    party = cy_csv_column(&csv, "party");
    vote = cy_csv_column(&csv, "vote");
    if (party == SIZE_MAX || vote == SIZE_MAX || csv.n_rows > STATES_MAX)
        return cy_fail(CY_E_BAD_TEXT, 1);
    for (size_t i = 0; i < csv.n_rows; i++) {
        unsigned v = 0;

        while (v < VOTES && strcmp(vote_words[v], cy_csv_cell(&csv, i, vote)) != 0)
            v++;
        if (v == VOTES)
            return cy_fail(CY_E_BAD_TEXT, csv.lines[i]);
        t->states[t->n++] = (struct state){cy_csv_cell(&csv, i, party), (enum vote)v};
        t->of[v]++;
    }
    return CY_OK;
}

static cy_err passport(struct tale *t, const char *place, const char *kind, const char *alias,
                       const char *name)
{
    return COMMAND(t, place, "passport", "create", "--kind", kind, "--alias", alias, "--name",
                   name);
}

static cy_err cast(struct tale *t)
{
    static const struct {
        const char *place, *kind, *alias, *name;
    } all_of[] = {
        {"north", "nation",  "BELMARIA", "Belmaria"         },
        {"north", "nation",  "ARDOVIA",  "Ardovia"          },
        {"north", "nation",  "CORVIA",   "Corvia"           },
        {"north", "company", "ARDOIL",   "Ardovia Oil"      },
        {"north", "company", "CORSTEEL", "Corvia Steel"     },
        {"north", "company", "DUNES",    "Dunes Trading"    },
        {"north", "company", "HARBOUR",  "Harbour Lines"    },
        {"north", "company", "BANK",     "Bank of the bay"  },
        {"north", "company", "COURIER",  "Courier"          },
        {"south", "company", "COURIER",  "Courier"          },
        {"south", "company", "MILL",     "Mill of the south"},
        {"south", "company", "ARDPORT",  "Ardovia Port"     },
    };
    char *only = cy_arena_zero(&t->run->arena, 8 * STATES_MAX);

    if (only == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t i = 0, at = 0; i < t->n && at + 8 < 8 * STATES_MAX; i++)
        at += (size_t)snprintf(only + at, 8, "%s%.4s", i == 0 ? "" : ",", t->states[i].code);
    say(t,
        "\n%zu states get passports and keys of their own, from ISO 3166; so do those that are "
        "invented.\n",
        t->n);
    CY_TRY(COMMAND(t, "north", "import", "passports", "--no-former", "--only", only));
    for (size_t i = 0; i < CY_COUNT(all_of); i++)
        CY_TRY(passport(t, all_of[i].place, all_of[i].kind, all_of[i].alias, all_of[i].name));
    return CY_OK;
}

static cy_err open_place(struct tale *t, const char *name, const char *as, struct cy_cli *out)
{
    static char dirs[2][CY_SANDBOX_PATH];
    char *dir = dirs[out == &t->south];

    cy_sandbox_path(&t->s, cy_sandbox_find(&t->s, name), "", dir);
    *out = (struct cy_cli){.roster = t->run->roster,
                           .n_roster = t->run->n_roster,
                           .version = t->run->version,
                           .out = t->run->out,
                           .err = t->run->err};
    out->args.names[0] = "dir";
    out->args.values[0] = dir;
    out->args.names[1] = "as";
    out->args.values[1] = as;
    out->args.n = 2;
    return cy_cli_begin(out, false);
}

static cy_err issue(struct tale *t)
{
    static struct cy_asset_issue messages[STATES_MAX];
    static struct cy_any acts[STATES_MAX];
    struct cy_batch batch = {.acts = acts};
    struct cy_cli_author author;
    struct cy_id asset, owner;
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    CY_TRY(id_of(&t->north, "asset", "EUX", &asset));
    for (size_t i = 0; i < t->n; i++) {
        CY_TRY(id_of(&t->north, NULL, t->states[i].code, &owner));
        messages[i] = (struct cy_asset_issue){
            .asset = asset, .account = cy_account_id(&owner, &asset, 0), .amount = 100};
        acts[i] = (struct cy_any){&cy_schema_asset_issue, &messages[i]};
    }
    batch.n_acts = (uint32_t)t->n;
    CY_TRY(cy_cli_author_named(&t->north, "BANK", NULL, CY_CLI_VALID_S, &author));
    err = cy_cli_do(&t->north, &author.by, &cy_schema_batch, &batch, &receipt);
    json_decref(receipt);
    return err;
}

static cy_err money(struct tale *t)
{
    static const char *const owners[] = {"BELMARIA", "ARDOIL",  "CORSTEEL",
                                         "DUNES",    "HARBOUR", "BANK"};
    struct cy_cli *n = &t->north;
    struct cy_id asset;

    say(t, "\nThey trade. Who belongs to which country the operator has attested.\n");
    CY_TRY(
        ACT(t, n, NULL, "class_declare", "passport", "ARDOIL", "scheme", "iso3166", "value", "XA"));
    CY_TRY(ACT(t, n, NULL, "class_declare", "passport", "CORSTEEL", "scheme", "iso3166", "value",
               "XC"));
    CY_TRY(ACT(t, n, "BANK", "asset_create", "code", "EUX", "name", "Unit of the bay"));
    CY_TRY(id_of(n, "asset", "EUX", &asset));
    CY_TRY(all(t, &(const struct each){&cy_schema_account_open, opens, &asset}, NULL));
    for (size_t i = 0; i < CY_COUNT(owners); i++)
        CY_TRY(ACT(t, n, owners[i], "account_open", "asset", "EUX"));
    CY_TRY(ACT(t, n, "BANK", "asset_issue", "asset", "EUX", "account", "HARBOUR/EUX", "amount",
               "1000"));
    CY_TRY(issue(t));
    CY_TRY(
        ACT(t, n, "HARBOUR", "transfer", "from", "HARBOUR/EUX", "to", "ARDOIL/EUX", "amount", "5"));
    return wave(t, BEFORE, "before", "ARDOIL");
}

/* --- the answer --- */

static cy_err evidence(struct tale *t, struct cy_cli *run, const char *as, const char *about,
                       const char *name, const char *text)
{
    char path[CY_SANDBOX_PATH];
    char digest[CY_SANDBOX_PATH + 8];

    file_of(t, name, path);
    CY_TRY(cy_cli_write_file(t->run, path, cy_span_text(text)));
    (void)snprintf(digest, sizeof digest, "file:%s", path);
    return ACT(t, run, as, "evidence_record", "digest", digest, "kind", "document", "about", about,
               "summary", text);
}

static cy_err coalition(struct tale *t)
{
    struct cy_cli *n = &t->north;
    struct cy_id alliance, list;
    uint64_t from = 0;

    say(t,
        "\nArdovia attacks Belmaria, with Corvia's help. Belmaria founds an alliance and opens a "
        "list; who voted yes joins.\n");
    CY_TRY(evidence(t, n, "BELMARIA", "ARDOVIA", "attack.txt", "columns crossed the border"));
    from = now_ms();
    CY_TRY(ACT(t, n, "BELMARIA", "alliance_found", "code", "SHIELD", "name", "Shield of Belmaria",
               "topic", "security", "clauses", "[{\"name\":\"admission\",\"value\":0}]"));
    CY_TRY(id_of(n, "alliance", "SHIELD", &alliance));
    CY_TRY(all(t, &(const struct each){&cy_schema_alliance_join, joins, &alliance}, NULL));
    t->coalition_ms = now_ms() - from;
    t->coalition = t->of[YES] + 1;
    say(t, "    a coalition of %u after %.2f s\n", t->coalition, (double)t->coalition_ms / 1e3);
    CY_TRY(ACT(t, n, "BELMARIA", "sanction_open", "owner", "SHIELD", "code", "AGGRESSION", "name",
               "Aggression against Belmaria", "stale_ms", "86400000"));
    CY_TRY(id_of(n, "list", "AGGRESSION", &list));
    from = now_ms();
    say(t, "\nWhat the list is to each, its own vote says, and its own key signs: yes mirrors, "
           "abstention reviews, others do not follow.\n");
    CY_TRY(all(t, &(const struct each){&cy_schema_sanction_follow, chooses, &list}, NULL));
    t->choice_ms = now_ms() - from;
    say(t, "    %u mirror, %u review, %u do not follow: chosen in %.2f s\n", t->of[YES],
        t->of[ABSTAIN], t->of[NO] + t->of[ABSENT], (double)t->choice_ms / 1e3);
    return ACT(t, n, "HARBOUR", "sanction_follow", "list", "AGGRESSION", "mode", "mirror");
}

static cy_err put_on(struct tale *t, const char *value, const char *label, const char *measure,
                     const char *reason)
{
    char path[CY_SANDBOX_PATH];
    char digest[CY_SANDBOX_PATH + 8];
    char review[40];
    struct cy_text text = cy_text_on(review, sizeof review);

    cy_time_text(&text, cy_cli_now() + MONTH_MS);
    file_of(t, "attack.txt", path);
    (void)snprintf(digest, sizeof digest, "file:%s", path);
    return ACT(t, &t->north, "BELMARIA", "sanction_add", "list", "AGGRESSION", "scheme", "iso3166",
               "value", value, "label", label, measure, "true", "evidence", digest, "reason",
               reason, "review_at", review);
}

/* A payment that must be refused for the list, and how long after the decision it was. */
static cy_err refused(struct tale *t, struct cy_cli *run, const char *as, const char *from,
                      const char *to, uint64_t decided, uint64_t *ms)
{
    const unsigned before = t->receipts;
    const cy_err err = ACT(t, run, as, "transfer", "from", from, "to", to, "amount", "1");

    *ms = now_ms() - decided;
    if (err.code != CY_E_EXCLUDED || t->receipts != before)
        return cy_ok(err) ? cy_fail(CY_E_SANDBOX_STEP, 1) : err;
    say(t, "    refused %llu ms after the decision (EXCLUDED)\n", (unsigned long long)*ms);
    return CY_OK;
}

static cy_err decide(struct tale *t)
{
    uint64_t decided = 0;

    say(t, "\nThe decision. The very next payment meets it: no dealings with Ardovia's companies; "
           "what moves to Corvia's waits in escrow.\n");
    CY_TRY(put_on(t, "XA", "Ardovia", "exclude", "it attacks Belmaria"));
    decided = now_ms();
    CY_TRY(refused(t, &t->north, "HARBOUR", "HARBOUR/EUX", "ARDOIL/EUX", decided, &t->here_ms));
    CY_TRY(put_on(t, "XC", "Corvia", "freeze", "it helps Ardovia"));
    say(t, "\nEvery state tries to pay Ardovia Oil:\n");
    CY_TRY(wave(t, ATTACKER, "attacker", "ARDOIL"));
    say(t, "\nand Corvia Steel, whose country helps:\n");
    return wave(t, HELPER, "helper", "CORSTEEL");
}

/* --- over the bridge --- */

/* The other story may have left a bridge there: it is cut, and opened anew. */
static cy_err open_bridge(struct tale *t, const char *place, const struct cy_cli *other)
{
    const struct cy_home_settings *to = &other->home.settings;

    (void)!cy_ok(COMMAND(t, place, "bridge", "sever", to->realm, "--reason", "a new story"));
    return COMMAND(t, place, "bridge", "open", to->realm, "--vkey", to->vkey);
}

static cy_err carry(struct tale *t, struct cy_end *here, struct cy_end *there)
{
    static const char *const named[] = {"AGGRESSION"};
    struct cy_carried_lists *lists = cy_arena_zero(&t->run->arena, sizeof *lists);

    if (lists == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_cli_list_round(here, there, named, 1, lists));
    say(t, "    the courier brought %llu changes, by proof; change %llu of %llu, lag %llu ms\n",
        (unsigned long long)lists->list[0].carried, (unsigned long long)lists->list[0].number_here,
        (unsigned long long)lists->list[0].number_there, (unsigned long long)lists->list[0].lag_ms);
    return lists->n == 1 && lists->list[0].behind == 0 ? CY_OK : cy_fail(CY_E_SANDBOX_STEP, 2);
}

static cy_err prepare_south(struct tale *t)
{
    struct cy_cli *s = &t->south;

    CY_TRY(open_bridge(t, "north", &t->south));
    CY_TRY(open_bridge(t, "south", &t->north));
    CY_TRY(ACT(t, s, NULL, "class_declare", "passport", "ARDPORT", "scheme", "iso3166", "value",
               "XA"));
    CY_TRY(ACT(t, s, "MILL", "asset_create", "code", "FLOUR", "name", "Flour"));
    CY_TRY(ACT(t, s, "MILL", "account_open", "asset", "FLOUR"));
    CY_TRY(ACT(t, s, "ARDPORT", "account_open", "asset", "FLOUR"));
    return ACT(t, s, "MILL", "asset_issue", "asset", "FLOUR", "account", "MILL/FLOUR", "amount",
               "100");
}

/* Southland follows as a realm. Ardovia is taken off and put on again, so that the way of one
 * decision is measured from its receipt to a refusal in the other ledger. */
static cy_err ripple(struct tale *t, struct cy_end *here, struct cy_end *there)
{
    struct cy_cli *s = &t->south;
    uint64_t decided = 0;

    say(t, "\nSouthland, a realm of its own, mirrors the list over a bridge.\n");
    CY_TRY(carry(t, here, there));
    CY_TRY(ACT(t, s, NULL, "sanction_follow", "list", "AGGRESSION", "mode", "mirror"));
    CY_TRY(put_on(t, "XA", "Ardovia", "exclude", "it attacks Belmaria, still"));
    decided = now_ms();
    CY_TRY(carry(t, here, there));
    return refused(t, s, "MILL", "MILL/FLOUR", "ARDPORT/FLOUR", decided, &t->there_ms);
}

/* --- ways round it --- */

static cy_err evade(struct tale *t)
{
    char owners[CY_SANDBOX_PATH];
    char dealings[CY_SANDBOX_PATH];
    char flags[CY_SANDBOX_PATH];
    char rows[512];
    char day[16];
    struct cy_text text = cy_text_on(day, sizeof day);
    struct cy_sandbox_task task = {.log = "aggression/flags.json"};
    json_t *found = NULL;

    say(t, "\nA trader over the border, who follows nothing, passes goods on. The ledger lets it: "
           "it binds who follows. But it is seen.\n");
    CY_TRY(ACT(t, &t->north, "HARBOUR", "transfer", "from", "HARBOUR/EUX", "to", "DUNES/EUX",
               "amount", "5"));
    CY_TRY(ACT(t, &t->north, "DUNES", "transfer", "from", "DUNES/EUX", "to", "ARDOIL/EUX", "amount",
               "5"));
    cy_date_text(&text, cy_time_date(cy_cli_now()));
    (void)snprintf(rows, sizeof rows,
                   "from,to,amount,day\nHARBOUR,ARDOIL,5,%s\nHARBOUR,DUNES,5,%s\n"
                   "DUNES,ARDOIL,5,%s\n",
                   day, day, day);
    file_of(t, "owners.csv", owners);
    file_of(t, "dealings.csv", dealings);
    file_of(t, "flags.json", flags);
    CY_TRY(
        cy_cli_write_file(t->run, owners, cy_span_text("owner,owned,share\nARDOVIA,ARDOIL,100\n")));
    CY_TRY(cy_cli_write_file(t->run, dealings, cy_span_text(rows)));
    memcpy(task.words,
           (const char *const[]){"evasion", "--owners", owners, "--blocked", "ARDOIL", "--dealings",
                                 dealings, "--json"},
           8 * sizeof task.words[0]);
    CY_TRY(cy_sandbox_begin(&t->s, &task));
    (void)!cy_ok(cy_sandbox_finish(&t->s, &task)); /* it says no when there are flags */
    found = json_load_file(flags, JSON_DISABLE_EOF_CHECK, NULL);
    t->flags = (unsigned)json_array_size(json_object_get(found, "flags"));
    json_decref(found);
    say(t,
        "  $ comity evasion --owners owners.csv --blocked ARDOIL --dealings dealings.csv\n"
        "    %u flag(s), with the payments that raise them: aggression/flags.json\n",
        t->flags);
    return t->flags > 0 ? CY_OK : cy_fail(CY_E_SANDBOX_STEP, 3);
}

static cy_err pledge(struct tale *t)
{
    struct cy_cli *n = &t->north;
    json_t *answer = NULL;
    const json_t *debt = NULL;
    char id[65] = "";

    say(t, "\nAid is pledged as what is owed, so that everybody sees what came of it.\n");
    CY_TRY(ACT(t, n, "HARBOUR", "liability_owe", "creditor", "BELMARIA", "asset", "EUX", "amount",
               "200", "due", "2030-01-01T00:00:00Z", "reason", "tents and generators"));
    CY_TRY(cy_cli_fetch_json(n, "/v1/records/liability?limit=1", &answer));
    debt = json_array_get(json_object_get(answer, "items"), 0);
    (void)snprintf(id, sizeof id, "%s", json_string_value(json_object_get(debt, "id")));
    json_decref(answer);
    return ACT(t, n, "HARBOUR", "liability_pay", "liability", id, "account", "HARBOUR/EUX",
               "amount", "150");
}

/* --- easing --- */

static cy_err ease_one(struct tale *t, const char *value)
{
    const struct cy_id subject = cy_restraint_subject(cy_span_text("iso3166"), cy_span_text(value));
    char hex[65];

    cy_hex(subject.b, sizeof subject.b, hex);
    return ACT(t, &t->north, "BELMARIA", "sanction_ease", "list", "AGGRESSION", "subject", hex,
               "reason", "it has withdrawn");
}

static cy_err ease(struct tale *t, struct cy_end *here, struct cy_end *there)
{
    say(t, "\nArdovia withdraws, and that is on record. The list lets both go; so does Southland, "
           "when the change arrives.\n");
    CY_TRY(
        evidence(t, &t->north, "BELMARIA", "ARDOVIA", "withdrawn.txt", "the last column has left"));
    CY_TRY(ease_one(t, "XA"));
    CY_TRY(ease_one(t, "XC"));
    CY_TRY(wave(t, AFTER, "after", "ARDOIL"));
    CY_TRY(carry(t, here, there));
    return ACT(t, &t->south, "MILL", "transfer", "from", "MILL/FLOUR", "to", "ARDPORT/FLOUR",
               "amount", "1");
}

/* --- the end --- */

static cy_err verify(struct tale *t)
{
    unsigned good = 0;

    for (unsigned i = 1; i <= t->receipts; i++) {
        static const char *const places[] = {"north", "south"};

        for (size_t p = 0; p < CY_COUNT(places); p++) {
            char name[64];
            char path[CY_SANDBOX_PATH];
            struct stat there;

            (void)snprintf(name, sizeof name, "%02u.%s.receipt.json", i, places[p]);
            file_of(t, name, path);
            if (stat(path, &there) == 0 && cy_ok(COMMAND(t, places[p], "verify", path)))
                good++;
        }
    }
    say(t,
        "\n%u of %u receipts hold: comity --dir %s/north verify %s/aggression/NN.north."
        "receipt.json\n",
        good, t->receipts, t->s.dir, t->s.dir);
    return good == t->receipts ? CY_OK : cy_fail(CY_E_SANDBOX_STEP, 4);
}

static void draw_wave(FILE *out, const struct wave *w, unsigned n, unsigned y)
{
    const struct {
        const unsigned *of;
        const char *fill;
    } parts[] = {
        {w->paid,    "#4a7c59"},
        {w->held,    "#c9a227"},
        {w->refused, "#8c3b3b"}
    };
    unsigned x = 150;

    (void)fprintf(out, "<text x=\"10\" y=\"%u\">%s</text>\n", y + 15, w->name);
    for (size_t p = 0; p < CY_COUNT(parts); p++) {
        unsigned sum = 0;

        for (unsigned v = 0; v < VOTES; v++)
            sum += parts[p].of[v];
        if (sum == 0)
            continue;
        (void)fprintf(out,
                      "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"20\" fill=\"%s\"/>"
                      "<text x=\"%u\" y=\"%u\" fill=\"#fff\">%u</text>\n",
                      x, y, sum * 600 / (n == 0 ? 1 : n), parts[p].fill, x + 6, y + 15, sum);
        x += sum * 600 / (n == 0 ? 1 : n);
    }
}

/* Each row: of all states, how many payments went through, waited, were refused. */
static cy_err draw(const struct tale *t, const char *path)
{
    FILE *out = fopen(path, "w");

    if (out == NULL)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    (void)fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"780\" height=\"250\" "
        "font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n"
        "<title>Payments of %zu states: paid (green), held (yellow), refused (red)</title>\n"
        "<rect width=\"780\" height=\"250\" fill=\"#fff\"/>\n",
        t->n);
    for (unsigned i = 0; i < WAVES; i++)
        draw_wave(out, &t->waves[i], (unsigned)t->n, 20 + 34 * i);
    (void)fprintf(
        out,
        "<text x=\"10\" y=\"180\">coalition of %u: %llu ms; choices of all: %llu ms</text>\n"
        "<text x=\"10\" y=\"202\">decision to refusal: %llu ms here, %llu ms in another "
        "realm, over a bridge</text>\n"
        "<text x=\"10\" y=\"224\">green: paid; yellow: held in escrow; red: refused</text>\n"
        "</svg>\n",
        t->coalition, (unsigned long long)t->coalition_ms, (unsigned long long)t->choice_ms,
        (unsigned long long)t->here_ms, (unsigned long long)t->there_ms);
    return fclose(out) == 0 ? CY_OK : cy_fail(CY_E_DISK_FAILED, 0);
}

static json_t *summary(const struct tale *t)
{
    json_t *waves = json_object();

    for (unsigned i = 0; i < WAVES; i++) {
        const struct wave *w = &t->waves[i];
        json_t *by = json_object();

        for (unsigned v = 0; v < VOTES; v++)
            (void)json_object_set_new(by, vote_words[v],
                                      json_pack("{s:i,s:i,s:i}", "paid", (int)w->paid[v], "held",
                                                (int)w->held[v], "refused", (int)w->refused[v]));
        (void)json_object_set_new(waves, w->name, by);
    }
    return json_pack("{s:i,s:i,s:I,s:I,s:I,s:I,s:i,s:i,s:o}", "states", (int)t->n, "coalition",
                     (int)t->coalition, "coalition_ms", (json_int_t)t->coalition_ms, "choice_ms",
                     (json_int_t)t->choice_ms, "here_ms", (json_int_t)t->here_ms, "there_ms",
                     (json_int_t)t->there_ms, "flags", (int)t->flags, "receipts", (int)t->receipts,
                     "payments", waves);
}

static cy_err open_tale(struct tale *t)
{
    char path[CY_SANDBOX_PATH];

    CY_TRY(cy_sandbox_dir(t->run, false, &t->s));
    CY_TRY(cy_sandbox_read(&t->s));
    CY_TRY(read_votes(t));
    if (t->s.n == 0 || cy_sandbox_find(&t->s, "north") == NULL ||
        !cy_sandbox_ready(&t->s, cy_sandbox_find(&t->s, "north"))) {
        cy_cli_note(t->run, "no sandbox runs there: comity sandbox up --dir DIR");
        return cy_fail(CY_E_SANDBOX_PART, 0);
    }
    file_of(t, "", path);
    if (mkdir(path, 0700) == 0)
        return CY_OK;
    cy_cli_note(t->run, "%s: %s", path,
                errno == EEXIST ? "it was told in this sandbox before" : strerror(errno));
    return cy_fail(errno == EEXIST ? CY_E_FILE_TAKEN : CY_E_DISK_FAILED, (uint64_t)errno);
}

static cy_err tell(struct tale *t)
{
    struct cy_end here;
    struct cy_end there;

    CY_TRY(cast(t));
    CY_TRY(open_place(t, "north", "COURIER", &t->north));
    CY_TRY(open_place(t, "south", "COURIER", &t->south));
    CY_TRY(money(t));
    CY_TRY(coalition(t));
    CY_TRY(decide(t));
    CY_TRY(prepare_south(t));
    CY_TRY(cy_end_of(&t->south, NULL, &here));
    CY_TRY(cy_end_of(&t->north, NULL, &there));
    CY_TRY(ripple(t, &here, &there));
    CY_TRY(evade(t));
    CY_TRY(pledge(t));
    CY_TRY(ease(t, &here, &there));
    return verify(t);
}

int cy_cli_aggression(struct cy_cli *run)
{
    const char *svg = cy_cli_arg(&run->args, "svg");
    struct tale *t = calloc(1, sizeof *t);
    cy_err err = CY_OK;
    int code = CY_EXIT_OK;

    if (t == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    t->run = run;
    t->s.run = run;
    t->out = run->json ? run->err : run->out;
    err = open_tale(t);
    if (cy_ok(err))
        err = tell(t);
    if (cy_ok(err) && svg != NULL)
        err = draw(t, svg);
    if (!cy_ok(err))
        code = cy_cli_fail(run, err,
                           t->north.why[0] != 0   ? t->north.why
                           : t->south.why[0] != 0 ? t->south.why
                                                  : NULL);
    else if (run->json)
        code = cy_cli_print(run, summary(t));
    if (t->north.home.dir[0] != 0)
        cy_cli_end(&t->north);
    if (t->south.home.dir[0] != 0)
        cy_cli_end(&t->south);
    free(t);
    return code;
}
