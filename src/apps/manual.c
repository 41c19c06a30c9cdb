#include "apps/manual.h"

#define LEFT 34

/* --- for a terminal --- */

static void usage_lines(FILE *out, const struct cy_manual_line *lines)
{
    for (; lines != NULL && lines->left != NULL; lines++) {
        if (strlen(lines->left) <= LEFT)
            (void)fprintf(out, "  %-*s %s\n", LEFT, lines->left, lines->text);
        else
            (void)fprintf(out, "  %s\n  %*s %s\n", lines->left, LEFT, "", lines->text);
    }
}

void cy_manual_usage(FILE *out, const struct cy_manual *manual, const char *version)
{
    (void)fprintf(out, "%s %s: %s\n\n", manual->name, version, manual->about);
    usage_lines(out, manual->commands);
    (void)fputs("\nOptions\n", out);
    usage_lines(out, manual->options);
    (void)fputs("\nExamples\n", out);
    for (const char *const *line = manual->examples; *line != NULL; line++)
        (void)fprintf(out, "  %s\n", *line);
}

/* --- for man --- */

static void escape(FILE *out, const char *words)
{
    if (*words == '.' || *words == '\'')
        (void)fputs("\\&", out); /* else the line would be a command of man */
    for (; *words != 0; words++) {
        if (*words == '\\')
            (void)fputs("\\e", out);
        else if (*words == '-')
            (void)fputs("\\-", out);
        else if (*words == '\n')
            (void)fputc(' ', out);
        else
            (void)fputc(*words, out);
    }
}

void cy_man_begin(FILE *out, const char *name, unsigned section, const char *about,
                  const char *version)
{
    (void)fputs(".TH ", out);
    for (const char *c = name; *c != 0; c++)
        (void)fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
    (void)fprintf(out, " %u \"%s\" \"Comity %s\" \"Comity\"\n.SH NAME\n", section, CY_RELEASED,
                  version);
    escape(out, name);
    (void)fputs(" \\- ", out);
    escape(out, about);
    (void)fputc('\n', out);
}

void cy_man_heading(FILE *out, const char *title)
{
    (void)fprintf(out, ".SH %s\n", title);
}

void cy_man_subheading(FILE *out, const char *title)
{
    (void)fputs(".SS ", out);
    escape(out, title);
    (void)fputc('\n', out);
}

void cy_man_text(FILE *out, const char *words)
{
    escape(out, words);
    (void)fputc('\n', out);
}

void cy_man_paragraph(FILE *out)
{
    (void)fputs(".PP\n", out);
}

void cy_man_item(FILE *out, const char *left, const char *text)
{
    (void)fputs(".TP\n\\fB", out);
    escape(out, left);
    (void)fputs("\\fR\n", out);
    cy_man_text(out, text);
}

void cy_man_example(FILE *out, const char *const *lines)
{
    (void)fputs(".nf\n.RS 4\n", out);
    for (; *lines != NULL; lines++)
        cy_man_text(out, *lines);
    (void)fputs(".RE\n.fi\n", out);
}

void cy_man_see(FILE *out, const char *see)
{
    cy_man_heading(out, "SEE ALSO");
    cy_man_text(out, see);
}

static void items(FILE *out, const char *title, const struct cy_manual_line *lines)
{
    if (lines == NULL)
        return;
    cy_man_heading(out, title);
    for (; lines->left != NULL; lines++)
        cy_man_item(out, lines->left, lines->text);
}

void cy_manual_page(FILE *out, const struct cy_manual *manual, const char *version)
{
    cy_man_begin(out, manual->name, manual->section, manual->about, version);
    items(out, "SYNOPSIS", manual->commands);
    if (manual->words != NULL)
        cy_man_heading(out, "DESCRIPTION");
    for (const char *const *words = manual->words; words != NULL && *words != NULL; words++) {
        if (words != manual->words)
            cy_man_paragraph(out);
        cy_man_text(out, *words);
    }
    items(out, "OPTIONS", manual->options);
    items(out, "FILES AND ENVIRONMENT", manual->files);
    cy_man_heading(out, "EXAMPLES");
    cy_man_example(out, manual->examples);
    cy_man_see(out, manual->see);
}
