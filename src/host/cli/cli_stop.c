#include "host/cli/cli_stop.h"

#include <signal.h>

static volatile sig_atomic_t asked;

static void stop(int number)
{
    (void)number;
    asked = 1;
}

void cy_cli_stop_hear(void)
{
    (void)signal(SIGINT, stop);
    (void)signal(SIGTERM, stop);
}

bool cy_cli_stop_asked(void)
{
    return asked != 0;
}
