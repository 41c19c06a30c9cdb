/* comity-audit: replays a ledger with the kernel and none of the daemon. It is `comity audit` as a
 * program of its own, for auditors who install nothing else, and it cannot write a file. */
#include "apps/manuals.h"
#include "host/cli/cli.h"
#include "host/system/cage.h"
#include "institutions/roster.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 64

int main(int argc, char **argv)
{
    static char audit[] = "audit";
    char *line[ARGUMENTS_MAX + 2] = {argv[0], audit};
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
    return cy_cli_main(argc + 1, line, CY_VERSION, cy_roster, cy_roster_count);
}
