/* comity-model: the models, each a command: it reads files, computes in a cage without network and
 * without further programs, and writes an answer. `comity NOUN VERB` calls it with the same words.
 *
 * The table of its commands is models/commands.def. Outputs named on the command line are opened
 * first; then the cage is closed, and no file can be opened for writing any more.
 *
 * Exit 0: done. 1: refused, or the finding is negative. 2: the command line is wrong. 3: trouble.
 */
#include "apps/manuals.h"
#include "host/cli/cli_args.h"
#include "host/http/problem.h"
#include "host/system/cage.h"
#include "models/desk/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* clang-format off */
#define CY_MODEL_BEGIN(id, noun, verb, words, doc) int cy_model_##id(struct cy_desk *desk);
#define CY_MODEL_OPTION(name, value, doc)
#define CY_MODEL_EXAMPLE(line)
#define CY_MODEL_END
#include "models/commands.def"
#undef CY_MODEL_BEGIN
#undef CY_MODEL_OPTION
#undef CY_MODEL_END

#define CY_MODEL_BEGIN(id, noun, verb, words, doc) static const struct cy_cli_option options_##id[] = {
#define CY_MODEL_OPTION(name, value, doc) {name, value, doc},
#define CY_MODEL_END {NULL, NULL, NULL}};
#include "models/commands.def"
#undef CY_MODEL_BEGIN
#undef CY_MODEL_OPTION
#undef CY_MODEL_END

struct command {
    const char *noun;
    const char *verb; /* NULL: the noun alone */
    const char *words;
    const char *doc;
    const struct cy_cli_option *options;
    int (*run)(struct cy_desk *desk);
};

static const struct command commands_[] = {
#define CY_MODEL_BEGIN(id, noun, verb, words, doc) {noun, verb, words, doc, options_##id, cy_model_##id},
#define CY_MODEL_OPTION(name, value, doc)
#define CY_MODEL_END
#include "models/commands.def"
};
/* clang-format on */

static const struct cy_cli_option common_[] = {
    {"json", NULL, "print JSON; errors as problem documents"},
    {"help", NULL, "explain the command"                    },
    {NULL,   NULL, NULL                                     },
};

/* --- speaking --- */

static int fail(bool json, cy_err err, const char *detail)
{
    struct cy_problem problem;

    cy_problem_of(err, detail, NULL, &problem);
    if (json) {
        size_t n = 0;
        char *text = cy_problem_print(&problem, &n);

        (void)fprintf(stdout, "%s\n", text == NULL ? "{}" : text);
        free(text);
    } else {
        (void)fprintf(stderr, "comity: %s%s%s\n  which side: %s (%s)\n  what to do: %s\n",
                      problem.title, problem.detail[0] != 0 ? ": " : "", problem.detail,
                      problem.code, problem.name, problem.remedy);
    }
    if (err.code == CY_E_USAGE)
        return CY_DESK_USAGE;
    return cy_err_info(err.code)->kind == CY_ERR_refusal ? CY_DESK_NEGATIVE : CY_DESK_TROUBLE;
}

static int help(const struct command *command)
{
    if (command == NULL) {
        cy_manual_usage(stdout, &cy_manual_model, CY_VERSION);
        (void)fputs("\nCommands\n", stdout);
        for (size_t i = 0; i < CY_COUNT(commands_); i++)
            (void)printf("  %s%s%s %s: %s\n", commands_[i].noun,
                         commands_[i].verb == NULL ? "" : " ",
                         commands_[i].verb == NULL ? "" : commands_[i].verb, commands_[i].words,
                         commands_[i].doc);
        return CY_DESK_DONE;
    }
    (void)printf("comity %s%s%s %s: %s\n\nOptions\n", command->noun,
                 command->verb == NULL ? "" : " ", command->verb == NULL ? "" : command->verb,
                 command->words, command->doc);
    for (const struct cy_cli_option *o = command->options; o->name != NULL; o++)
        (void)printf("  --%s%s%s  %s\n", o->name, o->value == NULL ? "" : " ",
                     o->value == NULL ? "" : o->value, o->doc);
    return CY_DESK_DONE;
}

/* --- the command line --- */

/* The command of the words that stand behind "--", or else before the first option. */
static const struct command *find(int argc, char **argv)
{
    const char *words[2] = {NULL, NULL};
    size_t n = 0;
    int at = 1;
    const struct command *alone = NULL;

    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    for (at = at < argc ? at + 1 : 1; at < argc && n < 2 && argv[at][0] != '-'; at++)
        words[n++] = argv[at];
    for (size_t i = 0; n > 0 && i < CY_COUNT(commands_); i++) {
        if (strcmp(commands_[i].noun, words[0]) != 0)
            continue;
        if (commands_[i].verb == NULL)
            alone = &commands_[i];
        else if (n > 1 && strcmp(commands_[i].verb, words[1]) == 0)
            return &commands_[i];
    }
    return alone;
}

static bool asks(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], option) == 0)
            return true;
    }
    return false;
}

static bool takes(const struct command *command, const char *name, const char *kind)
{
    for (const struct cy_cli_option *o = command->options; o->name != NULL; o++) {
        if (cy_cli_same_name(o->name, name))
            return o->value != NULL && strcmp(o->value, kind) == 0;
    }
    return false;
}

/* A store grows: it is opened for reading and writing, and made only by an import. NULL for a store
 * that may only be read. */
static FILE *open_store(const char *path, bool import)
{
    const int file = open(path, O_RDWR | O_CLOEXEC | (import ? O_CREAT : 0), 0644);
    FILE *opened = file < 0 ? NULL : fdopen(file, "r+");

    if (file >= 0 && opened == NULL)
        (void)close(file);
    return opened;
}

/* Opens what is to be written, before the cage closes. Outputs are written anew. */
static cy_err lay_out(const struct command *command, const struct cy_cli_args *args,
                      struct cy_desk *desk)
{
    for (size_t i = 0; i < args->n; i++) {
        struct cy_desk_option *option = &desk->options[desk->n_options];

        if (cy_cli_same_name(args->names[i], "json") || cy_cli_same_name(args->names[i], "help"))
            continue;
        *option = (struct cy_desk_option){args->names[i], args->values[i], NULL};
        desk->n_options++;
        if (takes(command, option->name, "STORE")) {
            const bool import = desk->n_words > 0 && strcmp(desk->words[0], "import") == 0;

            option->opened = open_store(option->value, import);
            if (option->opened == NULL && import)
                return cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s: %s",
                                    option->value, strerror(errno));
            continue;
        }
        if (!takes(command, option->name, "OUT"))
            continue;
        option->opened = strcmp(option->value, "-") == 0 ? stdout : fopen(option->value, "we");
        if (option->opened == NULL)
            return cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s: %s",
                                option->value, strerror(errno));
    }
    return CY_OK;
}

static bool close_outputs(struct cy_desk *desk)
{
    bool good = fflush(stdout) == 0 && ferror(stdout) == 0;

    for (size_t i = 0; i < desk->n_options; i++) {
        FILE *opened = desk->options[i].opened;

        if (opened != NULL && opened != stdout)
            good = fclose(opened) == 0 && good;
    }
    return good;
}

static int run_command(const struct command *command, const struct cy_cli_args *args)
{
    static struct cy_desk desk;
    const size_t named = command->verb == NULL ? 1 : 2;
    int code = 0;

    desk.words = args->words + named;
    desk.n_words = args->n_words - named;
    desk.out = stdout;
    desk.err = stderr;
    desk.json = cy_cli_arg_on(args, "json");
    desk.lively = isatty(STDERR_FILENO) == 1;
    if (cy_ok(lay_out(command, args, &desk))) {
        if (!cy_cage_close(CY_CAGE_MODEL, cy_cage_default()) && cy_cage_possible())
            (void)fputs("comity-model: this system cannot fence off system calls\n", stderr);
        code = command->run(&desk);
    }
    if (!close_outputs(&desk))
        (void)cy_desk_note(&desk, cy_fail(CY_E_DISK_FAILED, 0), "an output could not be written");
    if (!cy_ok(desk.failed))
        code = fail(desk.json, desk.failed, desk.why);
    cy_desk_end(&desk);
    return code;
}

int main(int argc, char **argv)
{
    static struct cy_cli_args args;
    const struct command *command = find(argc, argv);
    struct cy_cli_grammar grammar = {
        {common_, NULL, NULL},
        NULL
    };
    char why[256] = "";
    struct cy_text text = cy_text_on(why, sizeof why);

    (void)signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("comity-model " CY_VERSION "\n") < 0;
    if (argc == 2 && strcmp(argv[1], "--policy") == 0) {
        cy_cage_print(stdout, CY_CAGE_MODEL);
        return CY_DESK_DONE;
    }
    if (asks(argc, argv, "--help") || asks(argc, argv, "-h"))
        return help(command);
    if (command == NULL)
        return fail(asks(argc, argv, "--json"), cy_fail(CY_E_USAGE, 0),
                    "comity-model --help lists what there is");
    grammar.tables[1] = command->options;
    if (!cy_ok(cy_cli_args_read(argc, argv, &grammar, &args, &text)))
        return fail(asks(argc, argv, "--json"), cy_fail(CY_E_USAGE, 0), why);
    return run_command(command, &args);
}
