#include "host/cli/cli_help.h"

#include "host/cli/cli_model.h"
#include "host/cli/exit_examples.h"
#include "host/json/nearest.h"

static const char *const type_words[] = {
    "true|false", "number",        "number",     "number",    "number",   "amount",
    "YYYY-MM-DD", "RFC 3339 time", "id or name", "text",      "text",     "text",
    "text",       "hex",           "word",       "JSON list", "JSON acts"};

/* --- nouns whose verbs are acts --- */

static const struct {
    const char *noun;
    const char *prefix;
} nouns[] = {
    {"alliance",  "alliance_" },
    {"quota",     "quota_"    },
    {"share",     "share_"    },
    {"sanction",  "sanction_" },
    {"treaty",    "treaty_"   },
    {"objective", "objective_"},
    {"model",     "model_"    },
    {"finding",   "finding_"  },
    {"aid",       "aid_"      },
    {"crisis",    "crisis_"   },
    {"stock",     "stock_"    },
    {"need",      "need_"     },
    {"dispatch",  "dispatch_" },
    {"act",       ""          }, /* last: it fits all */
};

const char *cy_cli_act_noun(size_t i)
{
    return i < CY_COUNT(nouns) ? nouns[i].noun : NULL;
}

const char *cy_cli_act_prefix(const char *noun)
{
    for (size_t i = 0; i < CY_COUNT(nouns); i++) {
        if (strcmp(nouns[i].noun, noun) == 0)
            return nouns[i].prefix;
    }
    return NULL;
}

/* --- finding --- */

static const struct cy_schema *schema_of(const char *prefix, const char *verb)
{
    char name[80];

    (void)snprintf(name, sizeof name, "%s%.60s", prefix, verb);
    for (char *c = name; *c != 0; c++)
        *c = *c == '-' ? '_' : *c;
    return cy_schema_named(CY_SCHEMA_ACT, cy_span_text(name));
}

const struct cy_cli_command *cy_cli_find(const struct cy_cli_table *table, const char *const *words,
                                         size_t n, const struct cy_cli_command *act,
                                         struct cy_cli_command *made)
{
    const struct cy_schema *schema = NULL;
    const struct cy_cli_command *alone = NULL;

    if (n == 0)
        return NULL;
    for (size_t i = 0; i < table->n; i++) {
        const struct cy_cli_command *c = &table->commands[i];

        if (strcmp(c->noun, words[0]) != 0)
            continue;
        if (c->verb == NULL)
            alone = c;
        else if (n > 1 && strcmp(c->verb, words[1]) == 0)
            return c;
    }
    if (n > 1 && cy_cli_act_prefix(words[0]) != NULL)
        schema = schema_of(cy_cli_act_prefix(words[0]), words[1]);
    if (schema == NULL)
        return n > 1 && strcmp(words[0], "act") == 0 ? NULL : alone;
    *made = *act;
    made->noun = words[0];
    made->verb = words[1];
    made->about = schema->doc;
    made->schema = schema;
    return made;
}

/* --- printing --- */

static void print_options(FILE *out, const struct cy_cli_option *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        char left[64];

        (void)snprintf(left, sizeof left, "--%s%s%s", options->name,
                       options->value == NULL ? "" : " ",
                       options->value == NULL ? "" : options->value);
        (void)fprintf(out, "  %-26s %s\n", left, options->doc);
    }
}

static void print_bounds(FILE *out, const struct cy_field *f)
{
    const bool number = f->type >= CY_T_u8 && f->type <= CY_T_u64;

    if (f->type == CY_T_enum) {
        (void)fputs(": ", out);
        for (size_t i = 0; i < f->set->n; i++) {
            if (f->set->words[i].number >= f->least)
                (void)fprintf(out, "%s%s",
                              i > 0 && f->set->words[i - 1].number >= f->least ? "|" : "",
                              f->set->words[i].text);
        }
    } else if (number && f->most != UINT64_MAX) {
        (void)fprintf(out, ", %llu to %llu", (unsigned long long)f->least,
                      (unsigned long long)f->most);
    } else if (f->type >= CY_T_code && f->type <= CY_T_bytes) {
        (void)fprintf(out, ", at most %llu bytes", (unsigned long long)f->most);
    } else if (f->type == CY_T_list || f->type == CY_T_acts) {
        (void)fprintf(out, ", at most %llu", (unsigned long long)f->most);
    }
}

static void print_item(FILE *out, const struct cy_schema *item)
{
    for (size_t i = 0; i < item->n_fields; i++) {
        const struct cy_field *f = &item->fields[i];

        (void)fprintf(out, "      \"%s\": %s", f->name, type_words[f->type]);
        print_bounds(out, f);
        (void)fprintf(out, "; %s\n", f->doc);
    }
}

static void print_fields(FILE *out, const struct cy_schema *schema)
{
    (void)fprintf(out, "\nFields of the act %s (number 0x%04x); * must be given\n", schema->name,
                  schema->number);
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];
        char left[64];

        (void)snprintf(left, sizeof left, "--%s%s", f->name, f->least > 0 ? " *" : "");
        for (char *c = left; *c != 0; c++)
            *c = *c == '_' ? '-' : *c;
        (void)fprintf(out, "  %-26s %s (%s", left, f->doc, type_words[f->type]);
        print_bounds(out, f);
        (void)fputs(")\n", out);
        if (f->type == CY_T_list)
            print_item(out, f->item);
    }
}

/* --- examples of commands: a line each, by how it begins behind `comity` --- */

/* Long lines are written in pieces. NOLINTBEGIN(bugprone-suspicious-missing-comma) */
static const char *const lines_[] = {
    "federation seat --dir a --name a.example/ledger --operator ACME --url https://a.example:7301 "
    "--tls",
    "federation card b.conf",
    "federation draft --name sea.example/federation --seat a.conf --seat b.conf --seat c.conf "
    "--seat "
    "d.conf --out genesis.draft",
    "federation sign genesis.draft --dir a --out a.signed",
    "federation seal a.signed b.signed c.signed d.signed --out genesis.act",
    "federation join --dir a --genesis genesis.act --seat b.conf --seat c.conf --seat d.conf",
    "federation status --dir a",
    "federation act param.json --dir a --out param.draft",
    "federation send param.act --dir a",
    "federation admit e.conf --dir a --out admit.draft",
    "federation confirm e.example/ledger --dir a --out confirm.draft",
    "federation policy --dir a --out policy.draft",
    "federation meet e.conf --dir a",
    "federation trustee init --dir t --name union.example --chamber labor --operator UNION",
    "federation trustee run --dir t --origin sea.example/federation --seat a.conf --seat b.conf "
    "--seat "
    "c.conf",
    "federation trustee status --dir t --origin sea.example/federation --json",
    "bridge open REALM --vkey VKEY --kind settlement --value-most 100000",
    "bridge open REALM --origin sea.example/federation --policy sea.policy",
    "bridge status --json",
    "bridge gate b.example/ledger settlement close",
    "bridge freeze b.example/ledger --reason \"a dispute\"",
    "bridge thaw b.example/ledger",
    "bridge sever b.example/ledger --reason \"a dispute\"",
    "bridge send b.example/ledger --as Ada --receiver PASSPORT --account Ada/OAT --amount 250",
    "bridge unwind b.example/ledger 3 refused --as Ada",
    "bridge follow --dir a --with b --as Rel --with-as Rel",
    "bridge recall --dir b --with a --as Ada --with-as Rel --account VOUCHERS --amount 100 "
    "--receiver "
    "PASSPORT",
    "bridge home --dir a --with b --as Rel --with-as Rel",
    "bridge relay --dir a --with b --as Rel --with-as Rel --once",
    "sanction apply report.json --list BAN --parties parties.csv --out screen.acts.json",
    "sanction relay --dir b --with a --as Rel --with-as Rel --list BAN",
    "sanction metrics BAN",
    "story aggression --dir box --votes scenarios/es-11-1.csv --svg ripple.svg",
    "story aggression --dir box --json",
    "sanction metrics --json",
    NULL};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

static void print_lines(FILE *out, const struct cy_cli_command *c)
{
    char begin[64];
    bool first = true;

    (void)snprintf(begin, sizeof begin, "%s %s ", c->noun, c->verb == NULL ? "" : c->verb);
    for (const char *const *line = lines_; *line != NULL; line++) {
        if (strncmp(*line, begin, strlen(begin)) != 0)
            continue;
        (void)fprintf(out, "%s  comity %s\n", first ? "\nExamples\n" : "", *line);
        first = false;
    }
}

void cy_cli_help_command(FILE *out, const struct cy_cli_command *c)
{
    const char *const *examples = cy_cli_model_examples(c->noun, c->verb);

    (void)fprintf(out, "comity %s%s%s%s%s: %s\n", c->noun, c->verb == NULL ? "" : " ",
                  c->verb == NULL ? "" : c->verb, c->words[0] == 0 ? "" : " ", c->words, c->about);
    if (c->schema != NULL)
        print_fields(out, c->schema);
    if (c->options[0] != NULL || c->options[1] != NULL)
        (void)fputs("\nOptions\n", out);
    print_options(out, c->options[0]);
    print_options(out, c->options[1]);
    (void)fputs("\nOptions of every command\n", out);
    print_options(out, cy_cli_common);
    if (examples == NULL)
        examples = cy_cli_exit_examples(c->noun, c->verb);
    if (examples != NULL)
        (void)fputs("\nExamples\n", out);
    for (; examples != NULL && *examples != NULL; examples++)
        (void)fprintf(out, "  %s\n", *examples);
    print_lines(out, c);
}

static void print_usage_line(FILE *out, const struct cy_cli_command *c)
{
    char left[80];

    (void)snprintf(left, sizeof left, "comity %s%s%s%s%s", c->noun, c->verb == NULL ? "" : " ",
                   c->verb == NULL ? "" : c->verb, c->words[0] == 0 ? "" : " ", c->words);
    (void)fprintf(out, "  %-44s %s\n", left, c->about);
}

static void print_acts(FILE *out, const char *noun, const char *prefix)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        char left[80];

        if (schema->kind != CY_SCHEMA_ACT || strncmp(schema->name, prefix, strlen(prefix)) != 0)
            continue;
        (void)snprintf(left, sizeof left, "comity %s %s", noun, schema->name + strlen(prefix));
        (void)fprintf(out, "  %-44s %s\n", left, schema->doc);
    }
}

/* Said on the screen and in the manual. */
static const char *const words_[] = {
    "Names stand wherever an id is wanted: an alias (NOR), an attested code, the code of an "
    "alliance "
    "or asset, OWNER/ASSET for an account, key:LABEL, file:PATH for a digest. --json prints JSON, "
    "--dry-run shows the effects of an act without recording it. Settings come from the directory "
    "made by `comity init`: --dir, else COMITY_DIR, else the working directory.",
    "Exit codes: 0 done; 1 refused, or a proof that does not hold; 2 the command line is wrong; 3 "
    "trouble (disk, network, a limit, a damaged ledger).",
    NULL};

static const char *const examples_[] = {
    "comity init --dir ./a --name a.example/ledger",
    "comity passport create --kind nation --name Norway --code iso3166-1=NOR",
    "comity asset create --as NOR --code GRAIN --name Grain --scale 3",
    "comity account open --as NOR --asset GRAIN",
    "comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN --amount 250 --receipt r.json",
    "comity verify r.json",
    "comity alliance found --as NOR --code ARCTIC --name \"Arctic Watch\" --topic environment",
    "comity bridge open REALM --vkey VKEY --kind settlement",
    "comity bridge send REALM --as NOR --receiver PASSPORT --account NOR/GRAIN --amount 250",
    "comity bridge relay --dir ./a --with ./b",
    "comity act transfer --help",
    "comity audit ./a/data",
    NULL};

const char *const *cy_cli_manual_words(void)
{
    return words_;
}

const char *const *cy_cli_manual_examples(void)
{
    return examples_;
}

/* Prints words in lines of at most 100 columns. */
static void print_words(FILE *out, const char *words)
{
    size_t column = 0;

    (void)fputc('\n', out);
    while (*words != 0) {
        const size_t n = strcspn(words, " ");

        if (column > 0 && column + 1 + n > 100) {
            (void)fputc('\n', out);
            column = 0;
        }
        (void)fprintf(out, "%s%.*s", column > 0 ? " " : "", (int)n, words);
        column += n + (column > 0 ? 1 : 0);
        words += n + (words[n] == ' ' ? 1 : 0);
    }
    (void)fputc('\n', out);
}

static void print_end(FILE *out)
{
    for (const char *const *words = words_; *words != NULL; words++)
        print_words(out, *words);
    (void)fputs("\nExamples\n", out);
    for (const char *const *line = examples_; *line != NULL; line++)
        (void)fprintf(out, "  %s\n", *line);
}

static bool knows_noun(const struct cy_cli_table *table, const char *noun)
{
    for (size_t i = 0; i < table->n; i++) {
        if (strcmp(table->commands[i].noun, noun) == 0)
            return true;
    }
    return false;
}

static int unknown(FILE *out, const struct cy_cli_table *table, const char *noun)
{
    const char *names[128];
    const char *near = NULL;
    size_t n = 0;

    for (size_t i = 0; i < table->n && n < CY_COUNT(names); i++)
        names[n++] = table->commands[i].noun;
    near = cy_nearest(noun, names, n);
    (void)fprintf(out, "comity: there is no command \"%s\"%s%s%s\n  `comity help` lists them all\n",
                  noun, near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near,
                  near == NULL ? "" : "\"?");
    return CY_EXIT_USAGE;
}

int cy_cli_help(FILE *out, const struct cy_cli_table *table, const char *const *words, size_t n)
{
    const char *noun = n > 0 ? words[0] : NULL;
    const char *prefix = noun == NULL ? NULL : cy_cli_act_prefix(noun);

    if (noun != NULL && !knows_noun(table, noun))
        return unknown(out, table, noun);
    if (noun == NULL)
        (void)fputs(
            "comity: parties that share no sovereign cooperate, and nobody has to be trusted\n"
            "\n  comity NOUN VERB [--option value ...]\n\n",
            out);
    for (size_t i = 0; i < table->n; i++) {
        if (noun == NULL || strcmp(table->commands[i].noun, noun) == 0)
            print_usage_line(out, &table->commands[i]);
    }
    if (noun == NULL) {
        (void)fputs(
            "  comity alliance|quota|share VERB             any act of these: see comity help "
            "alliance\n",
            out);
        print_end(out);
    } else if (prefix != NULL) {
        (void)fputs("\nActs\n", out);
        print_acts(out, noun, prefix);
    }
    if (noun != NULL)
        (void)fprintf(out, "\nPut --help behind a command for its options.\n");
    return CY_EXIT_OK;
}
