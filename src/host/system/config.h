/* config: strict configuration files (libconfig syntax) driven by one table of settings.
 *
 * A setting is {name, type, default, bounds, form, doc}; names with a dot stand in a group:
 *     listen: { port = 7301; };          is the setting  listen.port
 * Whatever the table does not know is refused, and so is a wrong type, a value out of bounds or a
 * text of the wrong form. All errors are reported at once, each with file:line and what to do:
 *     /etc/comityd.cfg:4: listen.prot is not a setting; did you mean listen.port?
 *
 * The same table prints the settings with where each value came from (`config explain`) and a
 * commented example file, so that no text about a setting stands twice.
 *
 * Owns: the memory of the values it stored. Never: reads the environment; keeps secrets (they live
 * in files that settings name). */
#ifndef CY_HOST_SYSTEM_CONFIG_H
#define CY_HOST_SYSTEM_CONFIG_H

#include "base/text.h"

/* Type of a setting, and of its field in the caller's struct of values. */
enum cy_setting_type {
    CY_SETTING_BOOL,   /* bool */
    CY_SETTING_NUMBER, /* int64_t, low..high */
    CY_SETTING_TEXT,   /* const char *, low..high bytes */
    CY_SETTING_CHOICE, /* const char *, one of choices "a|b|c" */
    CY_SETTING_NAMES,  /* struct cy_config_names, at most high texts */
    CY_SETTING_LIST,   /* struct cy_config_list, at most high groups of columns */
};

/* What a text must look like. Empty texts are judged by the bounds only. */
enum cy_form {
    CY_FORM_ANY,
    CY_FORM_ORIGIN,  /* C2SP log origin: host/path, no space, no '+', no scheme */
    CY_FORM_ADDRESS, /* IPv4 or IPv6 address */
    CY_FORM_HOST,    /* host name or address, without a port */
    CY_FORM_URL,     /* https://..., or http:// on loopback */
    CY_FORM_VKEY,    /* NAME+hex8+base64 (C2SP signed-note verifier key) */
    CY_FORM_PIN,     /* sha256//base64 of a public key */
    CY_FORM_PATH,    /* a path, no control characters */
    CY_FORM_TIME,    /* RFC 3339 in UTC */
};

#define CY_CONFIG_COLUMNS 6

struct cy_config_row {
    const char *cells[CY_CONFIG_COLUMNS]; /* in order of the columns; "" when left out */
};

struct cy_config_list {
    const struct cy_config_row *at;
    size_t n;
};

struct cy_config_names {
    const char *const *at;
    size_t n;
};

struct cy_config_column {
    const char *name; /* NULL ends the columns */
    bool need;
    enum cy_form form;
    const char *example;
    const char *doc;
};

struct cy_setting {
    const char *name;
    enum cy_setting_type type;
    size_t offset;     /* of the field in the struct of values */
    const char *value; /* default as it is written, without quotes; NULL: must be set */
    int64_t low;
    int64_t high;
    enum cy_form form;
    const char *choices;
    const struct cy_config_column *columns;
    const char *doc; /* one or two sentences */
};

struct cy_config;

/* cy_config_load fills `values` from the defaults and then from the file (NULL: defaults only, and
 * settings that must be set are not asked for). Texts and lists in values live as long as *out.
 * Fails with CONFIG_READ, BAD_CONFIG (detail: first line) or NO_MEMORY; `why` gets one line per
 * error. After a failure values must not be used. */
CY_MUST_USE cy_err cy_config_load(const struct cy_setting *settings, size_t n, const char *path,
                                  void *values, struct cy_config **out, struct cy_text *why);
void cy_config_free(struct cy_config *config);

/* cy_config_set overrides one setting from text, as the command line does (not lists). `from` says
 * where it comes from and is printed by explain. Fails like load. */
CY_MUST_USE cy_err cy_config_set(struct cy_config *config, const char *name, const char *value,
                                 const char *from, struct cy_text *why);

/* cy_config_explain returns every setting with value, origin, bounds and doc, as text or as a JSON
 * array (malloc; *n bytes and a 0). NULL without memory. */
char *cy_config_explain(const struct cy_config *config, bool json, size_t *n);

/* cy_config_from says where a setting's value came from: "default", "FILE:LINE", "--set". NULL when
 * there is no such setting. */
const char *cy_config_from(const struct cy_config *config, const char *name);

/* cy_config_example returns a commented file that sets everything to its default (malloc). */
char *cy_config_example(const struct cy_setting *settings, size_t n, const char *title,
                        size_t *bytes);

#endif
