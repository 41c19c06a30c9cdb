/* cli_peer: `comity peer`: cells that witness one another.
 *
 *     comity init --> DIR/peer.conf: what others need to know of this cell, nothing secret
 *     comity peer add --peer OTHER/peer.conf --witness --cosign
 *         --> DIR/peers/ORIGIN.conf, and the last part of DIR/comityd.conf written anew
 *
 * --witness: the other cosigns our heads. --cosign: we cosign the other's. The daemon reads its
 * settings when it starts.
 *
 * Each change leaves its lines in the audit log (cli_trail.h). What the files look like: peers.h.
 *
 * Owns: these commands. */
#ifndef CY_HOST_CLI_CLI_PEER_H
#define CY_HOST_CLI_CLI_PEER_H

#include "crypto/note_key.h"
#include "host/cli/cli_run.h"
#include "host/system/peers.h"

extern const struct cy_cli_option cy_cli_peer_options[];

/* cy_cli_peer_read reads a card; its texts live as long as *config (cy_config_free). cy_cli_peer_of
 * reads the card of a peer, by the name of its ledger, from DIR/peers. They fail as cy_peer_read;
 * run->why says where. */
CY_MUST_USE cy_err cy_cli_peer_read(struct cy_cli *run, const char *path, struct cy_peer *peer,
                                    struct cy_config **config);
CY_MUST_USE cy_err cy_cli_peer_of(struct cy_cli *run, const char *dir, const char *origin,
                                  struct cy_peer *peer, struct cy_config **config);

/* cy_cli_peer_given reads the card of --peer, with --witness and --cosign. Fails with USAGE, else
 * the same. */
CY_MUST_USE cy_err cy_cli_peer_given(struct cy_cli *run, struct cy_peer *peer,
                                     struct cy_config **config);

/* cy_peer_find finds a peer by the name of its ledger, the beginning of it up to '/', or its URL. A
 * URL that is no peer's gives a card with that URL alone. Fails with UNKNOWN_PEER; cy_config_free
 * out->config (may be NULL). */
struct cy_peer_found {
    struct cy_peer card;
    struct cy_config *config;
};
CY_MUST_USE cy_err cy_peer_find(struct cy_cli *run, const char *word, struct cy_peer_found *out);

/* cy_cli_peer_witnesses gives the keys of the peers that cosign our heads, at most `most`; their
 * names lie in the run's arena. None without a directory. Fails as the reading of cards, NO_ROOM.
 */
CY_MUST_USE cy_err cy_cli_peer_witnesses(struct cy_cli *run, struct cy_note_key *keys,
                                         uint32_t most, uint32_t *n);

int cy_cli_peer_add(struct cy_cli *run);
int cy_cli_peer_remove(struct cy_cli *run);
int cy_cli_peer_list(struct cy_cli *run);

#endif
