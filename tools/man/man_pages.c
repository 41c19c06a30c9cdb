/* man_pages DIR: writes the manual pages and the completions, from the tables that the programs run
 * on: the commands of `comity`, the settings of the daemon, the usage of the other programs.
 *
 *     DIR/comity.1 comityd.8 comity-signer.8 comity-audit.1 comity-sim.1 comity-model.1
 *         comity-solve.1
 *     DIR/comityd.conf.5
 *     DIR/comity.bash _comity comity.fish */
#include "apps/manuals.h"
#include "host/cli/cli.h"
#include "host/cli/cli_complete.h"
#include "host/cli/cli_model.h"
#include "host/cli/cli_send.h"
#include "host/system/daemon_config.h"

#include <errno.h>
#include <stdlib.h>

static FILE *begin(const char *dir, const char *name)
{
    char path[1024];
    FILE *out = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    out = fopen(path, "w");
    if (out == NULL) {
        (void)fprintf(stderr, "man_pages: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return out;
}

static void end(FILE *out)
{
    if (fclose(out) != 0)
        exit(1);
}

/* --- comity(1) --- */

static void options(FILE *out, const struct cy_cli_option *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        char left[128];

        (void)snprintf(left, sizeof left, "--%s%s%s", option->name,
                       option->value == NULL ? "" : " ",
                       option->value == NULL ? "" : option->value);
        cy_man_item(out, left, option->doc);
    }
}

static void command(FILE *out, const struct cy_cli_command *c)
{
    char left[160];

    (void)snprintf(left, sizeof left, "comity %s%s%s%s%s", c->noun, c->verb == NULL ? "" : " ",
                   c->verb == NULL ? "" : c->verb, c->words[0] == 0 ? "" : " ", c->words);
    cy_man_subheading(out, left);
    cy_man_text(out, c->about);
    if (c->schema != NULL) {
        (void)snprintf(left, sizeof left,
                       "The fields of the act %s are options; --help prints them.",
                       c->schema->name);
        cy_man_text(out, left);
    }
    for (size_t i = 0; i < CY_COUNT(c->options); i++) {
        if (c->options[i] == cy_cli_send_options)
            cy_man_text(out, "Takes the options of commands that send acts.");
        else
            options(out, c->options[i]);
    }
    if (cy_cli_model_examples(c->noun, c->verb) != NULL)
        cy_man_example(out, cy_cli_model_examples(c->noun, c->verb));
}

static void acts(FILE *out)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind == CY_SCHEMA_ACT)
            cy_man_item(out, schema->name, schema->doc);
    }
}

static void comity(const char *dir, const char *version)
{
    const struct cy_cli_table *table = cy_cli_commands();
    FILE *out = begin(dir, "comity.1");

    cy_man_begin(out, "comity", 1, "parties that share no sovereign cooperate", version);
    cy_man_heading(out, "SYNOPSIS");
    (void)fputs(".B comity\n.I NOUN\n[\n.I VERB\n] [\n.I \\-\\-option value ...\n]\n", out);
    cy_man_heading(out, "DESCRIPTION");
    for (const char *const *words = cy_cli_manual_words(); *words != NULL; words++) {
        if (words != cy_cli_manual_words())
            cy_man_paragraph(out);
        cy_man_text(out, *words);
    }
    cy_man_heading(out, "OPTIONS OF EVERY COMMAND");
    options(out, cy_cli_common);
    cy_man_heading(out, "OPTIONS OF COMMANDS THAT SEND ACTS");
    options(out, cy_cli_send_options);
    cy_man_heading(out, "COMMANDS");
    for (size_t i = 0; i < table->n; i++)
        command(out, &table->commands[i]);
    cy_man_heading(out, "ACTS");
    cy_man_text(out, "Each is sent with comity act NAME; its fields are options.");
    acts(out);
    cy_man_heading(out, "EXAMPLES");
    cy_man_example(out, cy_cli_manual_examples());
    cy_man_see(out, "comityd(8), comity-signer(8), comity-audit(1), comityd.conf(5)");
    end(out);
}

/* --- comityd.conf(5) --- */

static void settings(const char *dir, const char *version)
{
    static const char *const example[] = {"comityd example >comityd.conf",
                                          "comityd --config comityd.conf explain", NULL};
    size_t n = 0;
    const struct cy_setting *rows = cy_daemon_settings(&n);
    FILE *out = begin(dir, "comityd.conf.5");

    cy_man_begin(out, "comityd.conf", 5, "settings of the daemon of a cell", version);
    cy_man_heading(out, "DESCRIPTION");
    cy_man_text(out,
                "Settings in the syntax of libconfig: name = value; groups stand in braces, so "
                "listen.port is the setting port in the group listen. A setting that is not "
                "known is refused, with the nearest known name. comityd must be started again "
                "to see a change.");
    cy_man_heading(out, "SETTINGS");
    for (size_t i = 0; i < n; i++) {
        char text[1024];

        (void)snprintf(text, sizeof text, "%s %s%s%s", rows[i].doc,
                       rows[i].value == NULL   ? "It must be set."
                       : rows[i].value[0] == 0 ? "Default: none."
                                               : "Default: ",
                       rows[i].value == NULL ? "" : rows[i].value,
                       rows[i].value == NULL || rows[i].value[0] == 0 ? "" : ".");
        cy_man_item(out, rows[i].name, text);
        for (const struct cy_config_column *c = rows[i].columns; c != NULL && c->name != NULL;
             c++) {
            (void)snprintf(text, sizeof text, "%s (%s): %s", c->name,
                           c->need ? "must be set" : "may be left out", c->doc);
            cy_man_text(out, text);
        }
    }
    cy_man_heading(out, "EXAMPLES");
    cy_man_example(out, example);
    cy_man_see(out, "comityd(8), comity(1)");
    end(out);
}

static void page(const char *dir, const struct cy_manual *manual, const char *version)
{
    char name[64];
    FILE *out = NULL;

    (void)snprintf(name, sizeof name, "%s.%u", manual->name, manual->section);
    out = begin(dir, name);
    cy_manual_page(out, manual, version);
    end(out);
}

static void completion(const char *dir, const char *name, const char *shell)
{
    FILE *out = begin(dir, name);

    if (!cy_cli_completion(out, cy_cli_commands(), shell))
        exit(1);
    end(out);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("man_pages DIR\n", stderr);
        return 2;
    }
    comity(argv[1], CY_VERSION);
    settings(argv[1], CY_VERSION);
    page(argv[1], &cy_manual_comityd, CY_VERSION);
    page(argv[1], &cy_manual_signer, CY_VERSION);
    page(argv[1], &cy_manual_audit, CY_VERSION);
    page(argv[1], &cy_manual_sim, CY_VERSION);
    page(argv[1], &cy_manual_model, CY_VERSION);
    page(argv[1], &cy_manual_solve, CY_VERSION);
    completion(argv[1], "comity.bash", "bash");
    completion(argv[1], "_comity", "zsh");
    completion(argv[1], "comity.fish", "fish");
    return 0;
}
