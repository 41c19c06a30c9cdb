/* manual: how a program is called, said once: its help on the screen and its manual page.
 *
 * A manual is a table of lines: what stands on the left (a command line, an option, a file) and
 * what it means. cy_manual_usage prints it for a terminal, cy_manual_page as a page in man(7), and
 * the cy_man_ functions serve pages that come from other tables (the commands of comity, the
 * settings).
 *
 * Owns: nothing. */
#ifndef CY_APPS_MANUAL_H
#define CY_APPS_MANUAL_H

#include "base/text.h"

#include <stdio.h>

struct cy_manual_line {
    const char *left; /* NULL ends a table */
    const char *text;
};

struct cy_manual {
    const char *name;
    unsigned section;                      /* of the manual: 1, 5, 8 */
    const char *about;                     /* after the name, one line */
    const struct cy_manual_line *commands; /* how it is called */
    const struct cy_manual_line *options;
    const struct cy_manual_line *files; /* and environment; only on the page; may be NULL */
    const char *const *words;           /* paragraphs of the page, NULL ends; may be NULL */
    const char *const *examples;        /* command lines, NULL ends */
    const char *see;                    /* other pages: "comity(1), comityd(8)" */
};

/* cy_manual_usage prints the help of a program. */
void cy_manual_usage(FILE *out, const struct cy_manual *manual, const char *version);

/* cy_manual_page prints the page. */
void cy_manual_page(FILE *out, const struct cy_manual *manual, const char *version);

/* --- parts of a page --- */

void cy_man_begin(FILE *out, const char *name, unsigned section, const char *about,
                  const char *version);
void cy_man_heading(FILE *out, const char *title);
void cy_man_subheading(FILE *out, const char *title);

/* cy_man_text prints words on a line of their own, with what man would take for commands escaped.
 */
void cy_man_text(FILE *out, const char *words);
void cy_man_paragraph(FILE *out);

/* cy_man_item prints a left side in bold, and its meaning indented. */
void cy_man_item(FILE *out, const char *left, const char *text);
void cy_man_example(FILE *out, const char *const *lines);
void cy_man_see(FILE *out, const char *see);

#endif
