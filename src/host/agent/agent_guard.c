#include "host/agent/agent_guard.h"

#include "crypto/secret.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void cy_agent_guard_make(struct cy_agent_guard *guard)
{
    uint8_t bytes[CY_AGENT_TOKEN_DIGITS / 2];

    cy_random(bytes, sizeof bytes);
    cy_hex(bytes, sizeof bytes, guard->token);
    cy_wipe(bytes, sizeof bytes);
}

static bool own_host(const struct cy_agent_guard *guard, const char *host)
{
    char own[32];

    if (host == NULL)
        return false;
    (void)snprintf(own, sizeof own, "127.0.0.1:%u", guard->port);
    if (strcmp(host, own) == 0)
        return true;
    (void)snprintf(own, sizeof own, "localhost:%u", guard->port);
    return strcasecmp(host, own) == 0;
}

static bool own_origin(const struct cy_agent_asked *asked)
{
    static const char scheme[] = "http://";

    return strncasecmp(asked->origin, scheme, sizeof scheme - 1) == 0 &&
           strcasecmp(asked->origin + sizeof scheme - 1, asked->host) == 0;
}

cy_err cy_agent_guard_page(const struct cy_agent_guard *guard, const struct cy_agent_asked *asked,
                           bool navigation)
{
    if (!own_host(guard, asked->host))
        return cy_fail(CY_E_BAD_HOST, 0);
    if (asked->origin != NULL && !own_origin(asked))
        return cy_fail(CY_E_AGENT_FOREIGN, 0);
    /* "none": the user typed the address, opened a bookmark or a file */
    if (asked->site != NULL && !navigation && strcmp(asked->site, "same-origin") != 0 &&
        strcmp(asked->site, "none") != 0)
        return cy_fail(CY_E_AGENT_FOREIGN, 0);
    return CY_OK;
}

static bool token_holds(const struct cy_agent_guard *guard, const char *token)
{
    return token != NULL && strlen(token) == CY_AGENT_TOKEN_DIGITS &&
           cy_same((const uint8_t *)token, (const uint8_t *)guard->token, CY_AGENT_TOKEN_DIGITS);
}

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    const size_t n = sizeof json - 1;

    return type != NULL && strncasecmp(type, json, n) == 0 &&
           (type[n] == 0 || strcasecmp(type + n, "; charset=utf-8") == 0 ||
            strcasecmp(type + n, ";charset=utf-8") == 0);
}

cy_err cy_agent_guard_act(const struct cy_agent_guard *guard, const struct cy_agent_asked *asked)
{
    CY_TRY(cy_agent_guard_page(guard, asked, false));
    if (asked->site != NULL && strcmp(asked->site, "same-origin") != 0)
        return cy_fail(CY_E_AGENT_FOREIGN, 0);
    if (!token_holds(guard, asked->token))
        return cy_fail(CY_E_AGENT_TOKEN, 0);
    if (asked->body && !is_json(asked->type))
        return cy_fail(CY_E_AGENT_TYPE, 0);
    return CY_OK;
}
