#include "host/cli/cli_peer.h"

#include "host/cli/cli_trail.h"
#include "host/system/form.h"

#include <stdlib.h>
#include <sys/stat.h>

#define PATH_BYTES (CY_HOME_DIR_MAX + 100)

const struct cy_cli_option cy_cli_peer_options[] = {
    {"peer",    "FILE", "the other cell's peer.conf, or its directory"},
    {"witness", NULL,   "it cosigns our heads"                        },
    {"cosign",  NULL,   "we cosign its heads"                         },
    {NULL,      NULL,   NULL                                          },
};

cy_err cy_cli_peer_read(struct cy_cli *run, const char *path, struct cy_peer *peer,
                        struct cy_config **config)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);

    return cy_peer_read(path, peer, config, &why);
}

cy_err cy_cli_peer_of(struct cy_cli *run, const char *dir, const char *origin, struct cy_peer *peer,
                      struct cy_config **config)
{
    char path[PATH_BYTES];

    cy_peer_path(dir, origin, path, sizeof path);
    return cy_cli_peer_read(run, path, peer, config);
}

static cy_err read_peers(struct cy_cli *run, struct cy_peers **out)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);

    return cy_peers_read(run->home.dir, out, &why);
}

cy_err cy_cli_peer_witnesses(struct cy_cli *run, struct cy_note_key *keys, uint32_t most,
                             uint32_t *n)
{
    struct cy_peers *peers = NULL;
    cy_err err = CY_OK;

    *n = 0;
    if (run->home.dir[0] == 0)
        return CY_OK;
    CY_TRY(read_peers(run, &peers));
    for (size_t i = 0; cy_ok(err) && i < peers->n; i++) {
        const char *vkey = peers->at[i].witness_vkey;
        const size_t size = strlen(vkey);
        char *keep = NULL;

        if (!peers->at[i].witness)
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
    cy_peers_free(peers);
    return err;
}

static bool called(const struct cy_peer *peer, const char *word)
{
    const size_t n = strlen(word);

    return strcmp(peer->origin, word) == 0 || strcmp(peer->url, word) == 0 ||
           (strncmp(peer->origin, word, n) == 0 && peer->origin[n] == '/');
}

cy_err cy_peer_find(struct cy_cli *run, const char *word, struct cy_peer_found *out)
{
    const bool url = strncmp(word, "http://", 7) == 0 || strncmp(word, "https://", 8) == 0;
    struct cy_peers *peers = NULL;
    char origin[64] = "";

    *out = (struct cy_peer_found){
        .card = {
                 .origin = "", .url = word, .pin = "", .vkey = "", .witness_vkey = "", .since = ""}
    };
    if (run->home.dir[0] != 0)
        CY_TRY(read_peers(run, &peers));
    for (size_t i = 0; peers != NULL && i < peers->n; i++) {
        if (called(&peers->at[i], word))
            (void)snprintf(origin, sizeof origin, "%s", peers->at[i].origin);
    }
    cy_peers_free(peers);
    if (origin[0] != 0)
        return cy_cli_peer_of(run, run->home.dir, origin, &out->card, &out->config);
    cy_cli_note(run, "%s", word);
    return url ? CY_OK : cy_fail(CY_E_UNKNOWN_PEER, 0);
}

cy_err cy_cli_peer_given(struct cy_cli *run, struct cy_peer *peer, struct cy_config **config)
{
    const char *given = cy_cli_arg(&run->args, "peer");
    char path[PATH_BYTES];
    struct stat st;

    peer->witness = cy_cli_arg_on(&run->args, "witness");
    peer->cosign = cy_cli_arg_on(&run->args, "cosign");
    if (given == NULL || (!peer->witness && !peer->cosign)) {
        cy_cli_note(run, "give --peer FILE, and --witness or --cosign");
        return cy_fail(CY_E_USAGE, 0);
    }
    (void)snprintf(path, sizeof path,
                   stat(given, &st) == 0 && S_ISDIR(st.st_mode) ? "%.1000s/peer.conf" : "%.1000s",
                   given);
    CY_TRY(cy_cli_peer_read(run, path, peer, config));
    peer->witness = cy_cli_arg_on(&run->args, "witness");
    peer->cosign = cy_cli_arg_on(&run->args, "cosign");
    return CY_OK;
}

/* --- commands --- */

static cy_err conf_path(const struct cy_cli *run, char out[static CY_HOME_DIR_MAX])
{
    return cy_home_path(&run->home, "comityd.conf", out) ? CY_OK
                                                         : cy_fail(CY_E_TOO_LARGE, CY_HOME_DIR_MAX);
}

static cy_err add(struct cy_cli *run, struct cy_peer *peer)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    char conf[CY_HOME_DIR_MAX];
    char since[40];
    struct cy_text time = cy_text_on(since, sizeof since);
    uint64_t seq = 0;
    cy_err err = CY_OK;

    cy_time_text(&time, cy_cli_now());
    peer->since = since;
    CY_TRY(conf_path(run, conf));
    CY_TRY(cy_cli_trail_begin(run, "peer.add", peer->origin, &seq));
    err = cy_peers_put(run->home.dir, conf, peer, &why);
    cy_cli_trail_end(run, "peer.add", peer->origin, seq, err);
    return err;
}

int cy_cli_peer_add(struct cy_cli *run)
{
    struct cy_peer peer;
    struct cy_config *config = NULL;
    bool witness = false;
    bool cosign = false;
    cy_err err = CY_OK;

    if (run->home.dir[0] == 0)
        return cy_cli_wrong(run, "comity peer needs the directory of a cell: --dir DIR");
    err = cy_cli_peer_given(run, &peer, &config);
    if (cy_ok(err)) {
        witness = peer.witness;
        cosign = peer.cosign;
        err = add(run, &peer);
        cy_config_free(config);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:b,s:b}", "witness", witness, "cosign", cosign));
    (void)fprintf(run->out, "%s%s%s; start comityd again to use it\n",
                  witness ? "it cosigns our heads" : "", witness && cosign ? ", and " : "",
                  cosign ? "we cosign its heads" : "");
    return CY_EXIT_OK;
}

int cy_cli_peer_remove(struct cy_cli *run)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    char conf[CY_HOME_DIR_MAX];
    const char *origin = run->args.n_words > 2 ? run->args.words[2] : NULL;
    uint64_t seq = 0;
    cy_err err = CY_OK;

    if (run->home.dir[0] == 0 || origin == NULL)
        return cy_cli_wrong(run, "write: comity peer remove ORIGIN, with --dir DIR of a cell");
    err = conf_path(run, conf);
    if (cy_ok(err))
        err = cy_cli_trail_begin(run, "peer.remove", origin, &seq);
    if (cy_ok(err)) {
        err = cy_peers_drop(run->home.dir, conf, origin, &why);
        cy_cli_trail_end(run, "peer.remove", origin, seq, err);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s}", "removed", origin));
    (void)fprintf(run->out, "%s is no peer any more; start comityd again\n", origin);
    return CY_EXIT_OK;
}

int cy_cli_peer_list(struct cy_cli *run)
{
    struct cy_peers *peers = NULL;
    json_t *list = json_array();
    const cy_err err = read_peers(run, &peers);

    for (size_t i = 0; cy_ok(err) && i < peers->n; i++) {
        const struct cy_peer *p = &peers->at[i];

        (void)json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:b,s:b}", "origin", p->origin,
                                                    "url", p->url, "vkey", p->vkey, "witness",
                                                    p->witness, "cosign", p->cosign));
        if (!run->json)
            (void)fprintf(run->out, "%-28s %-32s%s%s\n", p->origin, p->url,
                          p->witness ? "  cosigns our heads" : "",
                          p->cosign ? "  we cosign its heads" : "");
    }
    cy_peers_free(peers);
    if (!cy_ok(err)) {
        json_decref(list);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        return cy_cli_print(run, list);
    json_decref(list);
    return CY_EXIT_OK;
}
