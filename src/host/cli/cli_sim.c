#include "host/cli/cli_sim.h"

#include "host/cli/cli_spawn.h"

#define PROGRAM "comity-sim"

const struct cy_cli_option cy_cli_sim_options[] = {
    {"seed",     "N",    "the first seed (1)"                                               },
    {"seeds",    "N",    "how many seeds, one after the other (1)"                          },
    {"ticks",    "MS",   "simulated time of each run (20000)"                               },
    {"members",  "N",    "members of each federation, up to 16 (drawn: 4 to 7)"             },
    {"traitors", "N",    "of them traitors (drawn: as many as are borne, or fewer)"         },
    {"realms",   "N",    "1, or 2: two federations with one party in both (drawn: mostly 1)"},
    {"shrink",   NULL,   "make a failing scenario as small as it will go"                   },
    {"scenario", "FILE", "replay a scenario instead of drawing one"                         },
    {"out",      "FILE", "where a failing scenario is written (scenario-SEED.txt)"          },
    {"quiet",    NULL,   "one line a seed, no coverage"                                     },
    {NULL,       NULL,   NULL                                                               },
};

int cy_cli_sim(struct cy_cli *run)
{
    const char *argv[2 + 2 * CY_CLI_OPTIONS_MAX + 2] = {NULL};
    char program[CY_SPAWN_PATH_MAX];
    size_t n = 0;
    pid_t child = 0;
    int code = 0;

    if (run->args.n_words > 1)
        return cy_cli_wrong(run, "comity sim takes options only, not '%s'", run->args.words[1]);
    if (!cy_spawn_beside(PROGRAM, program))
        return cy_cli_fail(run, cy_fail(CY_E_SIM_START, 0), NULL);
    argv[n++] = program;
    for (const struct cy_cli_option *option = cy_cli_sim_options; option->name != NULL; option++) {
        char *word = NULL;
        struct cy_text text;

        if (option->value == NULL ? !cy_cli_arg_on(&run->args, option->name)
                                  : cy_cli_arg(&run->args, option->name) == NULL)
            continue;
        word = cy_arena_take(&run->arena, 64);
        if (word == NULL)
            return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
        text = cy_text_on(word, 64);
        cy_text_add(&text, "--");
        cy_text_add(&text, option->name);
        argv[n++] = word;
        if (option->value != NULL)
            argv[n++] = cy_cli_arg(&run->args, option->name);
    }
    if (run->json)
        argv[n++] = "--json";
    argv[n] = NULL;
    if (!cy_ok(cy_spawn(argv, NULL, &child)) || !cy_ok(cy_spawn_wait(child, &code)))
        return cy_cli_fail(run, cy_fail(CY_E_SIM_START, 0), program);
    return code;
}
