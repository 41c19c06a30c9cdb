#include "host/cli/cli_home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512u
#define KIND_LETTERS "abcdefghijklmnopqrstuvwxyz_"
#define AT(field) offsetof(struct cy_home_settings, field)

static const struct cy_setting settings_[] = {
    {"url",    CY_SETTING_TEXT, AT(url),    "",         0, 1024, CY_FORM_URL,  NULL, NULL,
     "Where the daemon answers."                            },
    {"pin",    CY_SETTING_TEXT, AT(pin),    "",         0, 60,   CY_FORM_PIN,  NULL, NULL,
     "Pin of its TLS key; empty: authorities judge."        },
    {"vkey",   CY_SETTING_TEXT, AT(vkey),   "",         0, 400,  CY_FORM_VKEY, NULL, NULL,
     "Verifier key of the ledger: what proofs are held to." },
    {"realm",  CY_SETTING_TEXT, AT(realm),  "",         0, 64,   CY_FORM_ANY,  NULL, NULL,
     "Id of the realm: 64 hexadecimal digits."              },
    {"signer", CY_SETTING_TEXT, AT(signer), "",         0, 107,  CY_FORM_PATH, NULL, NULL,
     "Socket of comity-signer."                             },
    {"as",     CY_SETTING_TEXT, AT(as),     "operator", 0, 63,   CY_FORM_ANY,  NULL, NULL,
     "Alias of the passport that acts unless --as is given."},
};

bool cy_home_path(const struct cy_home *home, const char *name, char out[static CY_HOME_DIR_MAX])
{
    const int n = snprintf(out, CY_HOME_DIR_MAX, "%s/%s", home->dir, name);

    return n > 0 && (size_t)n < CY_HOME_DIR_MAX;
}

cy_err cy_alias_name_check(const char *name)
{
    const size_t n = strlen(name);

    if (n == 0 || n > 63 || strpbrk(name, " \t\r\n@/:=") != NULL || name[0] == '-')
        return cy_fail(CY_E_BAD_TEXT, 0);
    return cy_utf8_check(cy_span_text(name));
}

cy_err cy_alias_of(const char *kind, const char *name, const struct cy_id *id, struct cy_alias *out)
{
    *out = (struct cy_alias){.id = *id};
    CY_TRY(cy_alias_name_check(name));
    if (kind[0] == 0 || strlen(kind) >= sizeof out->kind || kind[strspn(kind, KIND_LETTERS)] != 0)
        return cy_fail(CY_E_BAD_TEXT, 0);
    (void)snprintf(out->kind, sizeof out->kind, "%s", kind);
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    return CY_OK;
}

/* --- the list --- */

/* Room for n more. */
static cy_err grow(struct cy_home *home, size_t n)
{
    const size_t cap = home->n + n > 2 * home->cap ? home->n + n + 64 : 2 * home->cap;
    struct cy_alias *grown = NULL;

    if (home->n + n <= home->cap)
        return CY_OK;
    grown = realloc(home->aliases, cap * sizeof *grown);
    if (grown == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    home->aliases = grown;
    home->cap = cap;
    return CY_OK;
}

static cy_err keep(struct cy_home *home, const struct cy_alias *alias)
{
    CY_TRY(grow(home, 1));
    home->aliases[home->n++] = *alias;
    return CY_OK;
}

const struct cy_alias *cy_home_alias(const struct cy_home *home, const char *kind, const char *name)
{
    for (size_t i = home->n; i > 0; i--) {
        const struct cy_alias *a = &home->aliases[i - 1];

        if (strcmp(a->name, name) == 0 && (kind == NULL || strcmp(a->kind, kind) == 0))
            return a;
    }
    return NULL;
}

const struct cy_alias *cy_home_alias_of(const struct cy_home *home, const struct cy_id *id)
{
    for (size_t i = home->n; i > 0; i--) {
        if (cy_id_eq(&home->aliases[i - 1].id, id))
            return &home->aliases[i - 1];
    }
    return NULL;
}

/* --- the file --- */

static bool read_id(const char *text, struct cy_id *out)
{
    *out = (struct cy_id){0};
    return strcmp(text, "-") == 0 || cy_ok(cy_hex_read(cy_span_text(text), out->b, sizeof out->b));
}

/* One line, without its end, into its six fields; false: not of this form. */
static bool read_line(char *line, struct cy_alias *out)
{
    char *fields[6];
    char *rest = line;

    for (size_t i = 0; i < CY_COUNT(fields); i++) {
        fields[i] = strsep(&rest, "\t");
        if (fields[i] == NULL)
            return false;
    }
    if (rest != NULL || !read_id(fields[2], &out->id) || cy_id_none(&out->id))
        return false;
    if (!cy_ok(cy_alias_of(fields[0], fields[1], &out->id, out)))
        return false;
    if (strlen(fields[3]) >= sizeof out->label || !cy_ok(cy_utf8_check(cy_span_text(fields[3]))))
        return false;
    if (strcmp(fields[3], "-") != 0)
        memcpy(out->label, fields[3], strlen(fields[3]) + 1);
    return read_id(fields[4], &out->key) && read_id(fields[5], &out->next);
}

static cy_err read_aliases(struct cy_home *home, struct cy_text *why)
{
    char path[CY_HOME_DIR_MAX];
    char line[LINE_MAX_BYTES];
    struct cy_alias alias;
    FILE *file = NULL;
    uint64_t at = 0;
    cy_err err = CY_OK;

    if (!cy_home_path(home, CY_HOME_ALIASES, path))
        return cy_fail(CY_E_TOO_LARGE, CY_HOME_DIR_MAX);
    file = fopen(path, "re");
    if (file == NULL)
        return CY_OK; /* none yet */
    while (cy_ok(err) && fgets(line, sizeof line, file) != NULL) {
        const size_t n = strcspn(line, "\n");
        const bool whole = line[n] == '\n' || feof(file); /* not too long, and no 0 in it */

        at++;
        line[n] = 0;
        if (whole && (line[0] == 0 || line[0] == '#'))
            continue;
        alias = (struct cy_alias){0};
        err = whole && read_line(line, &alias) ? keep(home, &alias) : cy_fail(CY_E_BAD_TEXT, at);
    }
    (void)fclose(file);
    if (err.code == CY_E_BAD_TEXT) {
        cy_text_add(why, path);
        cy_text_add(why, ":");
        cy_text_u64(why, at);
        cy_text_add(why, ": not an alias; a line is kind, name, id, label, key and next key with "
                         "tabs between");
    }
    return err;
}

static void write_id(struct cy_text *out, const struct cy_id *id)
{
    if (cy_id_none(id))
        cy_text_add(out, "-");
    else
        cy_text_hex(out, cy_span_of(id->b, sizeof id->b));
}

static void write_line(struct cy_text *out, const struct cy_alias *alias)
{
    cy_text_add(out, alias->kind);
    cy_text_add(out, "\t");
    cy_text_add(out, alias->name);
    cy_text_add(out, "\t");
    write_id(out, &alias->id);
    cy_text_add(out, "\t");
    cy_text_add(out, alias->label[0] == 0 ? "-" : alias->label);
    cy_text_add(out, "\t");
    write_id(out, &alias->key);
    cy_text_add(out, "\t");
    write_id(out, &alias->next);
    cy_text_add(out, "\n");
}

/* One write of whole lines at the end of the file: writers at the same time do not mix. */
static cy_err append(const struct cy_home *home, struct cy_span lines)
{
    char path[CY_HOME_DIR_MAX];
    int fd = -1;
    bool good = false;

    if (!cy_home_path(home, CY_HOME_ALIASES, path))
        return cy_fail(CY_E_TOO_LARGE, CY_HOME_DIR_MAX);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    good = write(fd, lines.at, lines.n) == (ssize_t)lines.n && fdatasync(fd) == 0;
    if (close(fd) != 0 || !good)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    return CY_OK;
}

cy_err cy_home_add(struct cy_home *home, const struct cy_alias *aliases, size_t n)
{
    const size_t cap = n * LINE_MAX_BYTES + 1;
    char *room = malloc(cap);
    struct cy_text out;
    cy_err err = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    out = cy_text_on(room, cap);
    for (size_t i = 0; i < n && cy_ok(err); i++) {
        err = cy_alias_name_check(aliases[i].name);
        write_line(&out, &aliases[i]);
    }
    CY_ASSERT(!out.full);
    if (cy_ok(err))
        err = grow(home, n); /* nothing may fail once it is on disk */
    if (cy_ok(err) && home->dir[0] != 0 && n > 0)
        err = append(home, cy_text_bytes(&out));
    free(room);
    for (size_t i = 0; i < n && cy_ok(err); i++)
        err = keep(home, &aliases[i]);
    return err;
}

/* --- the directory --- */

static const char *choose(const char *dir)
{
    const char *named = getenv("COMITY_DIR");

    if (dir != NULL)
        return dir;
    if (named != NULL && named[0] != 0)
        return named;
    return access(CY_HOME_CLIENT, R_OK) == 0 ? "." : NULL;
}

cy_err cy_home_open(const char *dir, struct cy_home *home, struct cy_text *why)
{
    const char *chosen = choose(dir);
    char path[CY_HOME_DIR_MAX];

    *home = (struct cy_home){0};
    if (chosen == NULL)
        return cy_config_load(settings_, CY_COUNT(settings_), NULL, &home->settings, &home->config,
                              why);
    if (strlen(chosen) >= sizeof home->dir - 32) {
        cy_text_add(why, "the path of the directory is too long");
        return cy_fail(CY_E_TOO_LARGE, sizeof home->dir);
    }
    (void)snprintf(home->dir, sizeof home->dir, "%s", chosen);
    if (!cy_home_path(home, CY_HOME_CLIENT, path))
        return cy_fail(CY_E_TOO_LARGE, CY_HOME_DIR_MAX);
    CY_TRY(
        cy_config_load(settings_, CY_COUNT(settings_), path, &home->settings, &home->config, why));
    return read_aliases(home, why);
}

void cy_home_close(struct cy_home *home)
{
    cy_config_free(home->config);
    free(home->aliases);
    *home = (struct cy_home){0};
}

static cy_err write_settings(const char *path, const struct cy_home_settings *settings)
{
    FILE *file = fopen(path, "wxe");
    bool good = false;

    if (file == NULL)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    good = fprintf(file,
                   "# What the command comity needs to know; `comity config explain` tells more.\n"
                   "url = \"%s\";\npin = \"%s\";\nvkey = \"%s\";\nrealm = \"%s\";\n"
                   "signer = \"%s\";\nas = \"%s\";\n",
                   settings->url, settings->pin, settings->vkey, settings->realm, settings->signer,
                   settings->as) > 0;
    if (fclose(file) != 0 || !good)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    return CY_OK;
}

static bool client_path(const char *dir, const char *end, char out[static CY_HOME_DIR_MAX])
{
    const int n = snprintf(out, CY_HOME_DIR_MAX, "%s/" CY_HOME_CLIENT "%s", dir, end);

    return n > 0 && (size_t)n < CY_HOME_DIR_MAX;
}

cy_err cy_home_write(const char *dir, const struct cy_home_settings *settings)
{
    char path[CY_HOME_DIR_MAX];

    if (!client_path(dir, "", path))
        return cy_fail(CY_E_TOO_LARGE, sizeof path);
    return write_settings(path, settings);
}

cy_err cy_home_rewrite(const char *dir, const struct cy_home_settings *settings)
{
    char path[CY_HOME_DIR_MAX];
    char fresh[CY_HOME_DIR_MAX];

    if (!client_path(dir, "", path) || !client_path(dir, ".new", fresh))
        return cy_fail(CY_E_TOO_LARGE, sizeof path);
    (void)unlink(fresh); /* what an interrupted run left */
    CY_TRY(write_settings(fresh, settings));
    return rename(fresh, path) == 0 ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}
