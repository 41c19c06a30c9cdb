#include "models/desk/desk.h"

#include "base/num.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

/* --- memory --- */

struct cy_desk_block {
    struct cy_desk_block *next;
    _Alignas(16) unsigned char at[];
};

void cy_desk_end(struct cy_desk *desk)
{
    while (desk->blocks != NULL) {
        struct cy_desk_block *block = desk->blocks;

        desk->blocks = block->next;
        free(block);
    }
}

void *cy_desk_take(struct cy_desk *desk, size_t n)
{
    struct cy_desk_block *block =
        n > SIZE_MAX - sizeof *block ? NULL : calloc(1, sizeof *block + n);

    if (block == NULL) {
        (void)cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "%zu bytes are needed", n);
        return NULL;
    }
    block->next = desk->blocks;
    desk->blocks = block;
    return block->at;
}

/* --- the command line --- */

const char *cy_desk_word(const struct cy_desk *desk, size_t i)
{
    return i < desk->n_words ? desk->words[i] : NULL;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a != 0 && *b != 0; a++, b++) {
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
            return false;
    }
    return *a == *b;
}

static const struct cy_desk_option *last(const struct cy_desk *desk, const char *name)
{
    for (size_t i = desk->n_options; i-- > 0;) {
        if (same_name(desk->options[i].name, name))
            return &desk->options[i];
    }
    return NULL;
}

const char *cy_desk_option(const struct cy_desk *desk, const char *name)
{
    const struct cy_desk_option *option = last(desk, name);

    return option == NULL ? NULL : option->value;
}

const char *cy_desk_next(const struct cy_desk *desk, const char *name, size_t *at)
{
    for (; *at < desk->n_options; (*at)++) {
        if (same_name(desk->options[*at].name, name))
            return desk->options[(*at)++].value;
    }
    return NULL;
}

bool cy_desk_on(const struct cy_desk *desk, const char *name)
{
    return last(desk, name) != NULL;
}

FILE *cy_desk_output(const struct cy_desk *desk, const char *name)
{
    const struct cy_desk_option *option = last(desk, name);

    return option == NULL ? NULL : option->opened;
}

cy_err cy_desk_number(struct cy_desk *desk, const char *name, uint64_t least, uint64_t most,
                      uint64_t *out)
{
    const char *value = cy_desk_option(desk, name);
    uint64_t number = 0;

    if (value == NULL)
        return CY_OK;
    if (!cy_ok(cy_u64_read(cy_span_text(value), &number)) || number < least || number > most)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--%s must be a whole number from %llu to %llu, not '%s'", name,
                            (unsigned long long)least, (unsigned long long)most, value);
    *out = number;
    return CY_OK;
}

/* --- failing --- */

static void __attribute__((format(printf, 3, 0)))
note(struct cy_desk *desk, cy_err err, const char *format, va_list list)
{
    if (!cy_ok(desk->failed))
        return;
    desk->failed = err;
    (void)vsnprintf(desk->why, sizeof desk->why, format, list);
    cy_utf8_mend(desk->why);
}

cy_err cy_desk_note(struct cy_desk *desk, cy_err err, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    note(desk, err, format, list);
    va_end(list);
    return err;
}

int cy_desk_fail(struct cy_desk *desk, cy_err err, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    note(desk, err, format, list);
    va_end(list);
    return cy_desk_code(desk);
}

int cy_desk_wrong(struct cy_desk *desk, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    note(desk, cy_fail(CY_E_USAGE, 0), format, list);
    va_end(list);
    return cy_desk_code(desk);
}

cy_err cy_desk_refuse(struct cy_desk *desk, const char *path, const struct cy_desk_fault *fault)
{
    const cy_err err = cy_fail(CY_E_MODEL_INPUT, fault->line);

    if (fault->line == 0)
        return cy_desk_note(desk, err, "%s: %s", path, fault->why);
    if (fault->column == 0)
        return cy_desk_note(desk, err, "%s, line %u: %s", path, fault->line, fault->why);
    return cy_desk_note(desk, err, "%s, line %u, column %u: %s", path, fault->line, fault->column,
                        fault->why);
}

int cy_desk_code(const struct cy_desk *desk)
{
    if (cy_ok(desk->failed))
        return CY_DESK_DONE;
    if (desk->failed.code == CY_E_USAGE)
        return CY_DESK_USAGE;
    return cy_err_info(desk->failed.code)->kind == CY_ERR_refusal ? CY_DESK_NEGATIVE
                                                                  : CY_DESK_TROUBLE;
}

cy_err cy_desk_at(struct cy_desk_fault *fault, uint32_t line, uint32_t column, const char *format,
                  ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(fault->why, sizeof fault->why, format, list);
    va_end(list);
    cy_utf8_mend(fault->why);
    fault->line = line;
    fault->column = column;
    return cy_fail(CY_E_MODEL_INPUT, line);
}

/* --- files --- */

/* Reads to the end, or to one byte more than `most`. */
static cy_err read_stream(struct cy_desk *desk, FILE *in, size_t most, struct cy_desk_text *out)
{
    size_t room = 1 << 16;
    struct cy_desk_block *block = NULL;

    for (;;) {
        struct cy_desk_block *grown = NULL;

        room = room > most ? most + 1 : room;
        grown = realloc(block, sizeof *block + room + 1);
        if (grown == NULL) {
            free(block);
            return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "a file of this length");
        }
        block = grown;
        out->n += fread(block->at + out->n, 1, room - out->n, in);
        if (out->n < room || room == most + 1)
            break;
        room *= 2;
    }
    block->at[out->n] = 0;
    block->next = desk->blocks;
    desk->blocks = block;
    out->at = (char *)block->at;
    return CY_OK;
}

cy_err cy_desk_read(struct cy_desk *desk, const char *path, size_t most, struct cy_desk_text *out)
{
    const bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "re");
    cy_err err = CY_OK;

    *out = (struct cy_desk_text){0};
    if (in == NULL)
        return cy_desk_note(desk, cy_fail(errno == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, 0),
                            "%s: %s", path, strerror(errno));
    err = read_stream(desk, in, most, out);
    if (cy_ok(err) && ferror(in) != 0)
        err = cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s: cannot be read",
                           path);
    if (cy_ok(err) && out->n > most)
        err = cy_desk_note(desk, cy_fail(CY_E_TOO_LARGE, most), "%s: more than %zu bytes", path,
                           most);
    if (!standard)
        (void)fclose(in);
    return err;
}

/* A table cannot have more columns than commas in its first line and one. */
static size_t table_room(struct cy_desk_text text)
{
    size_t width = 1;
    size_t rows = 1;

    for (size_t i = 0; i < text.n && text.at[i] != '\n'; i++)
        width += text.at[i] == ',';
    for (size_t i = 0; i < text.n; i++)
        rows += text.at[i] == '\n';
    return rows * width * sizeof(char *) + rows * sizeof(uint32_t) + 64;
}

cy_err cy_desk_csv_text(struct cy_desk *desk, struct cy_desk_text text, struct cy_csv *out,
                        struct cy_desk_fault *fault)
{
    const size_t mark = text.n >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const size_t n = table_room(text);
    void *room = cy_desk_take(desk, n);
    struct cy_arena arena;
    cy_err err = CY_OK;

    *out = (struct cy_csv){0};
    if (room == NULL)
        return desk->failed;
    arena = cy_arena_on(room, n);
    err = cy_csv_read(text.at + mark, text.n - mark, &arena, out);
    if (cy_ok(err))
        return err;
    if (err.code == CY_E_NO_ROOM)
        return cy_desk_at(fault, 1, 0, "the heading must stand in one line");
    if (err.code == CY_E_BAD_UTF8)
        return cy_desk_at(fault, err.detail, 0,
                          "not plain UTF-8, or a control character; save the file as UTF-8");
    return cy_desk_at(fault, err.detail, out->column,
                      "the table is broken here: each line needs as many fields as the heading, "
                      "and each quote its end");
}

cy_err cy_desk_csv(struct cy_desk *desk, const char *path, size_t most, struct cy_csv *out)
{
    struct cy_desk_fault fault = {0};
    struct cy_desk_text text;
    cy_err err = cy_desk_read(desk, path, most, &text);

    if (!cy_ok(err))
        return err;
    err = cy_desk_csv_text(desk, text, out, &fault);
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, path, &fault) : err;
}

/* --- answering --- */

int cy_desk_print(struct cy_desk *desk, json_t *value)
{
    const int bad = value == NULL ||
                    json_dumpf(value, desk->out, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) != 0;

    json_decref(value);
    if (bad)
        return cy_desk_fail(desk, cy_fail(CY_E_NO_MEMORY, 0), "the answer could not be written");
    (void)fputc('\n', desk->out);
    return CY_DESK_DONE;
}

void cy_desk_progress(struct cy_desk *desk, const char *what, uint64_t done, uint64_t all)
{
    if (!desk->lively)
        return;
    (void)fprintf(desk->err, "\r%s: %llu of %llu%s", what, (unsigned long long)done,
                  (unsigned long long)all, done >= all ? "\n" : "");
    (void)fflush(desk->err);
}
