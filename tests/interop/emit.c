#include "emit.h"
#include "gen.h"

#include <stdlib.h>

static const char *folder;
static struct gen gen = {.state = 20261120};

uint64_t emit_random(uint64_t below)
{
    return gen_draw(&gen, below);
}

void emit_random_bytes(uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)emit_random(256);
}

const char *emit_folder(void)
{
    return folder;
}

FILE *emit_file(const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    return out;
}

void emit_begin(FILE *out, bool good)
{
    fprintf(out, "{\"good\":%s", good ? "true" : "false");
}

void emit_end(FILE *out)
{
    fputs("}\n", out);
}

void emit_hex(FILE *out, const char *name, struct cy_span bytes)
{
    fprintf(out, ",\"%s\":\"", name);
    for (size_t i = 0; i < bytes.n; i++)
        fprintf(out, "%02x", bytes.at[i]);
    fputc('"', out);
}

void emit_number(FILE *out, const char *name, uint64_t v)
{
    fprintf(out, ",\"%s\":%llu", name, (unsigned long long)v);
}

void emit_judged(const char *what, bool good, cy_err said)
{
    if (cy_ok(said) == good)
        return;
    fprintf(stderr, "%s: our own code says %s (%u) of a sample that is %s\n", what,
            cy_err_info(said.code)->path, said.detail, good ? "good" : "damaged");
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: emit FOLDER\n");
        return 2;
    }
    folder = argv[1];
    emit_acts();
    emit_merkle();
    emit_notes();
    emit_state();
    emit_log();
    emit_federation();
    return 0;
}
