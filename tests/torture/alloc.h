/* alloc: every allocation of the program fails in turn.
 *
 * The n-th call of malloc and its friends from our own libraries fails, for n = 1, 2, 3 ... until
 * no call is left to fail: once alone, and once with all that follow. jansson's calls count as
 * ours (host/json/json.c gives it its memory). Only the thread of the test fails; allocations of
 * libc, OpenSSL and others do not.
 *
 * Included by the one file of a program that is linked with --wrap for each of them. */
#ifndef CY_TESTS_ALLOC_H
#define CY_TESTS_ALLOC_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cm.h"
#include "host/system/log.h"

/* --- failing -------------------------------------------------------------------------------- */

static _Thread_local struct {
    bool running; /* torture is */
    bool armed;
    bool lasting; /* all after the n-th fail, too */
    bool fired;
    unsigned long left;
} faults;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
char *__real_strdup(const char *text);
FILE *__real_open_memstream(char **at, size_t *n);

static bool fails(void)
{
    if (!faults.armed || faults.left == 0)
        return false;
    if (faults.left > 1) {
        faults.left--;
        return false;
    }
    faults.left = faults.lasting ? 1 : 0;
    faults.fired = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *at, size_t n)
{
    return fails() ? NULL : __real_realloc(at, n);
}

void *__wrap_aligned_alloc(size_t align, size_t n)
{
    return fails() ? NULL : __real_aligned_alloc(align, n);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

FILE *__wrap_open_memstream(char **at, size_t *n)
{
    return fails() ? NULL : __real_open_memstream(at, n);
}

/* What the test itself does around the operation has all the memory it wants. */
static void calm(void)
{
    faults.armed = false;
}

static void go(void)
{
    faults.armed = faults.running;
}

/* Runs an operation until it has nothing left to fail. It must say NO_MEMORY or succeed. */
static void torture(const char *name, cy_err (*operation)(void *at), void *at)
{
    for (unsigned lasting = 0; lasting < 2; lasting++) {
        unsigned long n = 0;
        unsigned long survived = 0;
        bool more = true;

        while (more) {
            cy_err err = CY_OK;

            faults.left = ++n;
            faults.lasting = lasting;
            faults.fired = false;
            faults.running = true;
            go();
            err = operation(at);
            calm();
            faults.running = false;
            more = faults.fired;
            survived += more && cy_ok(err);
            if (!more || err.code != CY_E_NO_MEMORY)
                assert_ok(err);
            assert_true(n < 100000);
        }
        assert_true(n > 1); /* something was there to fail */
        print_message("%s: %lu allocations, %lu of them spared%s\n", name, n - 1, survived,
                      lasting ? " (all after the first that fails)" : "");
    }
}

/* --- what several tests need ---------------------------------------------------------------- */

static char dir[64];

static const char *below(const char *name)
{
    static char path[4][128];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static unsigned descriptors(void)
{
    DIR *list = opendir("/proc/self/fd");
    unsigned n = 0;

    while (readdir(list) != NULL)
        n++;
    closedir(list);
    return n;
}

static int alloc_start(void **s)
{
    const struct cy_log_options quiet = {.level = CY_LOG_DEBUG, .json_path = "/dev/null"};

    (void)s;
    strcpy(dir, "/tmp/cy_alloc_XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_ok(cy_log_open(&quiet));
    return 0;
}

static int alloc_finish(void **s)
{
    char command[128];

    (void)s;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

#endif
