/* replay CORPUS [MUTATIONS]: feeds a fuzz target every file of a folder, and MUTATIONS changed
 * copies of each (or the environment's CY_FUZZ_MUTATIONS; 1000). No clock, no outside randomness: a
 * run that fails, fails again. The input that broke it is left in ./crash-TARGET. */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 17, FILES_MAX = 4096 };

static struct file {
    uint8_t *at;
    size_t n;
} files[FILES_MAX];
static size_t file_count;

static uint8_t input[INPUT_MAX];
static size_t input_size;
static char crash_path[512];

static void keep_input(void)
{
    const int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    static const char words[] = "the input is kept in ";
    if (fd < 0)
        return;
    ssize_t done = write(fd, input, input_size);
    (void)close(fd);
    done += write(2, words, sizeof words - 1);
    done += write(2, crash_path, strlen(crash_path));
    done += write(2, "\n", 1);
    (void)done;
}

static void on_signal(int number)
{
    keep_input();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* The sanitizers end the program themselves; they call this first. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

static void insert(size_t at, const uint8_t *bytes, size_t n)
{
    if (n > INPUT_MAX - input_size)
        return;
    uint8_t copy[64];
    CY_ASSERT(n <= sizeof copy);
    memcpy(copy, bytes, n);
    memmove(input + at + n, input + at, input_size - at);
    memcpy(input + at, copy, n);
    input_size += n;
}

static void mutate(void)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x17, 0x18, 0x19, 0x1b, 0x1f, 0x40,
                                    0x5f, 0x60, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0,
                                    0xd2, 0xf4, 0xf6, 0xfb, 0xff, '\n'};
    const size_t at = (size_t)draw(input_size + 1);
    const size_t left = input_size - at;
    size_t n = 1 + (size_t)draw(16);
    uint8_t fresh[16];

    for (size_t i = 0; i < sizeof fresh; i++)
        fresh[i] = (uint8_t)draw(256);
    switch (draw(8)) {
    case 0:
        if (left > 0)
            input[at] ^= (uint8_t)(1u << draw(8));
        break;
    case 1:
        if (left > 0)
            input[at] = edges[draw(sizeof edges)];
        break;
    case 2: insert(at, fresh, n); break;
    case 3: insert(at, &edges[draw(sizeof edges)], 1); break;
    case 4: /* drop a piece */
        n = n < left ? n : left;
        memmove(input + at, input + at + n, left - n);
        input_size -= n;
        break;
    case 5: input_size = at; break;
    case 6: /* repeat a piece */
        n = n < left ? n : left;
        insert((size_t)draw(input_size + 1), input + at, n);
        break;
    default: /* the tail of another file */
        if (file_count > 0) {
            const struct file *other = &files[draw(file_count)];
            const size_t from = (size_t)draw(other->n + 1);
            n = other->n - from < INPUT_MAX - at ? other->n - from : INPUT_MAX - at;
            memcpy(input + at, other->at + from, n);
            input_size = at + n;
        }
    }
}

static void feed(void)
{
    /* A copy of exactly the right size, so that the sanitizer sees a read past the end. */
    uint8_t *copy = malloc(input_size > 0 ? input_size : 1);
    CY_ASSERT(copy != NULL);
    memcpy(copy, input, input_size);
    (void)LLVMFuzzerTestOneInput(copy, input_size);
    free(copy);
}

static void load(const char *folder)
{
    struct dirent **names = NULL;
    const int count = scandir(folder, &names, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        FILE *in = names[i]->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (in != NULL && file_count < FILES_MAX) {
            struct file *file = &files[file_count++];
            file->n = fread(input, 1, INPUT_MAX, in);
            file->at = malloc(file->n + 1);
            CY_ASSERT(file->at != NULL);
            memcpy(file->at, input, file->n);
        }
        if (in != NULL)
            (void)fclose(in);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    const char *given = argc > 2 ? argv[2] : getenv("CY_FUZZ_MUTATIONS");
    const unsigned long mutations = given != NULL ? strtoul(given, NULL, 10) : 1000;
    const char *name = strrchr(argv[0], '/');

    if (argc < 2) {
        fprintf(stderr, "usage: %s CORPUS [MUTATIONS]\n", argv[0]);
        return 2;
    }
    (void)snprintf(crash_path, sizeof crash_path, "crash-%s", name != NULL ? name + 1 : argv[0]);
    (void)signal(SIGABRT, on_signal);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(keep_input);
    else
        (void)signal(SIGSEGV, on_signal);
    load(argv[1]);
    static uint8_t nothing[1];
    const size_t real = file_count;
    if (file_count < FILES_MAX)
        files[file_count++] = (struct file){nothing, 0};
    unsigned long fed = 0;
    for (size_t i = 0; i < file_count; i++) {
        state = i;
        for (unsigned long m = 0; m <= mutations; m++) {
            input_size = files[i].n;
            memcpy(input, files[i].at, input_size);
            for (uint64_t times = m == 0 ? 0 : 1 + draw(4); times > 0; times--)
                mutate();
            feed();
            fed++;
        }
    }
    printf("%zu files, %lu inputs\n", real, fed);
    for (size_t i = 0; i < real; i++)
        free(files[i].at);
    return 0;
}
