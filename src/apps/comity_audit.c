/* comity-audit: replays a ledger with the kernel and none of the daemon. It is `comity audit` as a
 * program of its own, for auditors who install nothing else, and it cannot write a file. */
#include "apps/manuals.h"
#include "host/cli/cli_audit.h"
#include "host/cli/cli_help.h"
#include "host/system/cage.h"
#include "institutions/roster.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 64

static const struct cy_cli_command command_ = {
    "audit",
    NULL,
    "[DIR|URL]",
    "replay a whole ledger and hold it to its signed head",
    {cy_cli_trust_options, NULL},
    NULL,
    cy_cli_audit,
    false
};

static bool asks(int n, char **words, const char *option)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(words[i], option) == 0)
            return true;
    }
    return false;
}

/* The one command that this program has, without the table of all the others: what they need of the
 * daemon is not linked (tests/law/alone.sh). */
static int audit(int n, char **words)
{
    const struct cy_cli_grammar grammar = {
        {cy_cli_common, command_.options[0], NULL},
        NULL
    };
    static struct cy_cli run;
    struct cy_text why = cy_text_on(run.why, sizeof run.why);
    int code = 0;
    cy_err err = CY_OK;

    run.roster = cy_roster;
    run.n_roster = cy_roster_count;
    run.version = CY_VERSION;
    run.out = stdout;
    run.err = stderr;
    run.json = asks(n, words, "--json");
    if (asks(n, words, "--help") || asks(n, words, "-h")) {
        cy_cli_help_command(run.out, &command_);
        return CY_EXIT_OK;
    }
    if (!cy_ok(cy_cli_args_read(n, words, &grammar, &run.args, &why)))
        return cy_cli_fail(&run, cy_fail(CY_E_USAGE, 0), run.why);
    err = cy_cli_begin(&run, command_.alone);
    code = cy_ok(err) ? cy_cli_audit(&run) : cy_cli_fail(&run, err, NULL);
    cy_cli_end(&run);
    return code;
}

int main(int argc, char **argv)
{
    static char word[] = "audit";
    char *line[ARGUMENTS_MAX + 2] = {argv[0], word};
    unsigned process = CY_CAGE_AUDIT;

    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2 || argc > ARGUMENTS_MAX) {
        cy_manual_usage(stderr, &cy_manual_audit, CY_VERSION);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        line[i + 1] = argv[i];
        process = strncmp(argv[i], "http", 4) == 0 ? CY_CAGE_MIRROR : process;
    }
    if (strcmp(argv[1], "--version") == 0)
        return printf("comity-audit " CY_VERSION "\n") < 0;
    if (strcmp(argv[1], "--policy") == 0) {
        cy_cage_print(stdout, CY_CAGE_AUDIT);
        (void)fputs("\n", stdout);
        cy_cage_print(stdout, CY_CAGE_MIRROR);
        return 0;
    }
    if (!cy_cage_close(process, cy_cage_default()) && cy_cage_possible())
        (void)fputs("comity-audit: this system cannot fence off system calls\n", stderr);
    return audit(argc + 1, line);
}
