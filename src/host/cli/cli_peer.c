#include "host/cli/cli_peer.h"

#include "host/system/form.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER "# --- peers: written by `comity peer`; edit above this line ---\n"
#define CONFIG_MAX ((size_t)1 << 20)
#define PEERS_MAX 64u
#define CARD_MAX ((size_t)1 << 14)

const struct cy_cli_option cy_cli_peer_options[] = {
    {"peer",    "FILE", "the other cell's peer.conf, or its directory"},
    {"witness", NULL,   "it cosigns our heads"                        },
    {"cosign",  NULL,   "we cosign its heads"                         },
    {NULL,      NULL,   NULL                                          },
};

struct card {
    const char *origin;
    const char *url;
    const char *pin;
    const char *vkey;
    const char *witness_vkey;
    const char *since;
    bool witness;
    bool cosign;
};

#define TEXT(field, low, high, form, doc)                                                          \
    {                                                                                              \
#field, CY_SETTING_TEXT, offsetof(struct card, field), low == 0 ? "" : NULL, low, high,    \
            form, NULL, NULL, doc                                                                  \
    }
#define FLAG(field, doc)                                                                           \
    {                                                                                              \
#field, CY_SETTING_BOOL, offsetof(struct card, field), "false", 0, 1, CY_FORM_ANY, NULL,   \
            NULL, doc                                                                              \
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

cy_err cy_peer_card_write(const char *path, const struct cy_peer_card *card, const char *more)
{
    FILE *file = fopen(path, "we");
    bool good = false;

    if (file == NULL)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    good = fprintf(file,
                   "# What other cells need to know of this one. Nothing here is secret.\n"
                   "origin = \"%s\";\nurl = \"%s\";\npin = \"%s\";\nvkey = \"%s\";\n"
                   "witness_vkey = \"%s\";\n%s",
                   card->origin, card->url, card->pin, card->vkey, card->witness_vkey, more) > 0;
    if (fclose(file) != 0 || !good)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    return CY_OK;
}

static cy_err read_card(struct cy_cli *run, const char *path, struct card *card,
                        struct cy_config **config)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    struct cy_span bytes;

    CY_TRY(cy_cli_read_file(run, path, CARD_MAX, &bytes));
    if (strstr((const char *)bytes.at, "@include") !=
        NULL) { /* another's card reads no file here */
        cy_text_add(&why, "a peer card must not include other files");
        return cy_fail(CY_E_BAD_CONFIG, 0);
    }
    return cy_config_load(settings, CY_COUNT(settings), path, card, config, &why);
}

/* Slashes of an origin are written as '_' in the name of its card. */
static void card_name(const char *origin, char out[static 64])
{
    (void)snprintf(out, 64, "%s", origin);
    for (char *c = out; *c != 0; c++)
        *c = *c == '/' ? '_' : *c;
}

cy_err cy_peer_card_read(struct cy_cli *run, const char *path, struct cy_peer_card *card,
                         struct cy_config **config)
{
    struct card read;

    CY_TRY(read_card(run, path, &read, config));
    *card = (struct cy_peer_card){read.origin, read.url, read.pin, read.vkey, read.witness_vkey};
    return CY_OK;
}

cy_err cy_peer_card_of(struct cy_cli *run, const char *dir, const char *origin,
                       struct cy_peer_card *card, struct cy_config **config)
{
    char path[CY_HOME_DIR_MAX + 100];
    char name[64];

    card_name(origin, name);
    (void)snprintf(path, sizeof path, "%.1000s/peers/%s.conf", dir, name);
    return cy_peer_card_read(run, path, card, config);
}

/* --- the last part of comityd.conf --- */

static void write_peers(FILE *file, const struct card *cards, size_t n)
{
    bool first = true;

    (void)fputs(MARKER "witnesses = (", file);
    for (size_t i = 0; i < n; i++) {
        if (!cards[i].witness)
            continue;
        (void)fprintf(file,
                      "%s\n    { name = \"%s\"; url = \"%s\"; vkey = \"%s\"; tls_pin = \"%s\"; "
                      "since = \"%s\"; }",
                      first ? "" : ",", cards[i].origin, cards[i].url, cards[i].witness_vkey,
                      cards[i].pin, cards[i].since);
        first = false;
    }
    (void)fputs(" );\nwitness_for = (", file);
    first = true;
    for (size_t i = 0; i < n; i++) {
        if (!cards[i].cosign)
            continue;
        (void)fprintf(file, "%s\n    { origin = \"%s\"; vkey = \"%s\"; }", first ? "" : ",",
                      cards[i].origin, cards[i].vkey);
        first = false;
    }
    (void)fputs(" );\n", file);
}

/* Replaces what follows the marker; the rest of the file stays as its owner wrote it. */
static cy_err rewrite_config(struct cy_cli *run, const struct card *cards, size_t n)
{
    char path[CY_HOME_DIR_MAX];
    char fresh[CY_HOME_DIR_MAX + 8];
    struct cy_span old;
    const char *end = NULL;
    FILE *file = NULL;
    bool good = false;

    if (!cy_home_path(&run->home, "comityd.conf", path))
        return cy_fail(CY_E_TOO_LARGE, sizeof path);
    CY_TRY(cy_cli_read_file(run, path, CONFIG_MAX, &old));
    end = strstr((const char *)old.at, MARKER);
    if (end != NULL)
        old.n = (size_t)(end - (const char *)old.at);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    file = fopen(fresh, "we");
    if (file == NULL)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    good = fwrite(old.at, 1, old.n, file) == old.n;
    write_peers(file, cards, n);
    good = good && ferror(file) == 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (fclose(file) != 0 || !good || rename(fresh, path) != 0)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    return CY_OK;
}

/* Every card in DIR/peers. The configs keep the texts alive until the caller frees them. */
struct peers {
    struct card cards[PEERS_MAX];
    struct cy_config *configs[PEERS_MAX];
    size_t n;
};

static void free_peers(struct peers *peers)
{
    for (size_t i = 0; i < peers->n; i++)
        cy_config_free(peers->configs[i]);
    free(peers);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct card *)a)->origin, ((const struct card *)b)->origin);
}

static cy_err read_peers(struct cy_cli *run, struct peers *peers)
{
    char dir[CY_HOME_DIR_MAX];
    DIR *list = NULL;
    struct dirent *entry = NULL;
    cy_err err = CY_OK;

    if (!cy_home_path(&run->home, "peers", dir))
        return cy_fail(CY_E_TOO_LARGE, sizeof dir);
    list = opendir(dir);
    if (list == NULL)
        return errno == ENOENT ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    while (cy_ok(err) && (entry = readdir(list)) != NULL) {
        char path[CY_HOME_DIR_MAX + 300];

        if (entry->d_name[0] == '.')
            continue;
        if (peers->n == PEERS_MAX) {
            err = cy_fail(CY_E_NO_ROOM, PEERS_MAX);
            break;
        }
        (void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        err = read_card(run, path, &peers->cards[peers->n], &peers->configs[peers->n]);
        if (cy_ok(err))
            peers->n++;
    }
    (void)closedir(list);
    qsort(peers->cards, peers->n, sizeof peers->cards[0], by_name);
    return err;
}

cy_err cy_cli_peer_witnesses(struct cy_cli *run, struct cy_note_key *keys, uint32_t most,
                             uint32_t *n)
{
    struct peers *peers = NULL;
    cy_err err = CY_OK;

    *n = 0;
    if (run->home.dir[0] == 0)
        return CY_OK;
    peers = calloc(1, sizeof *peers);
    if (peers == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err = read_peers(run, peers);
    for (size_t i = 0; cy_ok(err) && i < peers->n; i++) {
        const char *vkey = peers->cards[i].witness_vkey;
        const size_t size = strlen(vkey);
        char *keep = NULL;

        if (!peers->cards[i].witness)
            continue;
        keep = *n < most ? cy_arena_take(&run->arena, size) : NULL;
        if (keep == NULL) {
            err = cy_fail(CY_E_NO_ROOM, most);
            break;
        }
        memcpy(keep, vkey, size);
        err = cy_note_vkey_read(cy_span_of(keep, size), &keys[*n]);
        if (cy_ok(err) && keys[(*n)++].type != CY_NOTE_COSIGNATURE)
            err = cy_fail(CY_E_BAD_VKEY, 0);
    }
    free_peers(peers);
    return err;
}

static bool called(const struct card *card, const char *word)
{
    const size_t n = strlen(word);

    return strcmp(card->origin, word) == 0 || strcmp(card->url, word) == 0 ||
           (strncmp(card->origin, word, n) == 0 && card->origin[n] == '/');
}

cy_err cy_peer_find(struct cy_cli *run, const char *word, struct cy_peer_found *out)
{
    struct peers *peers = calloc(1, sizeof *peers);
    const bool url = strncmp(word, "http://", 7) == 0 || strncmp(word, "https://", 8) == 0;
    char origin[64] = "";
    cy_err err = CY_OK;

    *out = (struct cy_peer_found){
        .card = {"", word, "", "", ""}
    };
    if (peers == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (run->home.dir[0] != 0)
        err = read_peers(run, peers);
    for (size_t i = 0; i < peers->n; i++) {
        if (!called(&peers->cards[i], word))
            continue;
        (void)snprintf(origin, sizeof origin, "%s", peers->cards[i].origin);
        out->witness = peers->cards[i].witness;
        out->cosign = peers->cards[i].cosign;
    }
    free_peers(peers);
    CY_TRY(err);
    if (origin[0] != 0)
        return cy_peer_card_of(run, run->home.dir, origin, &out->card, &out->config);
    cy_cli_note(run, "%s", word);
    return url ? CY_OK : cy_fail(CY_E_UNKNOWN_PEER, 0);
}

/* --- commands --- */

/* DIR/peers/ORIGIN.conf */
static cy_err keep_card(struct cy_cli *run, const struct card *card, bool witness, bool cosign)
{
    char dir[CY_HOME_DIR_MAX];
    char path[CY_HOME_DIR_MAX + 100];
    char name[64];
    char more_bytes[120];
    struct cy_text more = cy_text_on(more_bytes, sizeof more_bytes);
    const struct cy_peer_card keep = {card->origin, card->url, card->pin, card->vkey,
                                      card->witness_vkey};

    cy_text_add(&more, "since = \"");
    cy_time_text(&more, cy_cli_now());
    cy_text_add(&more, witness ? "\";\nwitness = true;\n" : "\";\n");
    cy_text_add(&more, cosign ? "cosign = true;\n" : "");
    if (!cy_home_path(&run->home, "peers", dir))
        return cy_fail(CY_E_TOO_LARGE, sizeof dir);
    if (mkdir(dir, 0755) != 0 && errno != EEXIST)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    card_name(card->origin, name);
    (void)snprintf(path, sizeof path, "%s/%s.conf", dir, name);
    return cy_peer_card_write(path, &keep, more_bytes);
}

static cy_err add(struct cy_cli *run, const char *given)
{
    char path[CY_HOME_DIR_MAX + 16];
    struct stat st;
    struct card card;
    struct cy_config *config = NULL;
    struct peers *peers = calloc(1, sizeof *peers);
    cy_err err = CY_OK;

    if (peers == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (stat(given, &st) == 0 && S_ISDIR(st.st_mode))
        (void)snprintf(path, sizeof path, "%.1000s/peer.conf", given);
    else
        (void)snprintf(path, sizeof path, "%.1000s", given);
    err = read_card(run, path, &card, &config);
    if (cy_ok(err)) {
        err = keep_card(run, &card, cy_cli_arg_on(&run->args, "witness"),
                        cy_cli_arg_on(&run->args, "cosign"));
        cy_config_free(config);
    }
    if (cy_ok(err))
        err = read_peers(run, peers);
    if (cy_ok(err))
        err = rewrite_config(run, peers->cards, peers->n);
    free_peers(peers);
    return err;
}

int cy_cli_peer_add(struct cy_cli *run)
{
    const char *given = cy_cli_arg(&run->args, "peer");
    const bool witness = cy_cli_arg_on(&run->args, "witness");
    const bool cosign = cy_cli_arg_on(&run->args, "cosign");
    cy_err err = CY_OK;

    if (given == NULL || (!witness && !cosign))
        return cy_cli_wrong(run, "comity peer add needs --peer FILE, and --witness or --cosign");
    if (run->home.dir[0] == 0)
        return cy_cli_wrong(run, "comity peer needs the directory of a cell: --dir DIR");
    err = add(run, given);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:b,s:b}", "witness", witness, "cosign", cosign));
    (void)fprintf(run->out, "%s%s%s; start comityd again to use it\n",
                  witness ? "it cosigns our heads" : "", witness && cosign ? ", and " : "",
                  cosign ? "we cosign its heads" : "");
    return CY_EXIT_OK;
}

int cy_cli_peer_list(struct cy_cli *run)
{
    struct peers *peers = calloc(1, sizeof *peers);
    json_t *list = json_array();
    cy_err err = peers == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : read_peers(run, peers);

    for (size_t i = 0; cy_ok(err) && i < peers->n; i++) {
        const struct card *c = &peers->cards[i];

        (void)json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:b,s:b}", "origin", c->origin,
                                                    "url", c->url, "vkey", c->vkey, "witness",
                                                    c->witness, "cosign", c->cosign));
        if (!run->json)
            (void)fprintf(run->out, "%-28s %-32s%s%s\n", c->origin, c->url,
                          c->witness ? "  cosigns our heads" : "",
                          c->cosign ? "  we cosign its heads" : "");
    }
    if (peers != NULL)
        free_peers(peers);
    if (!cy_ok(err)) {
        json_decref(list);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        return cy_cli_print(run, list);
    json_decref(list);
    return CY_EXIT_OK;
}
