#include "host/cli/cli_args.h"

#include "host/json/nearest.h"

bool cy_cli_same_name(const char *a, const char *b)
{
    for (; *a != 0 && *b != 0; a++, b++) {
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
            return false;
    }
    return *a == *b;
}

/* What is known about a name: 0 nothing, 1 a switch, 2 takes a value, 3 a field, 4 a bool field. */
enum sort { SORT_NONE, SORT_SWITCH, SORT_VALUE, SORT_FIELD, SORT_BOOL };

static enum sort look_up(const struct cy_cli_option *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (cy_cli_same_name(table->name, name))
            return table->value == NULL ? SORT_SWITCH : SORT_VALUE;
    }
    return SORT_NONE;
}

static enum sort sort_of(const struct cy_cli_grammar *grammar, const char *name)
{
    for (size_t i = 0; i < CY_COUNT(grammar->tables); i++) {
        const enum sort sort = look_up(grammar->tables[i], name);

        if (sort != SORT_NONE)
            return sort;
    }
    for (size_t i = 0; grammar->schema != NULL && i < grammar->schema->n_fields; i++) {
        if (cy_cli_same_name(grammar->schema->fields[i].name, name))
            return grammar->schema->fields[i].type == CY_T_bool ? SORT_BOOL : SORT_FIELD;
    }
    return SORT_NONE;
}

static cy_err unknown(const struct cy_cli_grammar *grammar, const char *name, struct cy_text *why)
{
    const char *names[160];
    const char *near = NULL;
    size_t n = 0;

    for (size_t i = 0; i < CY_COUNT(grammar->tables); i++) {
        const struct cy_cli_option *o = grammar->tables[i];

        for (; o != NULL && o->name != NULL && n < CY_COUNT(names); o++)
            names[n++] = o->name;
    }
    for (size_t i = 0; grammar->schema != NULL && i < grammar->schema->n_fields; i++) {
        if (n < CY_COUNT(names))
            names[n++] = grammar->schema->fields[i].name;
    }
    near = cy_nearest(name, names, n);
    cy_text_add(why, "there is no option --");
    cy_text_add(why, name);
    if (near != NULL) {
        cy_text_add(why, "; did you mean --");
        cy_text_add(why, near);
        cy_text_add(why, "?");
    }
    return cy_fail(CY_E_BAD_TEXT, 0);
}

static cy_err say(struct cy_text *why, const char *name, const char *what)
{
    cy_text_add(why, "--");
    cy_text_add(why, name);
    cy_text_add(why, what);
    return cy_fail(CY_E_BAD_TEXT, 0);
}

/* Splits "--name=value"; the name is copied. */
static const char *split(struct cy_cli_args *out, const char *word, const char **value)
{
    const char *equals = strchr(word, '=');
    const size_t n = equals == NULL ? strlen(word) : (size_t)(equals - word);
    char *name = out->room + out->n_room;

    if (out->n_room + n + 1 > sizeof out->room)
        return NULL;
    memcpy(name, word, n);
    name[n] = 0;
    out->n_room += n + 1;
    *value = equals == NULL ? NULL : equals + 1;
    return name;
}

static cy_err read_option(int argc, char **argv, int *i, const struct cy_cli_grammar *grammar,
                          struct cy_cli_args *out, struct cy_text *why)
{
    const char *value = NULL;
    const char *name = split(out, argv[*i] + 2, &value);
    enum sort sort = SORT_NONE;

    if (name == NULL || out->n == CY_CLI_OPTIONS_MAX) {
        cy_text_add(why, "the command line has too many options");
        return cy_fail(CY_E_BAD_TEXT, 0);
    }
    sort = sort_of(grammar, name);
    if (sort == SORT_NONE)
        return unknown(grammar, name, why);
    if (sort == SORT_SWITCH && value != NULL)
        return say(why, name, " takes no value");
    if ((sort == SORT_VALUE || sort == SORT_FIELD) && value == NULL) {
        if (*i + 1 >= argc)
            return say(why, name, " needs a value");
        value = argv[++*i];
    }
    out->names[out->n] = name;
    out->values[out->n] = value;
    out->field[out->n++] = sort == SORT_FIELD || sort == SORT_BOOL;
    return CY_OK;
}

cy_err cy_cli_args_read(int argc, char **argv, const struct cy_cli_grammar *grammar,
                        struct cy_cli_args *out, struct cy_text *why)
{
    bool options = true;

    *out = (struct cy_cli_args){0};
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && strcmp(argv[i], "-h") == 0) {
            static char help[] = "--help";
            char *line[] = {help};
            int at = 0;

            CY_TRY(read_option(1, line, &at, grammar, out, why));
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            CY_TRY(read_option(argc, argv, &i, grammar, out, why));
        } else if (options && argv[i][0] == '-' && argv[i][1] != 0) {
            cy_text_add(why, argv[i]);
            cy_text_add(why, " is no option; options begin with two dashes");
            return cy_fail(CY_E_BAD_TEXT, 0);
        } else if (out->n_words == CY_CLI_WORDS_MAX) {
            cy_text_add(why, "the command line has too many words");
            return cy_fail(CY_E_BAD_TEXT, 0);
        } else {
            out->words[out->n_words++] = argv[i];
        }
    }
    return CY_OK;
}

void cy_cli_args_words(int argc, char **argv, const struct cy_cli_option *table,
                       struct cy_cli_args *out)
{
    *out = (struct cy_cli_args){0};
    for (int i = 1; i < argc && out->n_words < CY_CLI_WORDS_MAX; i++) {
        if (argv[i][0] != '-' || argv[i][1] == 0) {
            out->words[out->n_words++] = argv[i];
        } else if (strncmp(argv[i], "--", 2) == 0) {
            const enum sort sort = look_up(table, argv[i] + 2);

            if (sort == SORT_NONE && out->n_words > 0)
                return; /* an option of the command: what follows may be its value */
            if (sort == SORT_VALUE)
                i++;
        }
    }
}

const char *cy_cli_arg_next(const struct cy_cli_args *args, const char *name, size_t *at)
{
    for (; *at < args->n; (*at)++) {
        if (cy_cli_same_name(args->names[*at], name))
            return args->values[(*at)++];
    }
    return NULL;
}

const char *cy_cli_arg(const struct cy_cli_args *args, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < args->n; i++) {
        if (cy_cli_same_name(args->names[i], name))
            value = args->values[i];
    }
    return value;
}

bool cy_cli_arg_on(const struct cy_cli_args *args, const char *name)
{
    for (size_t i = 0; i < args->n; i++) {
        if (cy_cli_same_name(args->names[i], name))
            return true;
    }
    return false;
}
