/* signer_server: the signer's socket. One thread, many clients.
 *
 *     round:  wait -> read what came -> answer whole frames -> commit once -> send
 *
 * Nothing is sent before the commit of its round, so one flush of the disk covers every head, and
 * one every vote, that was asked for meanwhile. When the commit fails, the held answers become that
 * error.
 *
 * The socket file has mode 0600, or 0666 when a second user is admitted; whoever connects must run
 * as this user or as the admitted one (SO_PEERCRED). Others are dropped without a word.
 *
 * Owns: the socket and its file. Never: judges requests (signer_desk.h). */
#ifndef CY_HOST_SIGNER_SIGNER_SERVER_H
#define CY_HOST_SIGNER_SIGNER_SERVER_H

#include "host/signer/signer_desk.h"

#define CY_SIGNER_CLIENTS_MAX 64u

struct cy_signer_server;

/* cy_signer_server_open listens at path. A dead socket file there is replaced; peer_uid: a further
 * user who may connect, or -1. Fails with SIGNER_BUSY (somebody answers there), RANGE (path too
 * long for a socket), HTTP_BIND (detail: errno) or NO_MEMORY. */
CY_MUST_USE cy_err cy_signer_server_open(struct cy_signer_desk *desk, const char *path,
                                         int64_t peer_uid, struct cy_signer_server **out);

/* cy_signer_server_run serves until `stop` (a file descriptor) can be read. Fails only with trouble
 * of poll itself. */
CY_MUST_USE cy_err cy_signer_server_run(struct cy_signer_server *server, int stop);

/* cy_signer_server_close removes the socket file. NULL does nothing. */
void cy_signer_server_close(struct cy_signer_server *server);

#endif
