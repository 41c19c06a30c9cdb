/* agent_guard: who may speak to the local agent.
 *
 * The agent listens on this machine's loopback address, where every page of every site that the
 * user's browser shows can send requests to. What keeps them out, each alone enough for most:
 *
 *   token    256 bits, drawn at each start. It stands after the '#' of the printed address, so that
 *            it is in no request line, no log and no Referer. Every request under /agent carries it
 *            in a header, which a page of another site cannot send without asking first (CORS), and
 *            nobody says yes. Compared in constant time.
 *   Host     exactly 127.0.0.1:PORT or localhost:PORT. A foreign name that was made to resolve to
 *            this address (DNS rebinding) is another Host.
 *   Origin   when sent, the agent's own, port included: a page of another program on this machine
 *            is foreign as well. The same for Sec-Fetch-Site.
 *   type     bodies are application/json: a form cannot send that.
 *
 * Owns: the rule. Never: reads a request; it is handed the headers. */
#ifndef CY_HOST_AGENT_AGENT_GUARD_H
#define CY_HOST_AGENT_AGENT_GUARD_H

#include "base/err.h"
#include "base/text.h"

#define CY_AGENT_TOKEN_HEADER "X-Comity-Token"
#define CY_AGENT_TOKEN_DIGITS 64u

struct cy_agent_guard {
    unsigned port;
    char token[CY_AGENT_TOKEN_DIGITS + 1]; /* hexadecimal */
};

/* The headers of one request; NULL when absent. */
struct cy_agent_asked {
    const char *host;
    const char *origin;
    const char *site;  /* Sec-Fetch-Site */
    const char *token; /* CY_AGENT_TOKEN_HEADER */
    const char *type;  /* Content-Type */
    bool body;         /* the request carries one */
};

/* cy_agent_guard_make draws a token. */
void cy_agent_guard_make(struct cy_agent_guard *guard);

/* cy_agent_guard_page judges a request for a page or for what the daemon answers to anyone: host,
 * and that no other site makes the browser ask. Fails with BAD_HOST or AGENT_FOREIGN. navigation:
 * the request opens a page in a tab (any link may). */
CY_MUST_USE cy_err cy_agent_guard_page(const struct cy_agent_guard *guard,
                                       const struct cy_agent_asked *asked, bool navigation);

/* cy_agent_guard_act judges a request under /agent. Fails also with AGENT_TOKEN, AGENT_TYPE. */
CY_MUST_USE cy_err cy_agent_guard_act(const struct cy_agent_guard *guard,
                                      const struct cy_agent_asked *asked);

#endif
