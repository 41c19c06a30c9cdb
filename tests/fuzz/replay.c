/* replay CORPUS [MUTATIONS]: feeds a fuzz target every file of a folder, and MUTATIONS changed
 * copies of each (or the environment's CY_FUZZ_MUTATIONS; 1000). No clock, no outside randomness: a
 * run that fails, fails again. The input that broke it is left in ./crash-TARGET. */
#include "fuzz.h"
#include "gen.h"

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

/* The tail of another file at a random place; else one of gen_mutate's changes. */
static void mutate(struct gen *gen)
{
    if (!gen_one_in(gen, 8)) {
        gen_mutate(gen, input, &input_size, INPUT_MAX);
        return;
    }
    const struct file *other = &files[gen_draw(gen, file_count)];
    const size_t at = (size_t)gen_draw(gen, input_size + 1);
    const size_t from = (size_t)gen_draw(gen, other->n + 1);
    const size_t n = other->n - from < INPUT_MAX - at ? other->n - from : INPUT_MAX - at;
    memcpy(input + at, other->at + from, n);
    input_size = at + n;
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
        struct gen gen = gen_on(i, NULL);
        for (unsigned long m = 0; m <= mutations; m++) {
            input_size = files[i].n;
            memcpy(input, files[i].at, input_size);
            for (uint64_t times = m == 0 ? 0 : 1 + gen_draw(&gen, 4); times > 0; times--)
                mutate(&gen);
            feed();
            fed++;
        }
    }
    printf("%zu files, %lu inputs\n", real, fed);
    for (size_t i = 0; i < real; i++)
        free(files[i].at);
    return 0;
}
