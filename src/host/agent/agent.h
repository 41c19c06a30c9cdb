/* agent: a small server on the user's own machine, between the web console and the local signer.
 *
 *      browser --GET /v1/...--> agent ------------------> daemon        reading, handed on
 *      browser --describe-----> agent --act--> signer     one sentence, and what it would change
 *      browser --sign, digest-> agent --ask--> terminal   yes or no, by a person
 *                                     --same bytes------> signer, daemon: receipt
 *
 *   GET  /agent/v1/me         who may act here, and how approval is given
 *   POST /agent/v1/describe   {"act": {...}, "as": NAME or id, "for": .., "valid_s": ..}
 *   POST /agent/v1/sign       {"digest": 64 digits of what was described}
 *
 * What is shown is what is signed: the bytes are made once, with nonce and expiry, described by the
 * signer from these bytes, kept under their SHA-256 (approvals.h), and signed as they are; a second
 * "sign" of the same digest finds nothing. Nothing is signed to learn what an act would change: the
 * daemon judges it with zeros in place of signatures. A page that runs hostile code inside the
 * console itself could still press the button; so the question is asked in the terminal as well,
 * where no page reaches, unless the user turned that off.
 *
 * Owns: the server, the threads that wait for daemon, signer and person. Never: a key, a name, the
 * directory: those are the desk's. */
#ifndef CY_HOST_AGENT_AGENT_H
#define CY_HOST_AGENT_AGENT_H

#include "host/agent/agent_guard.h"
#include "host/agent/approvals.h"
#include "host/http/http.h"

#include <jansson.h>

struct cy_agent;

#define CY_AGENT_WHY 1024u

/* What was made of a wish. */
struct cy_agent_ready {
    struct cy_span bytes; /* the act, its signatures zeros; the desk's until its next call */
    json_t *shown;        /* object for the browser; the agent adds the digest, releases it */
    char say[4096];       /* what is asked in the terminal */
};

/* Whoever has keys and names. The calls but `ask` are made one at a time, from several threads. why
 * gets a sentence about a failure. */
struct cy_agent_desk {
    void *self;
    cy_err (*me)(void *self, json_t **out, char why[static CY_AGENT_WHY]);
    cy_err (*describe)(void *self, json_t *wish, struct cy_agent_ready *out,
                       char why[static CY_AGENT_WHY]);
    /* ask shows the words to the person and waits: CY_OK, APPROVAL_DENIED, APPROVAL_BUSY. */
    cy_err (*ask)(void *self, const char *say, const struct cy_id *digest);
    /* send has exactly these bytes signed, sends the act, gives its receipt. */
    cy_err (*send)(void *self, struct cy_span bytes, json_t **receipt,
                   char why[static CY_AGENT_WHY]);
};

#define CY_AGENT_ROUTES_MAX 64u

struct cy_agent_options {
    const struct cy_agent_desk *desk;
    const char *url; /* of the daemon */
    const char *pin; /* NULL: none */
    unsigned port;   /* 0: any */
};

/* cy_agent_start listens on 127.0.0.1. Options but the desk are copied. Fails as
 * cy_http_start, and with NO_MEMORY. */
CY_MUST_USE cy_err cy_agent_start(const struct cy_agent_options *options, struct cy_agent **out);

/* cy_agent_stop waits for what is under way; the desk must by then answer `ask` at once. */
void cy_agent_stop(struct cy_agent *agent);

/* cy_agent_address writes http://127.0.0.1:PORT/#agent=TOKEN. */
void cy_agent_address(const struct cy_agent *agent, char out[static 128]);

/* cy_agent_idle_ms is the time since the last request that carried the token. */
uint64_t cy_agent_idle_ms(const struct cy_agent *agent);

#endif
