/* Accept-Encoding: any header names one of the three codings; one that says nothing about brotli
 * and gzip, and has no star, gets plain; adding a coding that is refused never brings it. */
#include "fuzz.h"

#include <strings.h>

#include "host/console/console.h"

enum { HEADER_MAX = 4096 };

static char header[HEADER_MAX + 1];
static char refused[HEADER_MAX + 32];

static bool names(const char *text, const char *word)
{
    return strcasestr(text, word) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum cy_console_coding coding = CY_CONSOLE_CODINGS;

    if (n > HEADER_MAX)
        return 0;
    memcpy(header, data, n);
    header[n] = 0;
    coding = cy_console_coding(header);
    CY_ASSERT(coding < CY_CONSOLE_CODINGS);
    if (strchr(header, '*') == NULL) {
        CY_ASSERT(coding != CY_CONSOLE_BROTLI || names(header, "br"));
        CY_ASSERT(coding != CY_CONSOLE_GZIP || names(header, "gzip"));
    }
    (void)snprintf(refused, sizeof refused, "br;q=0, gzip;q=0, %s", header);
    CY_ASSERT(cy_console_coding(refused) == CY_CONSOLE_PLAIN);
    return 0;
}
