#include "host/system/peers.h"

#include "host/system/form.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER "# --- peers: written by `comity peer`; edit above this line ---\n"
#define CONFIG_MAX ((size_t)1 << 20)
#define CARD_MAX ((size_t)1 << 14)
#define PATH_BYTES 1400u

#define TEXT(field, low, high, form, doc)                                                          \
    {                                                                                              \
#field, CY_SETTING_TEXT, offsetof(struct cy_peer, field), low == 0 ? "" : NULL, low, high, \
            form, NULL, NULL, doc                                                                  \
    }
#define FLAG(field, doc)                                                                           \
    {                                                                                              \
#field, CY_SETTING_BOOL, offsetof(struct cy_peer, field), "false", 0, 1, CY_FORM_ANY,      \
            NULL, NULL, doc                                                                        \
    }

static const struct cy_setting settings[] = {
    TEXT(origin, 1, 63, CY_FORM_ORIGIN, "name of its ledger"),
    TEXT(url, 1, 1024, CY_FORM_URL, "where its daemon is"),
    TEXT(pin, 0, 64, CY_FORM_PIN, "pin of its TLS key"),
    TEXT(vkey, 1, 400, CY_FORM_VKEY, "key of its heads"),
    TEXT(witness_vkey, 1, 400, CY_FORM_VKEY, "key of its cosignatures"),
    TEXT(since, 0, 30, CY_FORM_TIME, "when it was introduced here"),
    FLAG(witness, "it cosigns our heads"),
    FLAG(cosign, "we cosign its heads"),
};

static cy_err disk_failed(void)
{
    return cy_fail(errno == ENOSPC ? CY_E_NO_SPACE : CY_E_DISK_FAILED, (uint64_t)errno);
}

/* The whole file with a 0 behind it (malloc). */
static cy_err slurp(const char *path, size_t most, char **out, size_t *n, struct cy_text *why)
{
    FILE *file = fopen(path, "re");
    char *room = NULL;
    bool bad = false;

    *out = NULL;
    if (file == NULL) {
        const int reason = errno;

        cy_text_add(why, path);
        cy_text_add(why, ": ");
        cy_text_add(why, strerror(reason));
        return cy_fail(reason == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, (uint64_t)reason);
    }
    room = malloc(most + 2);
    if (room == NULL) {
        (void)fclose(file);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    *n = fread(room, 1, most + 1, file);
    bad = ferror(file) != 0;
    (void)fclose(file);
    if (bad || *n > most) {
        free(room);
        cy_text_add(why, path);
        cy_text_add(why, bad ? " cannot be read" : " is too large");
        return bad ? disk_failed() : cy_fail(CY_E_TOO_LARGE, most);
    }
    room[*n] = 0;
    *out = room;
    return CY_OK;
}

/* --- one card --- */

/* Its texts go between quotes: none may end them. */
static bool quotable(const char *text)
{
    return strpbrk(text, "\"\\\n\r") == NULL;
}

static bool formed(const struct cy_peer *peer)
{
    return cy_form_origin(peer->origin) && strlen(peer->origin) <= 63 && cy_form_url(peer->url) &&
           (peer->pin[0] == 0 || cy_form_pin(peer->pin)) && cy_form_vkey(peer->vkey) &&
           cy_form_vkey(peer->witness_vkey) && (peer->since[0] == 0 || cy_form_time(peer->since)) &&
           quotable(peer->origin) && quotable(peer->url) && quotable(peer->vkey) &&
           quotable(peer->witness_vkey);
}

cy_err cy_peer_write(const char *path, const struct cy_peer *peer)
{
    FILE *file = fopen(path, "we");
    bool good = false;

    if (file == NULL)
        return disk_failed();
    good = fprintf(file,
                   "# What other cells need to know of this one. Nothing here is secret.\n"
                   "origin = \"%s\";\nurl = \"%s\";\npin = \"%s\";\nvkey = \"%s\";\n"
                   "witness_vkey = \"%s\";\n",
                   peer->origin, peer->url, peer->pin, peer->vkey, peer->witness_vkey) > 0;
    if (peer->since[0] != 0)
        good = fprintf(file, "since = \"%s\";\n", peer->since) > 0 && good;
    good = fputs(peer->witness ? "witness = true;\n" : "", file) >= 0 && good;
    good = fputs(peer->cosign ? "cosign = true;\n" : "", file) >= 0 && good;
    if (fclose(file) != 0 || !good)
        return disk_failed();
    return CY_OK;
}

cy_err cy_peer_read(const char *path, struct cy_peer *peer, struct cy_config **config,
                    struct cy_text *why)
{
    char *text = NULL;
    size_t n = 0;
    bool includes = false;

    CY_TRY(slurp(path, CARD_MAX, &text, &n, why));
    CY_ASSERT(text != NULL);
    includes = strstr(text, "@include") != NULL; /* another's card reads no file here */
    free(text);
    if (includes) {
        cy_text_add(why, "a peer card must not include other files");
        return cy_fail(CY_E_BAD_CONFIG, 0);
    }
    CY_TRY(cy_config_load(settings, CY_COUNT(settings), path, peer, config, why));
    if (formed(peer))
        return CY_OK;
    cy_config_free(*config);
    *config = NULL;
    cy_text_add(why, path);
    cy_text_add(why, ": a text holds a quote or a backslash");
    return cy_fail(CY_E_BAD_CONFIG, 0);
}

void cy_peer_path(const char *dir, const char *origin, char *out, size_t cap)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s", origin);
    for (char *c = name; *c != 0; c++)
        *c = *c == '/' ? '_' : *c;
    (void)snprintf(out, cap, "%.1000s/peers/%s.conf", dir, name);
}

/* --- all of them --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct cy_peer *)a)->origin, ((const struct cy_peer *)b)->origin);
}

void cy_peers_free(struct cy_peers *peers)
{
    for (size_t i = 0; peers != NULL && i < peers->n; i++)
        cy_config_free(peers->configs[i]);
    free(peers);
}

static cy_err read_all(DIR *list, const char *dir, struct cy_peers *peers, struct cy_text *why)
{
    struct dirent *entry = NULL;

    while ((entry = readdir(list)) != NULL) {
        char path[PATH_BYTES];

        if (entry->d_name[0] == '.')
            continue;
        if (peers->n == CY_PEERS_MAX)
            return cy_fail(CY_E_NO_ROOM, CY_PEERS_MAX);
        (void)snprintf(path, sizeof path, "%.1000s/peers/%s", dir, entry->d_name);
        CY_TRY(cy_peer_read(path, &peers->at[peers->n], &peers->configs[peers->n], why));
        peers->n++;
    }
    qsort(peers->at, peers->n, sizeof peers->at[0], by_name);
    return CY_OK;
}

cy_err cy_peers_read(const char *dir, struct cy_peers **out, struct cy_text *why)
{
    struct cy_peers *peers = calloc(1, sizeof *peers);
    char path[PATH_BYTES];
    DIR *list = NULL;
    cy_err err = CY_OK;

    *out = NULL;
    if (peers == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    (void)snprintf(path, sizeof path, "%.1000s/peers", dir);
    list = opendir(path);
    if (list == NULL && errno != ENOENT)
        err = disk_failed();
    else if (list != NULL)
        err = read_all(list, dir, peers, why);
    if (list != NULL)
        (void)closedir(list);
    if (cy_ok(err))
        *out = peers;
    else
        cy_peers_free(peers);
    return err;
}

/* --- the last part of the configuration --- */

static void write_peers(FILE *file, const struct cy_peers *peers)
{
    bool first = true;

    (void)fputs(MARKER "witnesses = (", file);
    for (size_t i = 0; i < peers->n; i++) {
        const struct cy_peer *p = &peers->at[i];

        if (!p->witness)
            continue;
        (void)fprintf(file,
                      "%s\n    { name = \"%s\"; url = \"%s\"; vkey = \"%s\"; tls_pin = \"%s\"; "
                      "since = \"%s\"; }",
                      first ? "" : ",", p->origin, p->url, p->witness_vkey, p->pin, p->since);
        first = false;
    }
    (void)fputs(" );\nwitness_for = (", file);
    first = true;
    for (size_t i = 0; i < peers->n; i++) {
        if (!peers->at[i].cosign)
            continue;
        (void)fprintf(file, "%s\n    { origin = \"%s\"; vkey = \"%s\"; }", first ? "" : ",",
                      peers->at[i].origin, peers->at[i].vkey);
        first = false;
    }
    (void)fputs(" );\n", file);
}

/* Replaces what follows the marker; the rest of the file stays as its owner wrote it. */
static cy_err write_behind(const char *conf, const char *old, size_t n,
                           const struct cy_peers *peers)
{
    const char *end = strstr(old, MARKER);
    const size_t keep = end == NULL ? n : (size_t)(end - old);
    char fresh[PATH_BYTES];
    FILE *file = NULL;
    bool good = false;

    (void)snprintf(fresh, sizeof fresh, "%.1300s.new", conf);
    file = fopen(fresh, "we");
    good = file != NULL && fwrite(old, 1, keep, file) == keep;
    if (good)
        write_peers(file, peers);
    good = good && ferror(file) == 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if ((file != NULL && fclose(file) != 0) || !good || rename(fresh, conf) != 0)
        return disk_failed();
    return CY_OK;
}

static cy_err rewrite(const char *dir, const char *conf, struct cy_text *why)
{
    struct cy_peers *peers = NULL;
    char *old = NULL;
    size_t n = 0;
    cy_err err = cy_peers_read(dir, &peers, why);

    if (cy_ok(err))
        err = slurp(conf, CONFIG_MAX, &old, &n, why);
    if (old != NULL)
        err = write_behind(conf, old, n, peers);
    free(old);
    cy_peers_free(peers);
    return err;
}

cy_err cy_peers_put(const char *dir, const char *conf, const struct cy_peer *peer,
                    struct cy_text *why)
{
    char path[PATH_BYTES];

    if (!formed(peer)) {
        cy_text_add(why, "origin, url, pin, vkey and witness_vkey have the forms of a peer card");
        return cy_fail(CY_E_BAD_CONFIG, 0);
    }
    (void)snprintf(path, sizeof path, "%.1000s/peers", dir);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return disk_failed();
    cy_peer_path(dir, peer->origin, path, sizeof path);
    CY_TRY(cy_peer_write(path, peer));
    return rewrite(dir, conf, why);
}

cy_err cy_peers_drop(const char *dir, const char *conf, const char *origin, struct cy_text *why)
{
    char path[PATH_BYTES];

    if (!cy_form_origin(origin) || strlen(origin) > 63)
        return cy_fail(CY_E_UNKNOWN_PEER, 0);
    cy_peer_path(dir, origin, path, sizeof path);
    if (unlink(path) != 0)
        return errno == ENOENT ? cy_fail(CY_E_UNKNOWN_PEER, 0) : disk_failed();
    return rewrite(dir, conf, why);
}
