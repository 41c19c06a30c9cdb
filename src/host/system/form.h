/* form: what addresses, host names, URLs, origins, verifier keys and pins look like.
 *
 * These are checks of spelling for people's input, made where it is typed in; whether a key is good
 * is judged where it is used. Never: allocates, resolves names. */
#ifndef CY_HOST_SYSTEM_FORM_H
#define CY_HOST_SYSTEM_FORM_H

#include "base/text.h"

/* cy_form_address: an IPv4 or IPv6 address without brackets. */
bool cy_form_address(const char *text);

/* cy_form_loopback: 127.0.0.0/8, ::1, or the name localhost (RFC 6761) or a name below it. */
bool cy_form_loopback(const char *text);

/* cy_form_host: a host name (RFC 1123 labels, at most 253 characters) or an address. */
bool cy_form_host(const char *text);

/* cy_form_host_port splits "host", "host:port" or "[v6]:port" into host (lower case, without
 * brackets and final dot) and port (0 when absent). False when malformed or cap is too small. */
bool cy_form_host_port(struct cy_span text, char *host, size_t cap, unsigned *port);

/* cy_form_url: https with a host, or http with a loopback host; no user, no fragment, no blanks. */
bool cy_form_url(const char *text);

/* cy_form_origin: a C2SP checkpoint origin as a schema-less URL. */
bool cy_form_origin(const char *text);

/* cy_form_vkey: NAME+hex8+base64 of at least a type byte and 32 bytes. */
bool cy_form_vkey(const char *text);

/* cy_form_pin: sha256// and the base64 of 32 bytes, as curl takes. */
bool cy_form_pin(const char *text);

/* cy_form_path: not empty, no control characters. */
bool cy_form_path(const char *text);

/* cy_form_time: RFC 3339 in UTC. */
bool cy_form_time(const char *text);

#endif
