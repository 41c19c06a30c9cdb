#include "host/cli/sandbox_story.h"

#include "host/cli/cli_send.h"
#include "wire/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum tell {
#define CY_TELL(NAME, text) TELL_##NAME,
#include "host/cli/sandbox_story.def"
#undef CY_TELL
};

static const char *const tells[] = {
#define CY_TELL(NAME, text) text,
#include "host/cli/sandbox_story.def"
#undef CY_TELL
};

enum thing {
    NOTHING,
#define CY_THING(NAME, word, cell, apart) NAME,
#include "host/cli/sandbox_things.def"
#undef CY_THING
    THINGS
};

static const char *const names[THINGS] = {
    "",
#define CY_THING(NAME, word, cell, apart) word,
#include "host/cli/sandbox_things.def"
#undef CY_THING
};

/* At whose place a party's keys are; the nations' own ledgers are cells in any case. */
static const char *const cells[THINGS] = {
    NULL,
#define CY_THING(NAME, word, cell, apart) cell,
#include "host/cli/sandbox_things.def"
#undef CY_THING
};

static const bool in_cell[THINGS] = {
    false,
#define CY_THING(NAME, word, cell, apart) apart,
#include "host/cli/sandbox_things.def"
#undef CY_THING
};

#define WORD 640u
#define STEPS 128u
#define RETRIES 40u
#define RETRY_MS 250u

struct tale {
    struct cy_sandbox *s;
    FILE *out;
    bool federation;
    unsigned step;
    unsigned receipts;
    char ids[THINGS][65];
    char word[8][WORD]; /* texts of the command in the making */
    unsigned n_word;
    struct cy_sandbox_task task;
    char log[64];
    const struct cy_sandbox_place *where[STEPS]; /* of the steps that left a receipt */
};

/* --- speaking --- */

static void speak(struct tale *t, enum tell what)
{
    const char *text = tells[what];
    size_t column = 0;

    (void)fputc('\n', t->out);
    while (*text != 0) {
        const size_t n = strcspn(text, " ");

        if (column > 0 && column + 1 + n > 96) {
            (void)fputc('\n', t->out);
            column = 0;
        }
        (void)fprintf(t->out, "%s%.*s", column > 0 ? " " : "", (int)n, text);
        column += n + (column > 0 ? 1 : 0);
        text += n + (text[n] == ' ' ? 1 : 0);
    }
    (void)fputc('\n', t->out);
}

/* Prints a word of a command: ids by their names, quotes where a shell would need them. */
static void show_word(const struct tale *t, const char *word)
{
    const char *quote = word[strcspn(word, " []{}\"();'")] == 0 ? ""
                        : strchr(word, '\'') != NULL            ? "\""
                                                                : "'";

    (void)fprintf(t->out, " %s", quote);
    while (*word != 0) {
        unsigned i = 1;

        while (i < THINGS && (t->ids[i][0] == 0 || strncmp(word, t->ids[i], 64) != 0))
            i++;
        if (i < THINGS) {
            (void)fputs(names[i], t->out);
            word += 64;
        } else if (strncmp(word, t->s->dir, strlen(t->s->dir)) == 0) {
            (void)fputs("DIR", t->out);
            word += strlen(t->s->dir);
        } else {
            (void)fputc(*word++, t->out);
        }
    }
    (void)fputs(quote, t->out);
}

static void show_command(const struct tale *t)
{
    (void)fprintf(t->out, "  $ comity --dir DIR/%s", t->task.place->row->name);
    for (size_t i = 0; t->task.words[i] != NULL; i++) {
        if (strcmp(t->task.words[i], "--receipt") == 0) {
            i++;
            continue;
        }
        if (strcmp(t->task.words[i], "--json") != 0)
            show_word(t, t->task.words[i]);
    }
    (void)fputc('\n', t->out);
}

/* --- commands --- */

/* The place where a party acts: its node of the ocean, or the cell where all this happens. */
static const struct cy_sandbox_place *place_of(const struct tale *t, enum thing party)
{
    char name[64];

    if (in_cell[party])
        return cy_sandbox_find(t->s, cells[party]);
    if (!t->federation)
        return cy_sandbox_find(t->s, "reef");
    (void)snprintf(name, sizeof name, "ocean/%s", cells[party]);
    return cy_sandbox_find(t->s, name);
}

/* A text that lives until the next command. */
__attribute__((format(printf, 2, 3))) static const char *made(struct tale *t, const char *format,
                                                              ...)
{
    char *at = t->word[t->n_word++ % CY_COUNT(t->word)];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(at, WORD, format, list);
    va_end(list);
    return at;
}

static const char *id(const struct tale *t, enum thing what)
{
    return t->ids[what];
}

/* OWNER/EUR, the account of a party. */
static const char *purse(struct tale *t, enum thing party)
{
    return made(t, "%s/%s", id(t, party), id(t, EUR));
}

static const char *story_file(struct tale *t, const char *name)
{
    return made(t, "%s/story/%s", t->s->dir, name);
}

static void begin(struct tale *t, const struct cy_sandbox_place *place, const char *const *words)
{
    size_t n = 0;

    t->task = (struct cy_sandbox_task){.place = place, .log = t->log};
    for (; words[n] != NULL; n++) {
        CY_ASSERT(n + 8 < CY_COUNT(t->task.words));
        t->task.words[n] = words[n];
    }
    (void)snprintf(t->log, sizeof t->log, "story/%02u.out", ++t->step);
}

static void more(struct tale *t, const char *a, const char *b)
{
    size_t n = 0;

    while (t->task.words[n] != NULL)
        n++;
    t->task.words[n] = a;
    t->task.words[n + 1] = b;
}

static json_t *read_json(struct tale *t, const char *file)
{
    char path[CY_SANDBOX_PATH];

    cy_sandbox_path(t->s, NULL, file, path);
    return json_load_file(path, JSON_DISABLE_EOF_CHECK, NULL);
}

/* What the command said, when it did not end well. */
static void show_log(struct tale *t)
{
    char path[CY_SANDBOX_PATH];
    struct cy_span text = {0};

    cy_sandbox_path(t->s, NULL, t->log, path);
    if (cy_ok(cy_cli_read_file(t->s->run, path, 65536, &text)))
        (void)fprintf(t->out, "%.*s\n", (int)text.n, (const char *)text.at);
}

static cy_err once(struct tale *t)
{
    char path[CY_SANDBOX_PATH];

    cy_sandbox_path(t->s, NULL, t->log, path);
    (void)unlink(path);
    CY_TRY(cy_sandbox_begin(t->s, &t->task));
    return cy_sandbox_finish(t->s, &t->task);
}

/* In a federation a member's node may be a moment behind the node that answered the act before:
 * what refers to it is tried again for a while. */
static cy_err patiently(struct tale *t)
{
    cy_err err = once(t);

    for (unsigned i = 0; t->federation && !cy_ok(err) && i < RETRIES; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = (long)RETRY_MS * 1000000}, NULL);
        err = once(t);
    }
    if (!cy_ok(err))
        show_log(t);
    return err;
}

/* An act of a party; its receipt is kept, and what it creates is called `what`. */
static cy_err act(struct tale *t, enum thing party, enum thing what, const char *const *words)
{
    char receipt[CY_SANDBOX_PATH];
    struct cy_id created;
    json_t *json = NULL;

    begin(t, place_of(t, party), words);
    (void)snprintf(receipt, sizeof receipt, "%.800s/story/%02u.receipt.json", t->s->dir, t->step);
    if (what != party && party != NORLAND && party != SOUTHLAND)
        more(t, "--as",
             names[party]); /* a passport is made by nobody yet; a cell has an operator */
    more(t, "--receipt", receipt);
    if (t->task.place->row->federation != NULL)
        more(t, "--wait", "final");
    more(t, "--json", NULL);
    show_command(t);
    CY_TRY(patiently(t));
    t->receipts++;
    CY_ASSERT(t->step < STEPS);
    t->where[t->step] = t->task.place;
    json = json_load_file(receipt, 0, NULL);
    if (json == NULL || !cy_cli_receipt_id(json, &created)) {
        json_decref(json);
        return cy_fail(CY_E_SANDBOX_STEP, 0);
    }
    if (what != NOTHING)
        cy_hex(created.b, sizeof created.b, t->ids[what]);
    json_decref(json);
    return CY_OK;
}

/* The words of a command stand in the call, NULL last. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__})
#define ACT(t, party, what, ...) act((t), (party), (what), WORDS(__VA_ARGS__))
#define REFUSED(t, party, name, ...) refused((t), (party), (name), WORDS(__VA_ARGS__))
#define ASK(t, party, shown, ...) ask((t), (party), (shown), WORDS(__VA_ARGS__))

/* A passport of a party, with its keys. */
static cy_err passport(struct tale *t, enum thing party, const char *kind, const char *name)
{
    return ACT(t, party, party, "passport", "create", "--kind", kind, "--name", name, "--alias",
               names[party], NULL);
}

/* An act that must be refused, with the error of that name; anything else ends the story. */
static cy_err refused(struct tale *t, enum thing party, const char *name, const char *const *words)
{
    json_t *problem = NULL;
    const char *got = NULL;
    cy_err err = CY_OK;

    begin(t, place_of(t, party), words);
    more(t, "--as", names[party]);
    more(t, "--json", NULL);
    show_command(t);
    err = once(t);
    problem = read_json(t, t->log);
    got = json_string_value(json_object_get(problem, "name"));
    if (cy_ok(err) || got == NULL || strcmp(got, name) != 0) {
        show_log(t);
        json_decref(problem);
        return cy_fail(CY_E_SANDBOX_STEP, 1);
    }
    (void)fprintf(t->out, "    refused (%s): %s. %s.\n", name,
                  json_string_value(json_object_get(problem, "title")),
                  json_string_value(json_object_get(problem, "remedy")));
    json_decref(problem);
    return CY_OK;
}

/* A command that is no act; what it says is in the step's log. */
static cy_err ask(struct tale *t, enum thing party, bool shown, const char *const *words)
{
    begin(t, place_of(t, party), words);
    if (shown)
        show_command(t);
    return patiently(t);
}

/* Writes a file of the story and records its digest as evidence of a party. */
static cy_err evidence(struct tale *t, enum thing party, const char *name, const char *text,
                       const char *summary)
{
    const char *path = story_file(t, name);

    CY_TRY(cy_cli_write_file(t->s->run, path, cy_span_text(text)));
    return ACT(t, party, NOTHING, "act", "evidence_record", "--kind", "document", "--digest",
               made(t, "file:%s", path), "--summary", summary, NULL);
}

/* --- the acts --- */

static cy_err arrive(struct tale *t)
{
    speak(t, TELL_ARRIVE);
    CY_TRY(passport(t, FISHERS, "community", "Fishers of Cape Norr"));
    CY_TRY(passport(t, REEF, "community", "Reef Institute"));
    CY_TRY(passport(t, ISLE, "community", "Isle Guides"));
    CY_TRY(passport(t, FERRY, "company", "Strait Ferries Ltd"));
    CY_TRY(passport(t, SURVEYOR, "person", "Ada Lind, surveyor"));
    return passport(t, OMBUDSMAN, "person", "Tomas Reis, ombudsman");
}

static cy_err found(struct tale *t)
{
    static const enum thing others[] = {FISHERS, ISLE, FERRY};

    speak(t, TELL_FOUND);
    CY_TRY(ACT(t, REEF, OCEAN, "alliance", "found", "--code", "OCEAN", "--name", "Ocean alliance",
               "--topic", "environment", "--clauses", "[{\"name\":\"admission\",\"value\":0}]",
               "--purpose", "fish, reefs and guests of the strait", NULL));
    for (size_t i = 0; i < CY_COUNT(others); i++)
        CY_TRY(ACT(t, others[i], NOTHING, "alliance", "join", "--alliance", id(t, OCEAN), "--level",
                   "full", NULL));
    return CY_OK;
}

/* A file shared by a party with three others under a licence; its digest to `digest`. */
static cy_err share_file(struct tale *t, enum thing party, const enum thing readers[3],
                         const char *name, const char *text, const char *licence, char digest[65])
{
    const char *path = story_file(t, name);
    json_t *answer = NULL;
    const char *said = NULL;

    CY_TRY(cy_cli_write_file(t->s->run, path, cy_span_text(text)));
    CY_TRY(ACT(t, party, NOTHING, "blob", "hold", path, "--licence", licence, "--reader",
               id(t, readers[0]), "--reader", id(t, readers[1]), "--reader", id(t, readers[2]),
               NULL));
    answer = read_json(t, t->log);
    said = json_string_value(json_object_get(answer, "digest"));
    (void)snprintf(digest, 65, "%s", said == NULL ? "" : said);
    json_decref(answer);
    return digest[0] != 0 ? CY_OK : cy_fail(CY_E_SANDBOX_STEP, 2);
}

static cy_err same_files(struct tale *t, const char *a, const char *b)
{
    struct cy_span one = {0};
    struct cy_span two = {0};

    CY_TRY(cy_cli_read_file(t->s->run, a, 65536, &one));
    CY_TRY(cy_cli_read_file(t->s->run, b, 65536, &two));
    if (one.n != two.n || memcmp(one.at, two.at, one.n) != 0)
        return cy_fail(CY_E_SANDBOX_STEP, 3);
    (void)fprintf(t->out, "    opened: %zu bytes, the same that were shared\n", one.n);
    return CY_OK;
}

static cy_err share_data(struct tale *t)
{
    static const enum thing readers[3] = {FISHERS, ISLE, FERRY};
    const char *url = made(t, "http://127.0.0.1:%u", (unsigned)place_of(t, REEF)->plain);
    char digest[65];

    speak(t, TELL_DATA);
    CY_TRY(share_file(t, REEF, readers, "survey.csv",
                      "station,day,species,count\n1,2026-05-02,Chelonia mydas,14\n"
                      "1,2026-05-02,Gadus morhua,220\n2,2026-05-03,Gadus morhua,180\n",
                      "CC-BY-NC-4.0; nesting grounds may not be published", digest));
    speak(t, TELL_READ);
    url = made(t, "http://127.0.0.1:%u", (unsigned)place_of(t, REEF)->plain);
    CY_TRY(ASK(t, FISHERS, true, "blob", "open", digest, "--as", names[FISHERS], "--url", url,
               "--out", story_file(t, "survey.opened.csv"), NULL));
    return same_files(t, story_file(t, "survey.csv"), story_file(t, "survey.opened.csv"));
}

static cy_err money(struct tale *t)
{
    static const enum thing all[] = {FISHERS, REEF, ISLE, FERRY};

    speak(t, TELL_MONEY);
    CY_TRY(ACT(t, FERRY, EUR, "asset", "create", "--code", "EUR", "--name", "Euro token", "--scale",
               "2", NULL));
    for (size_t i = 0; i < CY_COUNT(all); i++)
        CY_TRY(ACT(t, all[i], NOTHING, "account", "open", "--asset", id(t, EUR), NULL));
    CY_TRY(ACT(t, FERRY, NOTHING, "asset", "issue", "--asset", id(t, EUR), "--account",
               purse(t, FISHERS), "--amount", "50000", NULL));
    return ACT(t, FERRY, NOTHING, "asset", "issue", "--asset", id(t, EUR), "--account",
               purse(t, FERRY), "--amount", "500000", NULL);
}

/* A day that many days from today. */
static const char *day(struct tale *t, int days)
{
    const time_t then = (time_t)(cy_cli_now() / 1000) + (time_t)days * 86400;
    struct tm civil;

    (void)gmtime_r(&then, &civil);
    return made(t, "%04d-%02d-%02d", civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday);
}

static const char *name_of(const struct tale *t, const char *hex)
{
    for (unsigned i = 1; i < THINGS; i++) {
        if (hex != NULL && strcmp(t->ids[i], hex) == 0)
            return names[i];
    }
    return "?";
}

/* A member of a record that holds an amount; "0" when it is left out. */
static const char *amount_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text == NULL ? "0" : text;
}

/* Prints who holds what of the quota, from the ledger's own records. */
static cy_err show_rights(struct tale *t)
{
    json_t *answer = NULL;
    const json_t *row = NULL;
    size_t i = 0;

    CY_TRY(ASK(t, REEF, false, "record", "quota_holder", "--json", NULL));
    answer = read_json(t, t->log);
    json_array_foreach(json_object_get(answer, "items"), i, row)
    {
        (void)fprintf(t->out, "    %-10s right %4s t, used %4s t\n",
                      name_of(t, json_string_value(json_object_get(row, "party"))),
                      amount_of(row, "right"), amount_of(row, "used"));
    }
    json_decref(answer);
    return CY_OK;
}

static cy_err quota(struct tale *t)
{
    speak(t, TELL_QUOTA);
    CY_TRY(ACT(t, REEF, COD, "quota", "open", "--alliance", id(t, OCEAN), "--what",
               "cod of the strait", "--unit", "t", "--from", day(t, 0), "--until", day(t, 90),
               "--total", "1001", "--overuse", "refuse", "--auditor", id(t, SURVEYOR), "--arbiter",
               id(t, OMBUDSMAN), "--appeal-ms", "604800000", "--grace-days", "14", NULL));
    CY_TRY(ACT(t, REEF, NOTHING, "quota", "allot", "--quota", id(t, COD), "--rule", "weights",
               "--rounding", "largest-remainder", "--shares",
               made(t,
                    "[{\"party\":\"%s\",\"weight\":5},{\"party\":\"%s\",\"weight\":3},"
                    "{\"party\":\"%s\",\"weight\":2}]",
                    id(t, FISHERS), id(t, ISLE), id(t, FERRY)),
               NULL));
    return show_rights(t);
}

static cy_err sell(struct tale *t)
{
    speak(t, TELL_SELL);
    CY_TRY(ACT(t, FISHERS, BID, "quota", "bid", "--quota", id(t, COD), "--amount", "50",
               "--account", purse(t, FISHERS), "--price", "12000", "--until",
               made(t, "%sT00:00:00Z", day(t, 7)), NULL));
    CY_TRY(ACT(t, FERRY, NOTHING, "quota", "transfer", "--quota", id(t, COD), "--to",
               id(t, FISHERS), "--amount", "50", "--quota-bid", id(t, BID), "--account",
               purse(t, FERRY), NULL));
    return show_rights(t);
}

static cy_err land(struct tale *t)
{
    speak(t, TELL_LAND);
    CY_TRY(evidence(t, FISHERS, "landing.txt", "landing note 17: 300 t cod, quay 4\n",
                    "landing note 17"));
    CY_TRY(ACT(t, FISHERS, NOTHING, "quota", "report", "--quota", id(t, COD), "--amount", "300",
               "--on", day(t, 0), "--evidence", made(t, "file:%s", story_file(t, "landing.txt")),
               "--place", "quay 4", NULL));
    speak(t, TELL_OVER);
    CY_TRY(evidence(t, ISLE, "guests.txt", "log of the guests' boats: 900 t\n", "boats' log"));
    return REFUSED(t, ISLE, "QUOTA_EXCEEDED", "quota", "report", "--quota", id(t, COD), "--amount",
                   "900", "--on", day(t, 0), "--evidence",
                   made(t, "file:%s", story_file(t, "guests.txt")), NULL);
}

static cy_err audit(struct tale *t)
{
    speak(t, TELL_AUDIT);
    CY_TRY(
        evidence(t, SURVEYOR, "weighed.txt", "weighed again at quay 4: 310 t\n", "weighed again"));
    return ACT(t, SURVEYOR, NOTHING, "quota", "audit", "--quota", id(t, COD), "--report", "0",
               "--amount", "310", "--evidence", made(t, "file:%s", story_file(t, "weighed.txt")),
               "--reason", "weighed again", NULL);
}

static cy_err revoke_right(struct tale *t)
{
    speak(t, TELL_REVOKE);
    CY_TRY(ACT(t, REEF, NOTHING, "quota", "revoke", "--quota", id(t, COD), "--party", id(t, ISLE),
               "--amount", "100", "--appeal-until", made(t, "%sT00:00:00Z", day(t, 14)), "--reason",
               "transponder off on two days", NULL));
    speak(t, TELL_APPEAL);
    CY_TRY(ACT(t, ISLE, NOTHING, "quota", "appeal", "--quota", id(t, COD), "--revocation", "0",
               "--reason", "it was being repaired; the yard's note is with the surveyor", NULL));
    return ACT(t, OMBUDSMAN, NOTHING, "quota", "decide", "--quota", id(t, COD), "--revocation", "0",
               "--restore", "--reason", "repaired within a day", NULL);
}

static cy_err routes(struct tale *t)
{
    static const enum thing readers[3] = {FISHERS, REEF, FERRY};
    char digest[65];

    speak(t, TELL_ROUTES);
    return share_file(t, ISLE, readers, "routes.geojson",
                      "{\"type\":\"LineString\",\"coordinates\":[[4.1,60.2],[4.3,60.4]]}\n",
                      "CC-BY-SA-4.0", digest);
}

static cy_err agree(struct tale *t)
{
    static const enum thing all[] = {ISLE, FISHERS, REEF, FERRY};

    speak(t, TELL_AGREE);
    CY_TRY(ACT(t, ISLE, TICKETS, "share", "agree", "--name", "tickets of the strait", "--asset",
               id(t, EUR), "--basis", "fixed", "--rounding", "largest-remainder", "--parties",
               made(t,
                    "[{\"party\":\"%s\",\"weight\":4},{\"party\":\"%s\",\"weight\":3},"
                    "{\"party\":\"%s\",\"weight\":2},{\"party\":\"%s\",\"weight\":1}]",
                    id(t, ISLE), id(t, FISHERS), id(t, REEF), id(t, FERRY)),
               "--arbiter", id(t, OMBUDSMAN), "--dispute-ms", "2592000000", "--notice-ms",
               "2592000000", NULL));
    for (size_t i = 0; i < CY_COUNT(all); i++)
        CY_TRY(ACT(t, all[i], NOTHING, "share", "accept", "--share", id(t, TICKETS), "--account",
                   purse(t, all[i]), NULL));
    return CY_OK;
}

/* Cents as people write them. */
static void show_money(FILE *out, const char *who, const char *cents, const char *how)
{
    const size_t n = strlen(cents);

    (void)fprintf(out, "    %-22s %*.*s.%s%s%s\n", who, 8, n > 2 ? (int)(n - 2) : 1,
                  n > 2 ? cents : "0", n == 1 ? "0" : "", n > 2 ? cents + n - 2 : cents, how);
}

/* Prints the parts of the last settlement from the ledger's own records. */
static cy_err show_parts(struct tale *t, unsigned settlement)
{
    json_t *answer = NULL;
    const json_t *rows = NULL;
    const json_t *row = NULL;
    size_t i = 0;

    CY_TRY(ASK(t, ISLE, false, "record", "share_part", "--json", NULL));
    answer = read_json(t, t->log);
    rows = json_object_get(answer, "items");
    json_array_foreach(rows, i, row)
    {
        const json_t *seq = json_object_get(row, "seq");
        const bool held = json_is_true(json_object_get(row, "held"));

        if ((unsigned)json_integer_value(seq) != settlement)
            continue;
        show_money(t->out, name_of(t, json_string_value(json_object_get(row, "party"))),
                   amount_of(row, "amount"),
                   held                                            ? "  held: disputed"
                   : json_is_true(json_object_get(row, "rounded")) ? "  with a cent that remained"
                                                                   : "");
    }
    json_decref(answer);
    return CY_OK;
}

static cy_err pay(struct tale *t, enum thing party, const char *cents, const char *what)
{
    return ACT(t, party, NOTHING, "share", "pay_in", "--share", id(t, TICKETS), "--account",
               purse(t, party), "--amount", cents, "--reason", what, NULL);
}

static cy_err settle(struct tale *t, enum thing party, unsigned settlement)
{
    CY_TRY(ACT(t, party, NOTHING, "share", "settle", "--share", id(t, TICKETS), NULL));
    return show_parts(t, settlement);
}

/* An agent may pay in for the company, up to a limit; what it may not do is refused. */
static cy_err mandate(struct tale *t)
{
    const char *covers = made(t, "%u", (unsigned)cy_schema_share_pay_in.number);

    speak(t, TELL_MANDATE);
    CY_TRY(passport(t, HELM, "agent", "Helm, who sells the tickets"));
    CY_TRY(ACT(t, FERRY, NOTHING, "act", "grant", "--to", id(t, HELM), "--covers", covers,
               "--amount-most", "200000", "--until", made(t, "%sT00:00:00Z", day(t, 30)), NULL));
    CY_TRY(ACT(t, HELM, NOTHING, "share", "pay_in", "--share", id(t, TICKETS), "--account",
               purse(t, FERRY), "--amount", "4000", "--reason", "tickets of a day", "--for",
               "FERRY", NULL));
    speak(t, TELL_BEYOND);
    return REFUSED(t, HELM, "DELEGATION_SCOPE", "share", "pay_in", "--share", id(t, TICKETS),
                   "--account", purse(t, FERRY), "--amount", "400000", "--reason", "too much",
                   "--for", "FERRY", NULL);
}

static cy_err revenue(struct tale *t)
{
    speak(t, TELL_PAY);
    CY_TRY(pay(t, FERRY, "96003", "tickets of the season"));
    return settle(t, ISLE, 0);
}

/* --- the bridge of the two nations --- */

/* A line `name = "value";` of a place's client.conf. */
static cy_err setting(struct tale *t, enum thing nation, const char *name, char *out, size_t cap)
{
    char path[CY_SANDBOX_PATH];
    struct cy_span text = {0};
    const char *at = NULL;
    size_t n = 0;

    cy_sandbox_path(t->s, place_of(t, nation), "client.conf", path);
    CY_TRY(cy_cli_read_file(t->s->run, path, 16384, &text)); /* ends in a 0 */
    at = strstr((const char *)text.at, name);
    at = at == NULL ? NULL : strchr(at, '"');
    n = at == NULL ? 0 : strcspn(at + 1, "\"");
    if (n == 0 || n >= cap)
        return cy_fail(CY_E_SANDBOX_STEP, 6);
    memcpy(out, at + 1, n);
    out[n] = 0;
    return CY_OK;
}

/* The carrier goes back and forth: heads, packets, acknowledgements. */
static cy_err carry(struct tale *t, unsigned times)
{
    char south[CY_SANDBOX_PATH];

    cy_sandbox_path(t->s, place_of(t, SOUTHLAND), "", south);
    for (unsigned i = 0; i < times; i++)
        CY_TRY(ASK(t, CARRIER_N, i == 0, "bridge", "relay", "--with", south, "--as", "CARRIER",
                   "--with-as", "CARRIER", "--once", NULL));
    return CY_OK;
}

static cy_err open_bridge(struct tale *t)
{
    char key[256];

    CY_TRY(setting(t, NORLAND, "realm", t->ids[NORLAND], sizeof t->ids[NORLAND]));
    CY_TRY(setting(t, SOUTHLAND, "realm", t->ids[SOUTHLAND], sizeof t->ids[SOUTHLAND]));
    CY_TRY(setting(t, SOUTHLAND, "vkey", key, sizeof key));
    CY_TRY(ACT(t, NORLAND, NOTHING, "bridge", "open", id(t, SOUTHLAND), "--vkey", key, NULL));
    CY_TRY(setting(t, NORLAND, "vkey", key, sizeof key));
    CY_TRY(ACT(t, SOUTHLAND, NOTHING, "bridge", "open", id(t, NORLAND), "--vkey", key, NULL));
    return carry(t, 1);
}

/* How many units of what crossed the accounts of Southland hold; they are vouchers there. */
static cy_err arrived(struct tale *t, const char *amount)
{
    char path[CY_SANDBOX_PATH];
    struct cy_span text = {0};

    CY_TRY(ASK(t, SAMI, false, "account", "list", "--json", NULL));
    cy_sandbox_path(t->s, NULL, t->log, path);
    CY_TRY(cy_cli_read_file(t->s->run, path, 65536, &text));
    if (strstr((const char *)text.at, made(t, "\"balance\": \"%s\"", amount)) == NULL) {
        show_log(t);
        return cy_fail(CY_E_SANDBOX_STEP, 7);
    }
    (void)fprintf(t->out, "    arrived: %s vouchers for wheat that Norland's ledger holds\n",
                  amount);
    return CY_OK;
}

static cy_err bridge(struct tale *t)
{
    speak(t, TELL_BRIDGE);
    CY_TRY(passport(t, NORA, "company", "Nora Grain"));
    CY_TRY(passport(t, CARRIER_N, "company", "Carrier"));
    CY_TRY(passport(t, SAMI, "company", "Sami Mills"));
    CY_TRY(passport(t, CARRIER_S, "company", "Carrier"));
    CY_TRY(ACT(t, NORA, WHEAT, "asset", "create", "--code", "WHEAT", "--name", "Wheat", NULL));
    CY_TRY(ACT(t, NORA, NOTHING, "account", "open", "--asset", id(t, WHEAT), NULL));
    CY_TRY(ACT(t, NORA, NOTHING, "asset", "issue", "--asset", id(t, WHEAT), "--account",
               made(t, "%s/%s", id(t, NORA), id(t, WHEAT)), "--amount", "1000", NULL));
    CY_TRY(open_bridge(t));
    CY_TRY(ACT(t, NORA, NOTHING, "bridge", "send", id(t, SOUTHLAND), "--receiver", id(t, SAMI),
               "--account", made(t, "%s/%s", id(t, NORA), id(t, WHEAT)), "--amount", "250", NULL));
    CY_TRY(carry(t, 4));
    return arrived(t, "250");
}

static cy_err sever(struct tale *t)
{
    speak(t, TELL_SEVER);
    CY_TRY(ACT(t, NORLAND, NOTHING, "bridge", "sever", id(t, SOUTHLAND), "--reason",
               "a quarrel about the strait", NULL));
    return REFUSED(t, NORA, "BRIDGE_STILL", "bridge", "send", id(t, SOUTHLAND), "--receiver",
                   id(t, SAMI), "--account", made(t, "%s/%s", id(t, NORA), id(t, WHEAT)),
                   "--amount", "1", NULL);
}

static cy_err go_on(struct tale *t)
{
    speak(t, TELL_GO_ON);
    CY_TRY(pay(t, FERRY, "7", "seven cents found in the till"));
    CY_TRY(pay(t, FERRY, "25000", "tickets of a weekend"));
    return settle(t, REEF, 1);
}

static cy_err dispute(struct tale *t)
{
    speak(t, TELL_DISPUTE);
    CY_TRY(ACT(t, REEF, NOTHING, "share", "dispute", "--share", id(t, TICKETS), "--party",
               id(t, FISHERS), "--until", made(t, "%sT00:00:00Z", day(t, 7)), "--evidence",
               made(t, "file:%s", story_file(t, "weighed.txt")), "--reason",
               "ten tonnes were not reported", NULL));
    CY_TRY(pay(t, FERRY, "10000", "tickets of a feast"));
    CY_TRY(settle(t, ISLE, 2));
    speak(t, TELL_RESOLVE);
    CY_TRY(ACT(t, OMBUDSMAN, NOTHING, "share", "resolve", "--share", id(t, TICKETS), "--party",
               id(t, FISHERS), "--by", id(t, REEF), "--to", id(t, REEF), "--amount", "500",
               "--reason", "a fair part for weighing again", NULL));
    return ACT(t, FISHERS, NOTHING, "share", "release", "--share", id(t, TICKETS), "--party",
               id(t, FISHERS), NULL);
}

/* A federation's receipt: no key is trusted, only the policy that all have signed. A cell's: the
 * key of its ledger, which its directory knows. */
static cy_err verify_one(struct tale *t, unsigned step, const char *path, bool shown)
{
    const bool agreed_on = t->where[step]->row->federation != NULL;
    const char *const words[] = {"verify",
                                 path,
                                 agreed_on ? "--policy" : NULL,
                                 made(t, "%s/ocean/policy", t->s->dir),
                                 "--origin",
                                 "ocean.example/ledger",
                                 NULL};

    t->task = (struct cy_sandbox_task){.place = t->where[step], .log = t->log};
    memcpy(t->task.words, words, sizeof words);
    (void)snprintf(t->log, sizeof t->log, "story/%02u.verified", step);
    if (shown)
        show_command(t);
    return patiently(t);
}

static cy_err verify(struct tale *t)
{
    unsigned good = 0;

    speak(t, TELL_VERIFY);
    for (unsigned i = 1, last = t->step; i <= last; i++) {
        const char *path = made(t, "%s/story/%02u.receipt.json", t->s->dir, i);

        if (i >= STEPS || t->where[i] == NULL)
            continue;
        CY_TRY(verify_one(t, i, path, good == 0));
        good++;
    }
    (void)fprintf(t->out, "    %u of %u receipts hold: comity verify DIR/story/NN.receipt.json\n",
                  good, t->receipts);
    return good == t->receipts ? CY_OK : cy_fail(CY_E_SANDBOX_STEP, 4);
}

/* --- telling --- */

static cy_err open_story(struct tale *t)
{
    char path[CY_SANDBOX_PATH];

    cy_sandbox_path(t->s, NULL, "story", path);
    if (mkdir(path, 0700) == 0)
        return CY_OK;
    cy_cli_note(t->s->run, "%s: %s", path,
                errno == EEXIST ? "the story was told in this sandbox before" : strerror(errno));
    return cy_fail(errno == EEXIST ? CY_E_FILE_TAKEN : CY_E_DISK_FAILED, (uint64_t)errno);
}

/* The members of the ocean have agreed on a first head. It comes within seconds of the start. */
static bool agreed(struct tale *t)
{
    const struct cy_sandbox_place *node = cy_sandbox_find(t->s, "ocean/reef");
    uint64_t size = 0;

    for (unsigned i = 0; i < RETRIES && node != NULL && cy_sandbox_ready(t->s, node); i++) {
        if (cy_sandbox_head(t->s, node, &size))
            return true;
        (void)nanosleep(&(struct timespec){.tv_nsec = (long)RETRY_MS * 1000000}, NULL);
    }
    return false;
}

static cy_err choose_stage(struct tale *t)
{
    const struct cy_sandbox_place *cell = cy_sandbox_find(t->s, "reef");

    t->federation = agreed(t);
    if (t->federation || (cell != NULL && cy_sandbox_ready(t->s, cell))) {
        speak(t, t->federation ? TELL_STAGE_FEDERATION : TELL_STAGE_CELL);
        return CY_OK;
    }
    cy_cli_note(t->s->run, "nothing runs; comity sandbox up --dir %s", t->s->dir);
    return cy_fail(CY_E_SANDBOX_PART, 0);
}

cy_err cy_sandbox_story(struct cy_sandbox *sandbox)
{
    static cy_err (*const acts[])(struct tale * t) = {
        arrive, found, share_data, money,   quota,  sell,  land,  audit,   revoke_right,
        routes, agree, mandate,    revenue, bridge, sever, go_on, dispute, verify};
    struct tale *t = calloc(1, sizeof *t);
    cy_err err = CY_OK;

    if (t == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    *t = (struct tale){.s = sandbox, .out = sandbox->run->out};
    err = choose_stage(t);
    if (cy_ok(err))
        err = open_story(t);
    for (size_t i = 0; i < CY_COUNT(acts) && cy_ok(err); i++)
        err = acts[i](t);
    free(t);
    return err;
}
