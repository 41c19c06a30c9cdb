#include "host/http/problem.h"

#include "host/json/json.h"

#include <stdio.h>
#include <stdlib.h>

#define PROBLEM_BYTES_MAX 16384
#define STATUS_MAX 599

/* What the number of an error means in the answer. */
enum number { NUMBER_NONE, NUMBER_POSITION, NUMBER_FIELD, NUMBER_LIMIT, NUMBER_SIZE };

static const char *const number_keys[] = {NULL, "position", "field_number", "limit", "size"};

/* Codes that are not 400 (a refusal), 503 (soft trouble) or 500 (hard trouble), or whose number
 * means something to the reader. */
static const struct row {
    enum cy_code code;
    unsigned status;
    enum number number;
} rows[] = {
    {CY_E_NO_ROOM,           503, NUMBER_LIMIT   },
    {CY_E_RANGE,             422, NUMBER_FIELD   },
    {CY_E_OVERFLOW,          422, NUMBER_FIELD   },
    {CY_E_BAD_TEXT,          400, NUMBER_POSITION},
    {CY_E_BAD_UTF8,          400, NUMBER_POSITION},
    {CY_E_BAD_HEX,           400, NUMBER_POSITION},
    {CY_E_BAD_BASE64,        400, NUMBER_POSITION},
    {CY_E_SHORT,             400, NUMBER_POSITION},
    {CY_E_TRAILING,          400, NUMBER_POSITION},
    {CY_E_NOT_CANONICAL,     400, NUMBER_POSITION},
    {CY_E_WRONG_TYPE,        400, NUMBER_FIELD   },
    {CY_E_UNKNOWN_FIELD,     400, NUMBER_FIELD   },
    {CY_E_MISSING_FIELD,     400, NUMBER_FIELD   },
    {CY_E_TOO_LARGE,         413, NUMBER_LIMIT   },
    {CY_E_BAD_JSON,          400, NUMBER_POSITION},
    {CY_E_BAD_SIGNATURE,     403, NUMBER_NONE    },
    {CY_E_BAD_KEY,           422, NUMBER_NONE    },
    {CY_E_BAD_MERKLE,        422, NUMBER_NONE    },
    {CY_E_BAD_STATE_PROOF,   422, NUMBER_NONE    },
    {CY_E_NO_SPACE,          507, NUMBER_NONE    },
    {CY_E_NO_FILE,           404, NUMBER_NONE    },
    {CY_E_NOT_FOUND,         404, NUMBER_NONE    },
    {CY_E_BAD_METHOD,        405, NUMBER_NONE    },
    {CY_E_BODY_TOO_LARGE,    413, NUMBER_LIMIT   },
    {CY_E_URI_TOO_LONG,      414, NUMBER_LIMIT   },
    {CY_E_HEADERS_TOO_LARGE, 431, NUMBER_LIMIT   },
    {CY_E_BAD_HOST,          421, NUMBER_NONE    },
    {CY_E_REQUEST_SLOW,      408, NUMBER_LIMIT   },
    {CY_E_NO_STATEMENT,      401, NUMBER_NONE    },
    {CY_E_STATEMENT_TIME,    401, NUMBER_NONE    },
    {CY_E_STATEMENT_REPLAY,  401, NUMBER_NONE    },
    {CY_E_STATEMENT_OTHER,   401, NUMBER_FIELD   },
    {CY_E_BAD_STATEMENT,     400, NUMBER_FIELD   },
    {CY_E_NO_ROLE,           403, NUMBER_NONE    },
    {CY_E_BODY_TYPE,         415, NUMBER_NONE    },
    {CY_E_UNKNOWN_PEER,      404, NUMBER_NONE    },
    {CY_E_BLOB_UNDECLARED,   404, NUMBER_NONE    },
    {CY_E_BLOB_ABSENT,       404, NUMBER_NONE    },
    {CY_E_BLOB_LENGTH,       409, NUMBER_SIZE    },
    {CY_E_BLOB_DIGEST,       409, NUMBER_NONE    },
    {CY_E_BLOB_ERASED,       410, NUMBER_NONE    },
    {CY_E_BLOB_FULL,         507, NUMBER_NONE    },
    {CY_E_PEER_NAME,         502, NUMBER_NONE    },
    {CY_E_PEER_CONNECT,      502, NUMBER_NONE    },
    {CY_E_PEER_TIMEOUT,      504, NUMBER_NONE    },
    {CY_E_AGENT_TOKEN,       401, NUMBER_NONE    },
    {CY_E_AGENT_FOREIGN,     403, NUMBER_NONE    },
    {CY_E_AGENT_TYPE,        415, NUMBER_NONE    },
    {CY_E_APPROVAL_GONE,     409, NUMBER_NONE    },
    {CY_E_APPROVAL_DENIED,   403, NUMBER_NONE    },
    {CY_E_PEER_TLS,          502, NUMBER_NONE    },
    {CY_E_PEER_PIN,          502, NUMBER_NONE    },
    {CY_E_PEER_LARGE,        502, NUMBER_LIMIT   },
    {CY_E_PEER_LOST,         502, NUMBER_NONE    },
    {CY_E_PEER_ANSWER,       502, NUMBER_NONE    },
    {CY_E_PEER_REFUSED,      502, NUMBER_NONE    },
};

static const struct row *row_of(enum cy_code code)
{
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

unsigned cy_problem_status(enum cy_code code)
{
    const struct row *row = row_of(code);

    if (row != NULL)
        return row->status;
    switch (cy_err_info(code)->kind) {
    case CY_ERR_none: return 200;
    case CY_ERR_refusal: return 400;
    case CY_ERR_soft: return 503;
    case CY_ERR_hard: return 500;
    }
    return 500;
}

static void copy(char *out, size_t cap, const char *text)
{
    struct cy_text to = cy_text_on(out, cap);

    if (text != NULL)
        cy_text_add(&to, text);
    while (to.full && to.n + 4 > cap && !cy_ok(cy_utf8_check(cy_text_bytes(&to))))
        out[--to.n] = 0; /* cut inside a character */
    cy_utf8_mend(out);
}

void cy_problem_of(cy_err err, const char *detail, const char *instance, struct cy_problem *out)
{
    const struct cy_err_info *info = cy_err_info(err.code);

    *out = (struct cy_problem){.err = err, .status = cy_problem_status(err.code)};
    copy(out->code, sizeof out->code, info->path);
    copy(out->name, sizeof out->name, info->name);
    copy(out->title, sizeof out->title, info->text);
    copy(out->remedy, sizeof out->remedy, info->remedy);
    copy(out->detail, sizeof out->detail, detail);
    copy(out->instance, sizeof out->instance, instance);
}

static void put(json_t *object, const char *key, const char *text)
{
    if (text[0] != 0)
        (void)json_object_set_new(object, key, json_string(text));
}

char *cy_problem_print(const struct cy_problem *problem, size_t *n)
{
    const struct row *row = row_of(problem->err.code);
    json_t *object = NULL;
    char type[64];
    char *text = NULL;

    cy_json_begin();
    object = json_object();
    (void)snprintf(type, sizeof type, "/problems/%s", problem->name);
    put(object, "type", type);
    put(object, "title", problem->title);
    (void)json_object_set_new(object, "status", json_integer((json_int_t)problem->status));
    put(object, "code", problem->code);
    put(object, "name", problem->name);
    (void)json_object_set_new(object, "number", json_integer((json_int_t)problem->err.code));
    put(object, "detail", problem->detail);
    put(object, "remedy", problem->remedy);
    put(object, "field", problem->field);
    if (row != NULL && row->number != NUMBER_NONE)
        (void)json_object_set_new(object, number_keys[row->number],
                                  json_integer((json_int_t)problem->err.detail));
    put(object, "instance", problem->instance);
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (cy_json_starved()) { /* no part of a document */
        free(text);
        text = NULL;
    }
    *n = text == NULL ? 0 : strlen(text);
    return text;
}

static enum cy_code code_named(const char *name)
{
    const struct cy_err_info *info = NULL;

    for (unsigned i = 0; (info = cy_err_at(i)) != NULL; i++) {
        if (info->code != CY_E_NONE && strcmp(info->name, name) == 0)
            return info->code;
    }
    return CY_E_UNKNOWN_CODE;
}

static void take(const json_t *object, const char *key, char *out, size_t cap)
{
    copy(out, cap, json_string_value(json_object_get(object, key)));
}

cy_err cy_problem_read(struct cy_span text, struct cy_problem *out)
{
    const struct cy_json_limits limits = {PROBLEM_BYTES_MAX, 8, true};
    const struct row *row = NULL;
    json_t *object = NULL;
    json_int_t number = 0;

    *out = (struct cy_problem){0};
    CY_TRY(cy_json_parse(text, &limits, &object, NULL));
    if (json_string_length(json_object_get(object, "title")) == 0) {
        json_decref(object);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    take(object, "code", out->code, sizeof out->code);
    take(object, "name", out->name, sizeof out->name);
    take(object, "title", out->title, sizeof out->title);
    take(object, "detail", out->detail, sizeof out->detail);
    take(object, "remedy", out->remedy, sizeof out->remedy);
    take(object, "instance", out->instance, sizeof out->instance);
    take(object, "field", out->field, sizeof out->field);
    number = json_integer_value(json_object_get(object, "status"));
    out->status = number >= 100 && number <= STATUS_MAX ? (unsigned)number : 0;
    out->err.code = code_named(out->name);
    row = row_of(out->err.code);
    if (row != NULL && row->number != NUMBER_NONE) {
        number = json_integer_value(json_object_get(object, number_keys[row->number]));
        out->err = cy_fail(out->err.code, number > 0 ? (uint64_t)number : 0);
    }
    json_decref(object);
    return CY_OK;
}
