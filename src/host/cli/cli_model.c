#include "host/cli/cli_model.h"

#include "host/cli/cli_spawn.h"

#define PROGRAM "comity-model"
#define SOLVER "comity-solve" /* runs solvers for advice, then becomes PROGRAM */
#define NAME_MAX_BYTES 64u

/* clang-format off */
#define CY_MODEL_BEGIN(id, noun, verb, words, doc) const struct cy_cli_option cy_cli_model_options_##id[] = {
#define CY_MODEL_OPTION(name, value, doc) {name, value, doc},
#define CY_MODEL_EXAMPLE(line)
#define CY_MODEL_END {NULL, NULL, NULL}};
#include "models/commands.def"
#undef CY_MODEL_BEGIN
#undef CY_MODEL_OPTION
#undef CY_MODEL_EXAMPLE
#undef CY_MODEL_END

#define CY_MODEL_BEGIN(id, noun, verb, words, doc) static const char *const examples_##id[] = {
#define CY_MODEL_OPTION(name, value, doc)
#define CY_MODEL_EXAMPLE(line) line,
#define CY_MODEL_END NULL};
#include "models/commands.def"
#undef CY_MODEL_BEGIN
#undef CY_MODEL_EXAMPLE
#undef CY_MODEL_END

static const struct shown {
    const char *noun;
    const char *verb;
    const char *const *examples;
} shown_[] = {
#define CY_MODEL_BEGIN(id, noun, verb, words, doc) {noun, verb, examples_##id},
#define CY_MODEL_EXAMPLE(line)
#define CY_MODEL_END
#include "models/commands.def"
};
/* clang-format on */

const char *const *cy_cli_model_examples(const char *noun, const char *verb)
{
    for (size_t i = 0; i < CY_COUNT(shown_); i++) {
        const struct shown *s = &shown_[i];

        if (strcmp(s->noun, noun) == 0 && (s->verb == NULL) == (verb == NULL) &&
            (verb == NULL || strcmp(s->verb, verb) == 0))
            return s->examples;
    }
    return NULL;
}

/* --- running --- */

/* Whether an option is one of every command; those say how `comity` speaks, and where its realm is.
 */
static bool is_common(const char *name)
{
    for (const struct cy_cli_option *option = cy_cli_common; option->name != NULL; option++) {
        if (cy_cli_same_name(option->name, name))
            return true;
    }
    return false;
}

/* `lp solve` goes by way of the program that may run solvers, unless none is wanted. */
static bool find_program(const struct cy_cli_args *args, char out[static CY_SPAWN_PATH_MAX])
{
    const char *solver = cy_cli_arg(args, "solver");

    if (args->n_words > 1 && strcmp(args->words[0], "lp") == 0 &&
        strcmp(args->words[1], "solve") == 0 && (solver == NULL || strcmp(solver, "none") != 0) &&
        cy_spawn_beside(SOLVER, out))
        return true;
    return cy_spawn_beside(PROGRAM, out);
}

int cy_cli_model(struct cy_cli *run)
{
    const struct cy_cli_args *args = &run->args;
    const char *argv[CY_CLI_WORDS_MAX + 2 * CY_CLI_OPTIONS_MAX + 4] = {NULL};
    char program[CY_SPAWN_PATH_MAX];
    size_t n = 0;
    pid_t child = 0;
    int code = 0;

    if (!find_program(args, program))
        return cy_cli_fail(run, cy_fail(CY_E_MODEL_START, 0), NULL);
    argv[n++] = program;
    if (run->json)
        argv[n++] = "--json";
    for (size_t i = 0; i < args->n; i++) {
        struct cy_text text;
        char *word = NULL;

        if (is_common(args->names[i]))
            continue;
        word = cy_arena_take(&run->arena, NAME_MAX_BYTES);
        if (word == NULL)
            return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
        text = cy_text_on(word, NAME_MAX_BYTES);
        cy_text_add(&text, "--");
        cy_text_add(&text, args->names[i]);
        argv[n++] = word;
        if (args->values[i] != NULL)
            argv[n++] = args->values[i];
    }
    argv[n++] = "--"; /* what follows are words, also such that begin with a dash */
    for (size_t i = 0; i < args->n_words; i++)
        argv[n++] = args->words[i];
    argv[n] = NULL;
    if (!cy_ok(cy_spawn(argv, NULL, &child)) || !cy_ok(cy_spawn_wait(child, &code)))
        return cy_cli_fail(run, cy_fail(CY_E_MODEL_START, 0), program);
    return code;
}
