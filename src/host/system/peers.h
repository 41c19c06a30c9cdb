/* peers: the cells that an operator introduced to this one, as files beside the configuration.
 *
 *     DIR/peers/ORIGIN.conf   one card each ('/' of an origin is written '_'): what others need to
 *                             know of a cell, nothing secret, and what it is to us
 *     DIR/comityd.conf        what follows the marker line is made from the cards
 *
 * A card may come from somebody else: it cannot have this machine read further files, and its texts
 * have their forms (config.h), so none of them can say more in the configuration than it should.
 *
 * Owns: DIR/peers/ and the last part of the configuration. Never: talks to a peer. */
#ifndef CY_HOST_SYSTEM_PEERS_H
#define CY_HOST_SYSTEM_PEERS_H

#include "host/system/config.h"

#define CY_PEERS_MAX 64u

struct cy_peer {
    const char *origin;
    const char *url;
    const char *pin;          /* of its TLS key; empty without TLS */
    const char *vkey;         /* of its heads */
    const char *witness_vkey; /* of its cosignatures */
    const char *since;        /* when it was introduced here; empty: not said */
    bool witness;             /* it cosigns our heads */
    bool cosign;              /* we cosign its heads */
};

struct cy_peers {
    struct cy_peer at[CY_PEERS_MAX]; /* by origin */
    struct cy_config *configs[CY_PEERS_MAX];
    size_t n;
};

/* cy_peer_write writes a card anew. Fails with DISK_FAILED. */
CY_MUST_USE cy_err cy_peer_write(const char *path, const struct cy_peer *peer);

/* cy_peer_read reads a card; its texts live as long as *config (cy_config_free). Fails with
 * NO_FILE, TOO_LARGE, BAD_CONFIG, DISK_FAILED; why says where. */
CY_MUST_USE cy_err cy_peer_read(const char *path, struct cy_peer *peer, struct cy_config **config,
                                struct cy_text *why);

/* cy_peer_path is where the card of an origin stands below DIR. */
void cy_peer_path(const char *dir, const char *origin, char *out, size_t cap);

/* cy_peers_read reads every card in DIR/peers; free with cy_peers_free (NULL does nothing). Fails
 * as cy_peer_read, NO_ROOM, NO_MEMORY. */
CY_MUST_USE cy_err cy_peers_read(const char *dir, struct cy_peers **out, struct cy_text *why);
void cy_peers_free(struct cy_peers *peers);

/* cy_peers_put keeps a card, over an older one of the same origin, and writes the configuration
 * anew; cy_peers_drop removes one. conf is the daemon's configuration file. They fail as above;
 * put with BAD_CONFIG when a text has not its form, drop with UNKNOWN_PEER. */
CY_MUST_USE cy_err cy_peers_put(const char *dir, const char *conf, const struct cy_peer *peer,
                                struct cy_text *why);
CY_MUST_USE cy_err cy_peers_drop(const char *dir, const char *conf, const char *origin,
                                 struct cy_text *why);

#endif
