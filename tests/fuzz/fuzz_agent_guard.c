/* The headers of a request to the local agent, one a line: nobody gets in without the token, under
 * another host, or from another origin. */
#include "fuzz.h"
#include "host/agent/agent_guard.h"

#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char token[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    struct cy_agent_guard guard = {.port = 7400};
    char *text = malloc(n + 1);
    const char *lines[5] = {NULL};
    struct cy_agent_asked asked;
    char *at = text;

    memcpy(guard.token, token, sizeof token);
    if (n > 0)
        memcpy(text, data, n);
    text[n] = 0;
    for (size_t i = 0; i < 5 && at != NULL; i++) {
        char *end = strchr(at, '\n');

        if (end != NULL)
            *end++ = 0;
        lines[i] = strcmp(at, "-") == 0 ? NULL : at; /* "-": the header is absent */
        at = end;
    }
    asked = (struct cy_agent_asked){lines[0], lines[1], lines[2], lines[3], lines[4], n % 2 == 0};
    if (cy_ok(cy_agent_guard_act(&guard, &asked))) {
        CY_ASSERT(asked.token != NULL && strcmp(asked.token, token) == 0);
        CY_ASSERT(strcasecmp(asked.host, "localhost:7400") == 0 ||
                  strcmp(asked.host, "127.0.0.1:7400") == 0);
        CY_ASSERT(asked.origin == NULL || strcasecmp(asked.origin + 7, asked.host) == 0);
        CY_ASSERT(asked.site == NULL || strcmp(asked.site, "same-origin") == 0);
        CY_ASSERT(!asked.body || strncasecmp(asked.type, "application/json", 16) == 0);
        CY_ASSERT(cy_ok(cy_agent_guard_page(&guard, &asked, false)));
    }
    free(text);
    return 0;
}
