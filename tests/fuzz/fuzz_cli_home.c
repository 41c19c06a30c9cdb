/* The file of aliases: what is read is appended to an empty file and read again as the same. */
#include "fuzz.h"

#include "host/cli/cli_home.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[32];
static char said[4096];

static void at_end(void)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s/" CY_HOME_ALIASES, dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/" CY_HOME_CLIENT, dir);
    (void)unlink(path);
    (void)rmdir(dir);
}

static void put(const char *name, const void *bytes, size_t n)
{
    char path[64];
    int fd = -1;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CY_ASSERT(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    (void)close(fd);
}

static cy_err open_home(struct cy_home *home)
{
    struct cy_text why = cy_text_on(said, sizeof said);

    return cy_home_open(dir, home, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_home first;
    struct cy_home second;

    if (dir[0] == 0) {
        (void)snprintf(dir, sizeof dir, "%s/cy_fuzz_XXXXXX",
                       access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                     : "/tmp"); /* no waiting for disks */
        CY_ASSERT(mkdtemp(dir) != NULL);
        (void)atexit(at_end);
        put(CY_HOME_CLIENT, "", 0);
    }
    put(CY_HOME_ALIASES, data, size);
    if (!cy_ok(open_home(&first))) {
        CY_ASSERT(said[0] != 0);
        cy_home_close(&first);
        return 0;
    }
    put(CY_HOME_ALIASES, "", 0);
    CY_ASSERT(cy_ok(open_home(&second)) && second.n == 0);
    CY_ASSERT(cy_ok(cy_home_add(&second, first.aliases, first.n)));
    cy_home_close(&second);
    CY_ASSERT(cy_ok(open_home(&second)) && second.n == first.n);
    for (size_t i = 0; i < first.n; i++) {
        CY_ASSERT(cy_ok(cy_alias_name_check(first.aliases[i].name)));
        CY_ASSERT(cy_ok(cy_utf8_check(cy_span_text(first.aliases[i].kind))));
        CY_ASSERT(cy_ok(cy_utf8_check(cy_span_text(first.aliases[i].label))));
        CY_ASSERT(memcmp(&first.aliases[i], &second.aliases[i], sizeof first.aliases[i]) == 0);
    }
    cy_home_close(&first);
    cy_home_close(&second);
    return 0;
}
