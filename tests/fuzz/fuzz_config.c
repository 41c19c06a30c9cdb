/* Settings: a file is refused with one printable line per error, or every setting has a value that
 * explain can print. */
#include "fuzz.h"

#include "host/json/json.h"
#include "host/system/daemon_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char said[1 << 16];

/* libconfig loses a text that it was reading when it meets a fault of syntax. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig\n";
}

/* Lines are text without control characters. */
static void printable(const char *text)
{
    while (*text != 0) {
        const size_t n = strcspn(text, "\n");

        CY_ASSERT(cy_ok(cy_utf8_check(cy_span_of(text, n))));
        text += n + (text[n] == '\n' ? 1 : 0);
    }
}

static void explained(const struct cy_config *config)
{
    const struct cy_json_limits limits = {.size_max = 1 << 22, .depth_max = 8, .reals = false};
    size_t n = 0;
    char *text = cy_config_explain(config, true, &n);
    json_t *all = NULL;

    CY_ASSERT(text != NULL);
    CY_ASSERT(cy_ok(cy_json_parse(cy_span_of(text, n), &limits, &all, NULL)));
    CY_ASSERT(json_array_size(all) > 0);
    for (size_t i = 0; i < json_array_size(all); i++)
        CY_ASSERT(json_object_size(json_array_get(all, i)) == 6);
    json_decref(all);
    free(text);
    text = cy_config_explain(config, false, &n);
    CY_ASSERT(text != NULL);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cy_daemon_config values;
    struct cy_text why = cy_text_on(said, sizeof said);
    struct cy_config *config = NULL;
    char path[64];
    int fd = -1;
    cy_err e = CY_OK;

    if (size > 0 && memmem(data, size, "@include", 8) != NULL)
        return 0; /* reads other files of this machine */
    fd = memfd_create("config", MFD_CLOEXEC);
    CY_ASSERT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    e = cy_daemon_config_load(path, &values, &config, &why);
    (void)close(fd);
    CY_ASSERT(cy_ok(e) == (config != NULL) && cy_ok(e) == (why.n == 0));
    printable(said);
    if (cy_ok(e))
        explained(config);
    cy_config_free(config);
    return 0;
}
