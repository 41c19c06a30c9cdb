#include "host/backup/settings_move.h"

#include <stdio.h>
#include <stdlib.h>

/* Whether a line sets this setting, outside of groups. */
static bool sets(const char *line, size_t n, const char *name)
{
    const size_t n_name = strlen(name);
    size_t at = n_name;

    if (n < n_name || strncmp(line, name, n_name) != 0)
        return false;
    while (at < n && (line[at] == ' ' || line[at] == '\t'))
        at++;
    return at < n && (line[at] == '=' || line[at] == ':');
}

/* One line, with what stands in quotes and begins with the old directory moved; or in sqlite:PATH.
 */
static void move_line(FILE *out, const char *line, size_t n, const char *from, const char *to)
{
    const size_t n_from = strlen(from);

    for (size_t at = 0; at < n; at++) {
        (void)fputc(line[at], out);
        if ((line[at] == '"' || line[at] == ':') && n_from > 0 && n - at - 1 > n_from &&
            strncmp(line + at + 1, from, n_from) == 0 &&
            (line[at + 1 + n_from] == '/' || line[at + 1 + n_from] == '"')) {
            (void)fputs(to, out);
            at += n_from;
        }
    }
}

cy_err cy_settings_move(struct cy_span text, const char *from, const char *to, bool daemon,
                        const char *origin, char **out)
{
    const char *at = (const char *)text.at;
    size_t left = text.n;
    size_t size = 0;
    FILE *file = NULL;

    *out = NULL;
    if (text.n > 0 && memchr(text.at, 0, text.n) != NULL)
        return cy_fail(CY_E_BAD_TEXT, 0);
    file = open_memstream(out, &size);
    if (file == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    while (left > 0) {
        const char *end = memchr(at, '\n', left);
        const size_t n = end == NULL ? left : (size_t)(end - at);

        if (daemon && sets(at, n, "data"))
            (void)fprintf(file, "data = \"%s/data\";", to);
        else if (daemon && sets(at, n, "signer"))
            (void)fprintf(file, "signer = \"%s/signer.sock\";", to);
        else if (daemon && origin != NULL && sets(at, n, "origin"))
            (void)fprintf(file, "origin = \"%s\";", origin);
        else
            move_line(file, at, n, from, to);
        if (end != NULL)
            (void)fputc('\n', file);
        left -= n + (end != NULL);
        at += n + (end != NULL);
    }
    return fclose(file) == 0 && *out != NULL ? CY_OK : cy_fail(CY_E_NO_MEMORY, 0);
}
