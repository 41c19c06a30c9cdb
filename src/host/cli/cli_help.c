#include "host/cli/cli_help.h"

#include "host/json/nearest.h"

static const char *const type_words[] = {
    "true|false", "number",        "number",     "number",    "number",   "amount",
    "YYYY-MM-DD", "RFC 3339 time", "id or name", "text",      "text",     "text",
    "text",       "hex",           "word",       "JSON list", "JSON acts"};

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
    if (n > 1 && strcmp(words[0], "act") == 0)
        schema = schema_of("", words[1]);
    else if (n > 1 && strcmp(words[0], "alliance") == 0)
        schema = schema_of("alliance_", words[1]);
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

void cy_cli_help_command(FILE *out, const struct cy_cli_command *c)
{
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

static const char *const preface =
    "comity: parties that share no sovereign cooperate, and nobody has to be trusted\n"
    "\n"
    "  comity NOUN VERB [--option value ...]\n"
    "\n";

static const char *const epilogue =
    "\n"
    "Names stand wherever an id is wanted: an alias (NOR), an attested code, the code of an "
    "alliance\n"
    "or asset, OWNER/ASSET for an account, key:LABEL, file:PATH for a digest. --json prints JSON,\n"
    "--dry-run shows the effects of an act without recording it. Settings come from the directory\n"
    "made by `comity init`: --dir, else COMITY_DIR, else the working directory.\n"
    "\n"
    "Exit codes: 0 done; 1 refused, or a proof that does not hold; 2 the command line is wrong;\n"
    "3 trouble (disk, network, a limit, a damaged ledger).\n"
    "\n"
    "Examples\n"
    "  comity init --dir ./a --name a.example/ledger\n"
    "  comity passport create --kind nation --name Norway --code iso3166-1=NOR\n"
    "  comity asset create --as NOR --code GRAIN --name Grain --scale 3\n"
    "  comity account open --as NOR --asset GRAIN\n"
    "  comity transfer --as NOR --from NOR/GRAIN --to SWE/GRAIN --amount 250 --receipt r.json\n"
    "  comity verify r.json\n"
    "  comity alliance found --as NOR --code ARCTIC --name \"Arctic Watch\" --topic environment\n"
    "  comity act transfer --help\n"
    "  comity audit ./a/data\n";

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

    if (noun != NULL && !knows_noun(table, noun))
        return unknown(out, table, noun);
    if (noun == NULL)
        (void)fputs(preface, out);
    for (size_t i = 0; i < table->n; i++) {
        if (noun == NULL || strcmp(table->commands[i].noun, noun) == 0)
            print_usage_line(out, &table->commands[i]);
    }
    if (noun == NULL) {
        (void)fputs(
            "  comity alliance VERB                         any act of alliances: see comity "
            "help alliance\n",
            out);
        (void)fputs(epilogue, out);
    } else if (strcmp(noun, "act") == 0) {
        (void)fputs("\nActs\n", out);
        print_acts(out, "act", "");
    } else if (strcmp(noun, "alliance") == 0) {
        (void)fputs("\nActs\n", out);
        print_acts(out, "alliance", "alliance_");
    }
    if (noun != NULL)
        (void)fprintf(out, "\nPut --help behind a command for its options.\n");
    return CY_EXIT_OK;
}

/* --- completion --- */

static void complete_options(FILE *out, const struct cy_cli_option *options)
{
    for (; options != NULL && options->name != NULL; options++)
        (void)fprintf(out, " --%s", options->name);
}

static void complete_fields(FILE *out, const struct cy_schema *schema)
{
    for (size_t i = 0; schema != NULL && i < schema->n_fields; i++) {
        (void)fputs(" --", out);
        for (const char *c = schema->fields[i].name; *c != 0; c++)
            (void)fputc(*c == '_' ? '-' : *c, out);
    }
}

static void complete_acts(FILE *out, const char *noun, const char *prefix)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind != CY_SCHEMA_ACT || strncmp(schema->name, prefix, strlen(prefix)) != 0)
            continue;
        (void)fprintf(out, "    '%s %s') words='", noun, schema->name + strlen(prefix));
        complete_fields(out, schema);
        (void)fputs(" --for --key --valid --wait --witnesses --receipt --alias';;\n", out);
    }
}

static void complete_verbs(FILE *out, const struct cy_cli_table *table, const char *noun)
{
    const struct cy_schema *schema = NULL;
    const char *prefix = strcmp(noun, "alliance") == 0 ? "alliance_"
                         : strcmp(noun, "act") == 0    ? ""
                                                       : NULL;

    for (size_t i = 0; i < table->n; i++) {
        if (strcmp(table->commands[i].noun, noun) == 0 && table->commands[i].verb != NULL)
            (void)fprintf(out, " %s", table->commands[i].verb);
    }
    for (size_t i = 0; prefix != NULL && (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind == CY_SCHEMA_ACT && strncmp(schema->name, prefix, strlen(prefix)) == 0)
            (void)fprintf(out, " %s", schema->name + strlen(prefix));
    }
}

void cy_cli_completion(FILE *out, const struct cy_cli_table *table)
{
    (void)fputs("# bash completion of comity: source it, or put it into\n"
                "# ~/.local/share/bash-completion/completions/comity\n"
                "_comity() {\n  local word=${COMP_WORDS[COMP_CWORD]} words=''\n"
                "  case \"$COMP_CWORD\" in\n  1) words='",
                out);
    for (size_t i = 0; i < table->n; i++) {
        if (i == 0 || strcmp(table->commands[i].noun, table->commands[i - 1].noun) != 0)
            (void)fprintf(out, " %s", table->commands[i].noun);
    }
    (void)fputs("';;\n  2) case \"${COMP_WORDS[1]}\" in\n", out);
    for (size_t i = 0; i < table->n; i++) {
        if (i > 0 && strcmp(table->commands[i].noun, table->commands[i - 1].noun) == 0)
            continue;
        (void)fprintf(out, "    %s) words='", table->commands[i].noun);
        complete_verbs(out, table, table->commands[i].noun);
        (void)fputs("';;\n", out);
    }
    (void)fputs("    esac;;\n  esac\n  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", out);
    for (size_t i = 0; i < table->n; i++) {
        const struct cy_cli_command *c = &table->commands[i];

        (void)fprintf(out, "    '%s%s%s'%s) words=\"$words", c->noun, c->verb == NULL ? "" : " ",
                      c->verb == NULL ? "" : c->verb, c->verb == NULL ? "' '*" : "");
        complete_fields(out, c->schema);
        complete_options(out, c->options[0]);
        complete_options(out, c->options[1]);
        (void)fputs("\";;\n", out);
    }
    complete_acts(out, "alliance", "alliance_");
    complete_acts(out, "act", "");
    (void)fputs("  esac\n  words=\"$words", out);
    complete_options(out, cy_cli_common);
    (void)fputs("\"\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                "  [ -n \"${COMPREPLY[*]}\" ] || COMPREPLY=($(compgen -f -- \"$word\"))\n}\n"
                "complete -F _comity comity\n",
                out);
}
