/* comity-audit: replays a ledger with the kernel and none of the daemon. It is `comity audit` as a
 * program of its own, for auditors who install nothing else. */
#include "host/cli/cli.h"
#include "institutions/roster.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 64

int main(int argc, char **argv)
{
    static char audit[] = "audit";
    char *line[ARGUMENTS_MAX + 2] = {argv[0], audit};

    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2 || argc > ARGUMENTS_MAX) {
        (void)fputs("comity-audit DIR|URL [--vkey VKEY] [--witness VKEY ...] [--need K] [--json]\n"
                    "  comity-audit --help explains\n",
                    stderr);
        return 2;
    }
    for (int i = 1; i < argc; i++)
        line[i + 1] = argv[i];
    return cy_cli_main(argc + 1, line, CY_VERSION, cy_roster, cy_roster_count);
}
