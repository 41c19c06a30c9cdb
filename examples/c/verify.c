/* verify LEDGER.vkey FILE [--witness WITNESS.vkey] [--entry FILE]
 * verify --policy FILE --origin NAME FILE [--entry FILE]
 *
 * Checks one file of a Comity cell offline and prints every step. Exit code: 0 all of it holds, 1
 * it does not, 2 the call is wrong. */
#include <comity.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file {
    unsigned char *at;
    size_t n;
};

/* Reads a whole file; ends the program when it cannot. */
static struct file read_file(const char *path)
{
    struct file file = {NULL, 0};
    size_t cap = 0;
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        perror(path);
        exit(2);
    }
    do {
        cap = cap == 0 ? 65536 : cap * 2;
        file.at = realloc(file.at, cap);
        if (file.at == NULL)
            exit(2);
        file.n += fread(file.at + file.n, 1, cap - file.n, in);
    } while (file.n == cap);
    fclose(in);
    return file;
}

/* A verifier key as text: the line in the file, without its end. */
static struct file read_vkey(const char *path)
{
    struct file file = read_file(path);

    while (file.n > 0 && (file.at[file.n - 1] == '\n' || file.at[file.n - 1] == '\r'))
        file.n--;
    return file;
}

static void refuse(const char *path, int32_t error)
{
    fprintf(stderr, "%s: %s\n  what to do: %s\n", path, comity_error_text(error),
            comity_error_remedy(error));
    exit(2);
}

int main(int argc, char **argv)
{
    const char *witness = NULL;
    const char *entry_path = NULL;
    const char *policy = NULL;
    const char *origin = NULL;
    const char *words[2] = {NULL, NULL};
    const char *path = NULL;
    struct comity_trust trust;
    struct comity_report report;
    struct file file;
    struct file vkey;
    struct file entry = {NULL, 0};
    void *scratch = NULL;
    size_t scratch_n = 0;
    int32_t error = 0;
    int n = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--witness") == 0 && i + 1 < argc)
            witness = argv[++i];
        else if (strcmp(argv[i], "--entry") == 0 && i + 1 < argc)
            entry_path = argv[++i];
        else if (strcmp(argv[i], "--policy") == 0 && i + 1 < argc)
            policy = argv[++i];
        else if (strcmp(argv[i], "--origin") == 0 && i + 1 < argc)
            origin = argv[++i];
        else if (n < 2)
            words[n++] = argv[i];
        else
            n = 3;
    }
    if ((policy == NULL) != (origin == NULL) || n != (policy == NULL ? 2 : 1)) {
        fprintf(stderr, "verify LEDGER.vkey FILE [--witness WITNESS.vkey] [--entry FILE]\n"
                        "verify --policy FILE --origin NAME FILE [--entry FILE]\n");
        return 2;
    }
    path = words[n - 1];

    /* Whom to trust: the key of a cell, or the policy of a federation. */
    vkey = policy == NULL ? read_vkey(words[0]) : read_file(policy);
    error = policy == NULL ? comity_trust_ledger(&trust, (const char *)vkey.at, vkey.n)
                           : comity_trust_policy(&trust, origin, strlen(origin),
                                                 (const char *)vkey.at, vkey.n);
    if (error != COMITY_OK)
        refuse(policy == NULL ? words[0] : policy, error);
    free(vkey.at);
    if (witness != NULL) {
        vkey = read_vkey(witness);
        error = comity_trust_witness(&trust, (const char *)vkey.at, vkey.n);
        if (error != COMITY_OK)
            refuse(witness, error);
        free(vkey.at);
    }

    /* What to check, and memory to do it in: the library has none of its own. */
    file = read_file(path);
    if (entry_path != NULL)
        entry = read_file(entry_path);
    scratch_n = comity_scratch_bytes(file.at, file.n, entry.n);
    scratch = malloc(scratch_n > 0 ? scratch_n : 1);
    if (scratch == NULL)
        return 2;
    error = comity_verify(file.at, file.n, entry.at, entry.n, &trust, scratch, scratch_n, &report);

    for (uint32_t i = 0; i < report.n_steps; i++) {
        char sentence[1024];

        comity_step_text(&report, i, sentence, sizeof sentence);
        printf("%s  %s\n", report.steps[i].error == COMITY_OK ? "ok     " : "REFUSED", sentence);
    }
    if (report.answer != NULL)
        printf("%s\n", report.answer);
    if (report.convicts)
        printf("evidence: a key has contradicted itself\n");
    printf("%s: this %s %s\n", path, comity_kind_text(report.kind),
           error == COMITY_OK ? "holds" : "does NOT hold");
    if (error != COMITY_OK)
        printf("  %s (%s)\n  what to do: %s\n", comity_error_text(error), comity_error_path(error),
               comity_error_remedy(error));
    free(scratch);
    free(entry.at);
    free(file.at);
    return error == COMITY_OK ? 0 : 1;
}
