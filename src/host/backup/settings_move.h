/* settings_move: the settings of a cell that now lies in another directory.
 *
 * `comity init` writes absolute paths. Paths below the old directory become paths below the new
 * one; in comityd.conf the ledger and the signer's socket are set to DIR/data and DIR/signer.sock,
 * wherever they were, because that is where a restore puts them; a successor gets another origin.
 * Everything else, comments too, stays as its owner wrote it.
 *
 * Owns: nothing. Never: judges settings (daemon_config.h). */
#ifndef CY_HOST_BACKUP_SETTINGS_MOVE_H
#define CY_HOST_BACKUP_SETTINGS_MOVE_H

#include "base/bytes.h"

/* cy_settings_move gives the text with its paths moved (malloc, ends in 0). daemon: it is
 * comityd.conf; origin: its new one, NULL: as it was. Fails with NO_MEMORY, BAD_TEXT (a 0 inside).
 */
CY_MUST_USE cy_err cy_settings_move(struct cy_span text, const char *from, const char *to,
                                    bool daemon, const char *origin, char **out);

#endif
