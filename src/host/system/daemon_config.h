/* daemon_config: the settings of comityd as one struct, made from daemon_config.def.
 *
 * Owns: the rules that join settings (TLS needs its files; without TLS only loopback). */
#ifndef CY_HOST_SYSTEM_DAEMON_CONFIG_H
#define CY_HOST_SYSTEM_DAEMON_CONFIG_H

#include "host/system/config.h"

struct cy_daemon_config {
#define CY_CONFIG_TEXT(field, name, value, low, high, form, doc) const char *field;
#define CY_CONFIG_NUMBER(field, name, value, low, high, doc) int64_t field;
#define CY_CONFIG_BOOL(field, name, value, doc) bool field;
#define CY_CONFIG_CHOICE(field, name, value, choices, doc) const char *field;
#define CY_CONFIG_NAMES(field, name, high, form, doc) struct cy_config_names field;
#define CY_CONFIG_LIST(field, name, high, columns, doc) struct cy_config_list field;
#include "host/system/daemon_config.def"
#undef CY_CONFIG_TEXT
#undef CY_CONFIG_NUMBER
#undef CY_CONFIG_BOOL
#undef CY_CONFIG_CHOICE
#undef CY_CONFIG_NAMES
#undef CY_CONFIG_LIST
};

/* Cells of a row of `witnesses`. */
enum { CY_WITNESS_NAME, CY_WITNESS_URL, CY_WITNESS_VKEY, CY_WITNESS_PIN, CY_WITNESS_SINCE };
/* Cells of a row of `witness_for`. */
enum { CY_WITNESS_FOR_ORIGIN, CY_WITNESS_FOR_VKEY };
/* Cells of a row of `federation.peers`. */
enum { CY_FEDERATION_PEER_SEAT, CY_FEDERATION_PEER_URL, CY_FEDERATION_PEER_PIN };

/* cy_daemon_federation says that the daemon is a member's node of a federation. */
static inline bool cy_daemon_federation(const struct cy_daemon_config *values)
{
    return values->federation_genesis[0] != 0;
}

/* cy_daemon_settings is the table; *n its length. */
const struct cy_setting *cy_daemon_settings(size_t *n);

/* cy_daemon_config_load reads the file (NULL: defaults only) and checks the rules that join
 * settings. Fails like cy_config_load. */
CY_MUST_USE cy_err cy_daemon_config_load(const char *path, struct cy_daemon_config *values,
                                         struct cy_config **out, struct cy_text *why);

/* cy_daemon_trail_path is where the audit log stands (trail.h). */
void cy_daemon_trail_path(const struct cy_daemon_config *values, char *out, size_t cap);

/* cy_daemon_config_check judges values that were changed after loading. Fails with BAD_CONFIG. */
CY_MUST_USE cy_err cy_daemon_config_check(const struct cy_daemon_config *values,
                                          const struct cy_config *config, struct cy_text *why);

#endif
