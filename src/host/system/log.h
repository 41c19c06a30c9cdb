/* log: what happened, one line each, for people on standard error and as JSON lines in a file.
 *
 * A line is a level, the part of the program, a fixed sentence and named values:
 *     CY_LOG(CY_LOG_INFO, "http", cy_log_say("listening"), cy_log_text("address", a),
 *            cy_log_number("port", 7301));
 * The sentence never holds values, so that lines can be counted by it.
 *
 * Secrets: the value of a key whose name contains secret, private, passphrase, password, seed,
 * token, authorization or cookie is written as "[hidden]", and so is a text that holds a PEM
 * private key. Control characters are never written raw.
 *
 * Owns: the one writer of the process (any thread may log). Never: fails its caller; lines that
 * cannot be written are counted. */
#ifndef CY_HOST_SYSTEM_LOG_H
#define CY_HOST_SYSTEM_LOG_H

#include "base/bytes.h"

enum cy_log_level { CY_LOG_ERROR, CY_LOG_WARN, CY_LOG_INFO, CY_LOG_DEBUG };

enum cy_log_kind { CY_LOG_END, CY_LOG_SAY, CY_LOG_TEXT, CY_LOG_NUMBER, CY_LOG_CODE, CY_LOG_HEX };

struct cy_log_field {
    enum cy_log_kind kind;
    const char *key;
    const void *at; /* text or bytes */
    size_t n;
    int64_t number;
    cy_err err;
};

static inline struct cy_log_field cy_log_say(const char *sentence)
{
    return (struct cy_log_field){.kind = CY_LOG_SAY, .at = sentence};
}

static inline struct cy_log_field cy_log_text(const char *key, const char *text)
{
    return (struct cy_log_field){.kind = CY_LOG_TEXT, .key = key, .at = text == NULL ? "" : text};
}

static inline struct cy_log_field cy_log_number(const char *key, int64_t number)
{
    return (struct cy_log_field){.kind = CY_LOG_NUMBER, .key = key, .number = number};
}

/* cy_log_hex writes public bytes: ids, digests, keys others may see. */
static inline struct cy_log_field cy_log_hex(const char *key, const void *at, size_t n)
{
    return (struct cy_log_field){.kind = CY_LOG_HEX, .key = key, .at = at, .n = n};
}

/* cy_log_code writes an error's path, name, sentence, remedy and number. */
static inline struct cy_log_field cy_log_code(cy_err err)
{
    return (struct cy_log_field){.kind = CY_LOG_CODE, .err = err};
}

/* CY_LOG(level, part, sentence, value...) */
#define CY_LOG(level, part, ...)                                                                   \
    cy_log_write((level), (part), (const struct cy_log_field[]){__VA_ARGS__, {.kind = CY_LOG_END}})

struct cy_log_options {
    enum cy_log_level level; /* lines above it are dropped */
    const char *json_path;   /* file that lines are appended to (mode 0640), NULL = none */
    bool people;             /* human lines on standard error */
};

/* cy_log_open replaces the writer's settings; before the first call warnings and errors go to
 * standard error. Call again to reopen after rotation. Fails with LOG_OPEN (detail: errno), and
 * then nothing has changed. */
CY_MUST_USE cy_err cy_log_open(const struct cy_log_options *options);

/* cy_log_level_set changes what is logged from now on. */
void cy_log_level_set(enum cy_log_level level);

/* cy_log_close closes the file and returns to the settings before the first open. */
void cy_log_close(void);

/* cy_log_write writes one line; fields end with CY_LOG_END, the first is the sentence. */
void cy_log_write(enum cy_log_level level, const char *part, const struct cy_log_field *fields);

/* cy_log_level_read reads error, warn, info or debug. Fails with BAD_TEXT. */
CY_MUST_USE cy_err cy_log_level_read(const char *name, enum cy_log_level *out);

/* cy_log_lost counts lines that could not be written since the start. */
uint64_t cy_log_lost(void);

#endif
