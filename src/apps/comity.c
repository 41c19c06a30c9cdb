/* comity: the command line of Comity. */
#include "host/cli/cli.h"
#include "institutions/roster.h"

#include <signal.h>

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return cy_cli_main(argc, argv, CY_VERSION, cy_roster, cy_roster_count);
}
