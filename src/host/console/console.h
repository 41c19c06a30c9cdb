/* console: the pages that the daemon shows to a browser: one page, its program, its style.
 *
 *   GET /                        the page
 *   GET /console, /console/...   the same page: which room it shows is the browser's matter
 *   GET /console/assets/NAME     its parts, named by their contents, kept forever
 *   GET /console/licences.txt    the licences of what is in them
 *
 * Files go out as they were compressed when built (brotli, gzip or plain, RFC 9110 12.5.3), with an
 * ETag. The page may load scripts and styles of this origin only, speak to this origin only, and
 * make no script from text (Content Security Policy 3, Trusted Types); nothing may frame it.
 *
 * Owns: these answers. Never: reads a file, knows what the page does. */
#ifndef CY_HOST_CONSOLE_CONSOLE_H
#define CY_HOST_CONSOLE_CONSOLE_H

#include "host/console/console_files.h"
#include "host/http/http.h"

/* cy_console_routes is the table of routes; they need no context. */
const struct cy_http_route *cy_console_routes(size_t *n);

/* cy_console_coding is the best coding that an Accept-Encoding header allows; NULL: no header. */
enum cy_console_coding cy_console_coding(const char *accept);

/* cy_console_answer fills reply with the file of a path, or with the page for paths of rooms. */
void cy_console_answer(const char *path, const char *accept, struct cy_reply *reply);

#endif
