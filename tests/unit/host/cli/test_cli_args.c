/* The words and options of a command line, and the table of commands. */
#include "cm.h"

#include "host/cli/cli.h"
#include "host/cli/cli_act.h"
#include "host/cli/cli_args.h"
#include "host/cli/cli_complete.h"
#include "host/cli/cli_send.h"

#include <stdlib.h>

static struct cy_cli_args args;
static char why[512];

static cy_err read_line(const struct cy_schema *schema, int argc, ...)
{
    static const struct cy_cli_option own[] = {
        {"file",      "FILE", ""  },
        {"no-former", NULL,   ""  },
        {NULL,        NULL,   NULL}
    };
    const struct cy_cli_grammar grammar = {
        {cy_cli_common, own, NULL},
        schema
    };
    struct cy_text text = cy_text_on(why, sizeof why);
    char *argv[32] = {(char *)"comity"};
    va_list list;

    va_start(list, argc);
    for (int i = 1; i <= argc; i++)
        argv[i] = va_arg(list, char *);
    va_end(list);
    return cy_cli_args_read(argc + 1, argv, &grammar, &args, &text);
}

static void words_and_options(void **state)
{
    size_t at = 0;

    (void)state;
    assert_ok(
        read_line(NULL, 6, "import", "--file=a=b", "passports", "--no-former", "--file", "c"));
    assert_int_equal(args.n_words, 2);
    assert_string_equal(args.words[1], "passports");
    assert_string_equal(cy_cli_arg(&args, "file"), "c"); /* the last one counts */
    assert_true(cy_cli_arg_on(&args, "no_former"));      /* '-' and '_' are the same */
    assert_null(cy_cli_arg(&args, "no-former"));
    assert_string_equal(cy_cli_arg_next(&args, "file", &at), "a=b");
    assert_string_equal(cy_cli_arg_next(&args, "file", &at), "c");
    assert_null(cy_cli_arg_next(&args, "file", &at));
    assert_false(cy_cli_arg_on(&args, "json"));
    assert_ok(read_line(NULL, 3, "--", "--file", "-x")); /* nothing is an option any more */
    assert_int_equal(args.n_words, 2);
    assert_ok(read_line(NULL, 2, "verify", "-")); /* standard input is a word */
    assert_string_equal(args.words[1], "-");
}

static void refused(void **state)
{
    (void)state;
    assert_code(read_line(NULL, 1, "--flie"), BAD_TEXT);
    assert_non_null(strstr(why, "did you mean --file"));
    assert_code(read_line(NULL, 2, "x", "--file"), BAD_TEXT);
    assert_non_null(strstr(why, "needs a value"));
    assert_code(read_line(NULL, 1, "--no-former=1"), BAD_TEXT);
    assert_non_null(strstr(why, "takes no value"));
    assert_code(read_line(NULL, 1, "-x"), BAD_TEXT);
    assert_code(read_line(NULL, 17, "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",
                          "a", "a", "a", "a"),
                BAD_TEXT);
}

static void fields_of_acts(void **state)
{
    (void)state;
    assert_ok(read_line(&cy_schema_alliance_consent, 4, "--to", "x", "--given", "--topic=trade"));
    assert_int_equal(args.n, 3);
    assert_true(args.field[0]);
    assert_true(args.field[1]);
    assert_null(args.values[1]); /* a bool without a value is true */
    assert_ok(read_line(&cy_schema_alliance_consent, 1, "--given=false"));
    assert_string_equal(args.values[0], "false");
    assert_ok(read_line(&cy_schema_passport_create, 2, "--box-key", "00"));
    assert_true(args.field[0]);
    assert_code(read_line(&cy_schema_transfer, 2, "--frm", "x"), BAD_TEXT);
    assert_non_null(strstr(why, "did you mean --from"));
}

/* The words before the options find the command, whatever values options have. */
static void finding(void **state)
{
    const char *line[] = {"comity", "--dir", "asset", "act", "transfer", "--from", "create"};

    (void)state;
    cy_cli_args_words(7, (char **)line, cy_cli_common, &args);
    assert_int_equal(args.n_words, 2);
    assert_string_equal(args.words[0], "act");
    assert_string_equal(args.words[1], "transfer");
}

static bool in_table(const struct cy_cli_option *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (cy_cli_same_name(table->name, name))
            return true;
    }
    return false;
}

/* No field of any act has the name of an option that stands beside it: it could not be given. */
static void no_field_is_hidden(void **state)
{
    const struct cy_schema *schema = NULL;

    (void)state;
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        for (size_t f = 0; schema->kind == CY_SCHEMA_ACT && f < schema->n_fields; f++) {
            const char *name = schema->fields[f].name;

            if (in_table(cy_cli_common, name) || in_table(cy_cli_send_options, name))
                fail_msg("%s.%s is hidden by an option", schema->name, name);
        }
    }
}

static void the_table_is_whole(void **state)
{
    const struct cy_cli_table *table = cy_cli_commands();

    (void)state;
    for (size_t i = 0; i < table->n; i++) {
        const struct cy_cli_command *c = &table->commands[i];

        assert_non_null(c->run);
        assert_true(strlen(c->about) > 10);
        for (size_t k = i + 1; k < table->n; k++) {
            const struct cy_cli_command *d = &table->commands[k];
            const bool same_noun = strcmp(c->noun, d->noun) == 0;

            if (same_noun && k > i + 1) /* rows of a noun stand together: completion counts on it */
                assert_string_equal(table->commands[k - 1].noun, c->noun);
            if (same_noun && c->verb != NULL && d->verb != NULL)
                assert_string_not_equal(c->verb, d->verb);
        }
        for (size_t o = 0; o < 2; o++) {
            const struct cy_cli_option *own = c->options[o];

            for (; own != NULL && own->name != NULL; own++)
                assert_false(in_table(cy_cli_common, own->name));
        }
    }
}

static void every_act_is_a_command(void **state)
{
    const struct cy_cli_command any = {
        "act", NULL, "", "", {NULL, NULL},
            NULL, NULL, false
    };
    const struct cy_schema *schema = NULL;
    struct cy_cli_command made;
    const char *words[2] = {"act", NULL};

    (void)state;
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind != CY_SCHEMA_ACT)
            continue;
        words[1] = schema->name;
        assert_ptr_equal(cy_cli_find(cy_cli_commands(), words, 2, &any, &made), &made);
        assert_ptr_equal(made.schema, schema);
    }
    words[1] = "no_such_act";
    assert_null(cy_cli_find(cy_cli_commands(), words, 2, &any, &made));
    words[0] = "alliance";
    words[1] = "join";
    assert_ptr_equal(cy_cli_find(cy_cli_commands(), words, 2, &any, &made)->schema,
                     &cy_schema_alliance_join);
    words[0] = "asset";
    words[1] = "nothing";
    assert_null(cy_cli_find(cy_cli_commands(), words, 2, &any, &made));
}

/* Help and completion are made from the tables: every field and every command is in them. */
static void printed(void **state)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    (void)state;
    assert_int_equal(cy_cli_help(out, cy_cli_commands(), NULL, 0), CY_EXIT_OK);
    fclose(out);
    for (size_t i = 0; i < cy_cli_commands()->n; i++)
        assert_non_null(strstr(text, cy_cli_commands()->commands[i].about));
    free(text);
    out = open_memstream(&text, &n);
    assert_true(cy_cli_completion(out, cy_cli_commands(), "bash"));
    fclose(out);
    assert_non_null(strstr(text, "'act alliance_found') words=\""));
    assert_non_null(strstr(text, "--bond-asset"));
    free(text);
    assert_false(cy_cli_completion(stdout, cy_cli_commands(), "tcsh"));
    out = open_memstream(&text, &n);
    assert_int_equal(cy_cli_help(out, cy_cli_commands(), (const char *[]){"alianse"}, 1),
                     CY_EXIT_USAGE);
    fclose(out);
    assert_non_null(strstr(text, "did you mean \"alliance\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_options),      cmocka_unit_test(refused),
        cmocka_unit_test(fields_of_acts),         cmocka_unit_test(finding),
        cmocka_unit_test(no_field_is_hidden),     cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(every_act_is_a_command), cmocka_unit_test(printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
