/* judge: `comity` again and again in one process: each line of standard input holds the words of
 * one command, divided by tabs; each answer ends with a line that holds a record separator. For
 * tests that ask for thousands of verdicts (web/test/evidence). */
#include "host/cli/cli.h"
#include "institutions/roster.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 16, WORDS_MAX = 256 };

int main(void)
{
    static char line[LINE_MAX_BYTES];
    static char name[] = "comity";

    while (fgets(line, sizeof line, stdin) != NULL) {
        char *words[WORDS_MAX + 1] = {name};
        int n = 1;

        line[strcspn(line, "\n")] = 0;
        for (char *at = line; at != NULL && n < WORDS_MAX;)
            words[n++] = strsep(&at, "\t");
        printf("%d\n", cy_cli_main(n, words, "test", cy_roster, cy_roster_count));
        fputs("\x1e\n", stdout);
        fflush(stdout);
    }
    return 0;
}
