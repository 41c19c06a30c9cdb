/* cli_home: the directory that `comity init` makes, as the command line uses it.
 *
 *     DIR/comityd.conf     settings of the daemon
 *     DIR/client.conf      where the daemon is, the realm, the ledger's verifier key, the signer
 *     DIR/aliases          what the holder calls passports, assets, alliances and accounts
 *     DIR/keys/            the signer's keystore;  DIR/passphrase its passphrase, mode 0600
 *     DIR/data/            the ledger
 *
 * A line of `aliases` is  kind TAB name TAB id TAB label TAB key TAB next  ("-" for none); a later
 * line about the same kind and name replaces an earlier one, so the file is only appended to and
 * two commands at once lose nothing.
 *
 * Owns: client.conf's settings and the list of aliases (malloc). Never: secrets. */
#ifndef CY_HOST_CLI_CLI_HOME_H
#define CY_HOST_CLI_CLI_HOME_H

#include "host/system/config.h"

#define CY_HOME_DIR_MAX 1024u
#define CY_HOME_CLIENT "client.conf"
#define CY_HOME_ALIASES "aliases"

struct cy_home_settings {
    const char *url;
    const char *pin;
    const char *vkey;
    const char *realm; /* 64 hexadecimal digits */
    const char *signer;
    const char *as;
};

struct cy_alias {
    char kind[16]; /* passport, asset, alliance, account */
    char name[64];
    char label[64]; /* of its key in the signer; empty: none known */
    struct cy_id id;
    struct cy_id key;  /* current public key */
    struct cy_id next; /* standby key, none = no pre-rotation */
};

struct cy_home {
    char dir[CY_HOME_DIR_MAX]; /* empty: there is none */
    struct cy_home_settings settings;
    struct cy_config *config;
    struct cy_alias *aliases;
    size_t n;
    size_t cap;
};

/* cy_home_open reads the directory; dir NULL: $COMITY_DIR, else the working directory when it holds
 * client.conf, else none (settings are empty texts). Fails with BAD_CONFIG, CONFIG_READ, BAD_TEXT
 * (aliases; detail: line), NO_MEMORY; why says where. Close it in either case. */
CY_MUST_USE cy_err cy_home_open(const char *dir, struct cy_home *home, struct cy_text *why);
void cy_home_close(struct cy_home *home);

/* cy_home_write writes client.conf (mode 0644) into a directory that has none. Fails with
 * DISK_FAILED. */
CY_MUST_USE cy_err cy_home_write(const char *dir, const struct cy_home_settings *settings);

/* cy_home_rewrite puts it in the place of one that may be there: either the old one or the new one
 * stands, whole. Fails with DISK_FAILED. */
CY_MUST_USE cy_err cy_home_rewrite(const char *dir, const struct cy_home_settings *settings);

/* cy_home_path writes DIR/NAME; false when it does not fit. */
bool cy_home_path(const struct cy_home *home, const char *name, char out[static CY_HOME_DIR_MAX]);

/* cy_alias_name_check: 1 to 63 bytes of UTF-8 without white space, '@', '/', ':' and '='. Fails
 * with BAD_TEXT. */
CY_MUST_USE cy_err cy_alias_name_check(const char *name);

/* cy_home_add remembers aliases, on disk first (one write). Fails with BAD_TEXT, DISK_FAILED,
 * NO_MEMORY. Without a directory they are kept in memory only. */
CY_MUST_USE cy_err cy_home_add(struct cy_home *home, const struct cy_alias *aliases, size_t n);

/* cy_home_alias finds by name; kind NULL: any. Names are compared exactly. NULL when unknown. */
const struct cy_alias *cy_home_alias(const struct cy_home *home, const char *kind,
                                     const char *name);

/* cy_home_alias_of finds the alias of an id, NULL when none is known. */
const struct cy_alias *cy_home_alias_of(const struct cy_home *home, const struct cy_id *id);

/* cy_alias_of fills an alias; texts that are too long are an error: BAD_TEXT. */
CY_MUST_USE cy_err cy_alias_of(const char *kind, const char *name, const struct cy_id *id,
                               struct cy_alias *out);

#endif
