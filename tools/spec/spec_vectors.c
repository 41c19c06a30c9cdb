/* spec_vectors write DIR | check DIR | example: the test vectors of SPEC/vectors. They are golden:
 * a change of any byte is a change of the format, and fails the law spec. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    void (*make)(FILE *out);
} files[] = {
    {"acts.json",    vectors_acts   },
    {"refused.json", vectors_refused},
    {"state.json",   vectors_state  },
    {"ids.json",     vectors_ids    },
    {"signer.json",  vectors_signer },
    {"journal.json", vectors_journal},
    {"peer.json",    vectors_peer   },
    {"bridge.json",  vectors_bridge },
};

void vector_must(const char *what, cy_err err)
{
    if (cy_ok(err))
        return;
    (void)fprintf(stderr, "spec_vectors: %s: %s (%u)\n", what, cy_err_info(err.code)->name,
                  err.detail);
    exit(1);
}

struct cy_id vector_id(const char *name)
{
    return cy_sha256_parts(
        (const struct cy_span[]){cy_span_text("comity vector "), cy_span_text(name)}, 2);
}

struct vector_key vector_key(unsigned n)
{
    struct vector_key out;
    char name[32];

    (void)snprintf(name, sizeof name, "seed %u", n);
    out.seed = vector_id(name);
    cy_secret_of(out.seed.b, &out.secret, &out.key);
    return out;
}

static bool fresh = true; /* no member yet in the present object */

static void member(FILE *out, const char *name)
{
    (void)fprintf(out, "%s\n  \"%s\": ", fresh ? "" : ",", name);
    fresh = false;
}

void vector_begin(FILE *out, bool first)
{
    (void)fputs(first ? "[\n{" : ",\n{", out);
    fresh = true;
}

void vector_end(FILE *out)
{
    (void)fputs("\n}", out);
}

void vector_text(FILE *out, const char *name, const char *text)
{
    member(out, name);
    (void)putc('"', out);
    for (; *text != 0; text++) {
        if (*text == '\n') {
            (void)fputs("\\n", out);
            continue;
        }
        if (*text == '"' || *text == '\\')
            (void)putc('\\', out);
        (void)putc(*text, out);
    }
    (void)putc('"', out);
}

void vector_json(FILE *out, const char *name, struct cy_span json)
{
    member(out, name);
    (void)fwrite(json.at, 1, json.n, out);
}

void vector_hex(FILE *out, const char *name, struct cy_span bytes)
{
    member(out, name);
    (void)putc('"', out);
    for (size_t i = 0; i < bytes.n; i++)
        (void)fprintf(out, "%02x", bytes.at[i]);
    (void)putc('"', out);
}

void vector_id_hex(FILE *out, const char *name, const struct cy_id *id)
{
    vector_hex(out, name, cy_span_of(id->b, sizeof id->b));
}

void vector_number(FILE *out, const char *name, uint64_t v)
{
    member(out, name);
    (void)fprintf(out, "%llu", (unsigned long long)v);
}

/* --- files --- */

static bool same(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "rb");
    char *have = malloc(n + 1);
    bool equal = false;

    if (file != NULL && have != NULL)
        equal = fread(have, 1, n + 1, file) == n && memcmp(have, text, n) == 0;
    free(have);
    if (file != NULL)
        (void)fclose(file);
    return equal;
}

static bool put(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(text, 1, n, file) == n;

    if (file != NULL && fclose(file) != 0)
        good = false;
    return good;
}

static int each(const char *folder, bool check)
{
    int bad = 0;

    for (size_t i = 0; i < CY_COUNT(files); i++) {
        char path[4096];
        char *text = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&text, &n);

        if (out == NULL)
            return 1;
        files[i].make(out);
        (void)fputs("\n]\n", out);
        (void)fclose(out);
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        if (same(path, text, n)) {
            free(text);
            continue;
        }
        if (check)
            (void)printf("%s is not what the program makes: a format has changed\n", path);
        else
            (void)printf("written: %s\n", path);
        bad |= check || !put(path, text, n);
        free(text);
    }
    return bad;
}

int main(int argc, char **argv)
{
    vector_must("crypto", cy_crypto_start());
    if (argc == 2 && strcmp(argv[1], "example") == 0) {
        vectors_example(stdout);
        return 0;
    }
    if (argc == 3 && (strcmp(argv[1], "write") == 0 || strcmp(argv[1], "check") == 0))
        return each(argv[2], argv[1][0] == 'c');
    (void)fputs("spec_vectors write DIR | check DIR | example\n", stderr);
    return 2;
}
