#include "host/cli/cli_complete.h"

#include "host/cli/cli_help.h"
#include "host/cli/cli_send.h"

/* --- what can be said: one walk for all shells --- */

/* A word that may stand somewhere. */
struct word {
    const struct cy_cli_command *of; /* the command, or one of the noun; NULL: of all */
    const char *text;
    const char *value; /* NULL: a switch, or no option */
    const char *about; /* may be NULL */
};

typedef void each_word(FILE *out, const struct word *word);

/* A field as an option: '_' is written '-'. */
static void as_option(const char *name, char out[static 64])
{
    (void)snprintf(out, 64, "%s", name);
    for (char *c = out; *c != 0; c++)
        *c = *c == '_' ? '-' : *c;
}

static bool first_of_noun(const struct cy_cli_table *table, size_t i)
{
    return i == 0 || strcmp(table->commands[i].noun, table->commands[i - 1].noun) != 0;
}

static void nouns(FILE *out, const struct cy_cli_table *table, each_word *each)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct cy_cli_command *c = &table->commands[i];

        if (first_of_noun(table, i))
            each(out, &(struct word){c, c->noun, NULL, c->verb == NULL ? c->about : NULL});
    }
}

static bool is_act(const struct cy_schema *schema, const char *prefix)
{
    return prefix != NULL && schema->kind == CY_SCHEMA_ACT &&
           strncmp(schema->name, prefix, strlen(prefix)) == 0;
}

static void verbs(FILE *out, const struct cy_cli_table *table, const struct cy_cli_command *of,
                  each_word *each)
{
    const char *prefix = cy_cli_act_prefix(of->noun);
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; i < table->n; i++) {
        const struct cy_cli_command *c = &table->commands[i];

        if (strcmp(c->noun, of->noun) == 0 && c->verb != NULL)
            each(out, &(struct word){of, c->verb, NULL, c->about});
    }
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (is_act(schema, prefix))
            each(out, &(struct word){of, schema->name + strlen(prefix), NULL, schema->doc});
    }
}

static void option_words(FILE *out, const struct cy_cli_command *of,
                         const struct cy_cli_option *options, each_word *each)
{
    for (; options != NULL && options->name != NULL; options++)
        each(out, &(struct word){of, options->name, options->value, options->doc});
}

static void fields(FILE *out, const struct cy_cli_command *of, each_word *each)
{
    for (size_t i = 0; of->schema != NULL && i < of->schema->n_fields; i++) {
        const struct cy_field *f = &of->schema->fields[i];
        char name[64];

        as_option(f->name, name);
        each(out, &(struct word){of, name, f->type == CY_T_bool ? NULL : "VALUE", f->doc});
    }
}

static void command_options(FILE *out, const struct cy_cli_command *c, each_word *each)
{
    fields(out, c, each);
    for (size_t i = 0; i < CY_COUNT(c->options); i++)
        option_words(out, c, c->options[i], each);
}

/* Called for each command and each act that is one; nouns alone come last, because bash and zsh
 * take the first line that fits. */
typedef void each_command(FILE *out, const struct cy_cli_command *command);

static void all_commands(FILE *out, const struct cy_cli_table *table, each_command *each)
{
    const char *noun = NULL;
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; i < table->n; i++) {
        if (table->commands[i].verb != NULL)
            each(out, &table->commands[i]);
    }
    for (size_t k = 0; (noun = cy_cli_act_noun(k)) != NULL; k++) {
        const char *prefix = cy_cli_act_prefix(noun);

        for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
            if (is_act(schema, prefix))
                each(out, &(struct cy_cli_command){
                              .noun = noun,
                              .verb = schema->name + strlen(prefix),
                              .options = {cy_cli_send_options, NULL},
                              .schema = schema
                });
        }
    }
    for (size_t i = 0; i < table->n; i++) {
        if (table->commands[i].verb == NULL)
            each(out, &table->commands[i]);
    }
}

/* --- bash: words --- */

static void bash_word(FILE *out, const struct word *word)
{
    (void)fprintf(out, " %s", word->text);
}

static void bash_option(FILE *out, const struct word *word)
{
    (void)fprintf(out, " --%s", word->text);
}

static void bash_command(FILE *out, const struct cy_cli_command *c)
{
    (void)fprintf(out, "    '%s%s%s'%s) words=\"$words", c->noun, c->verb == NULL ? "" : " ",
                  c->verb == NULL ? "" : c->verb, c->verb == NULL ? "' '*" : "");
    command_options(out, c, bash_option);
    (void)fputs("\";;\n", out);
}

static void bash(FILE *out, const struct cy_cli_table *table)
{
    (void)fputs("# bash completion of comity: source it, or put it into\n"
                "# ~/.local/share/bash-completion/completions/comity\n"
                "_comity() {\n  local word=${COMP_WORDS[COMP_CWORD]} words=''\n"
                "  case \"$COMP_CWORD\" in\n  1) words='",
                out);
    nouns(out, table, bash_word);
    (void)fputs("';;\n  2) case \"${COMP_WORDS[1]}\" in\n", out);
    for (size_t i = 0; i < table->n; i++) {
        if (!first_of_noun(table, i))
            continue;
        (void)fprintf(out, "    %s) words='", table->commands[i].noun);
        verbs(out, table, &table->commands[i], bash_word);
        (void)fputs("';;\n", out);
    }
    (void)fputs("    esac;;\n  esac\n  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", out);
    all_commands(out, table, bash_command);
    (void)fputs("  esac\n  words=\"$words", out);
    option_words(out, NULL, cy_cli_common, bash_option);
    (void)fputs("\"\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                "  [ -n \"${COMPREPLY[*]}\" ] || COMPREPLY=($(compgen -f -- \"$word\"))\n}\n"
                "complete -F _comity comity\n",
                out);
}

/* --- zsh: words with sentences, for _describe --- */

/* A sentence inside single quotes; zsh also takes ':' for the end of the word. */
static void quoted(FILE *out, const char *text, const char *escaped)
{
    for (; text != NULL && *text != 0; text++) {
        if (*text == '\'')
            (void)fputs(escaped, out);
        else
            (void)fputc(*text, out);
    }
}

static void zsh_item(FILE *out, const char *dashes, const char *word, const char *about)
{
    (void)fprintf(out, " '%s%s:", dashes, word);
    quoted(out, about, "'\\''");
    (void)fputc('\'', out);
}

static void zsh_word(FILE *out, const struct word *word)
{
    zsh_item(out, "", word->text, word->about);
}

static void zsh_option(FILE *out, const struct word *word)
{
    zsh_item(out, "--", word->text, word->about);
}

static void zsh_command(FILE *out, const struct cy_cli_command *c)
{
    (void)fprintf(out, "    ('%s%s%s'%s) more=(", c->noun, c->verb == NULL ? "" : " ",
                  c->verb == NULL ? "" : c->verb, c->verb == NULL ? "' '*" : "");
    command_options(out, c, zsh_option);
    (void)fputs(") ;;\n", out);
}

static void zsh(FILE *out, const struct cy_cli_table *table)
{
    (void)fputs(
        "#compdef comity\n# zsh completion of comity: a file _comity in a directory of $fpath\n"
        "_comity() {\n  local -a names more common\n  common=(",
        out);
    option_words(out, NULL, cy_cli_common, zsh_option);
    (void)fputs(")\n  if (( CURRENT == 2 )); then\n    names=(", out);
    nouns(out, table, zsh_word);
    (void)fputs(")\n    _describe -t commands command names\n    return\n  fi\n"
                "  if (( CURRENT == 3 )); then\n    case \"$words[2]\" in\n",
                out);
    for (size_t i = 0; i < table->n; i++) {
        if (!first_of_noun(table, i))
            continue;
        (void)fprintf(out, "    (%s) names=(", table->commands[i].noun);
        verbs(out, table, &table->commands[i], zsh_word);
        (void)fputs(") ;;\n", out);
    }
    (void)fputs("    esac\n    (( $#names )) && _describe -t commands command names\n  fi\n"
                "  case \"$words[2] $words[3]\" in\n",
                out);
    all_commands(out, table, zsh_command);
    (void)fputs("  esac\n  _describe -o -t options option more -- common || _files\n}\n"
                "if [ \"$funcstack[1]\" = _comity ]; then _comity \"$@\"; else compdef _comity "
                "comity; fi\n",
                out);
}

/* --- fish: one line for each word --- */

static void fish_about(FILE *out, const char *about)
{
    (void)fputs(" -d '", out);
    quoted(out, about, "\\'");
    (void)fputs("'\n", out);
}

static void fish_noun(FILE *out, const struct word *word)
{
    (void)fprintf(out, "complete -c comity -f -n __fish_use_subcommand -a %s", word->text);
    fish_about(out, word->about);
}

static void fish_verb(FILE *out, const struct word *word)
{
    (void)fprintf(out, "complete -c comity -f -n '__comity_noun %s' -a %s", word->of->noun,
                  word->text);
    fish_about(out, word->about);
}

static void fish_option(FILE *out, const struct word *word)
{
    const char *value = word->value == NULL ? "" : " -r";
    const struct cy_cli_command *of = word->of;

    if (of == NULL)
        (void)fprintf(out, "complete -c comity -l %s%s", word->text, value);
    else
        (void)fprintf(out, "complete -c comity -n '__comity_at %s%s%s' -l %s%s", of->noun,
                      of->verb == NULL ? "" : " ", of->verb == NULL ? "" : of->verb, word->text,
                      value);
    fish_about(out, word->about);
}

static void fish_command(FILE *out, const struct cy_cli_command *c)
{
    command_options(out, c, fish_option);
}

static void fish(FILE *out, const struct cy_cli_table *table)
{
    (void)fputs("# fish completion of comity: ~/.config/fish/completions/comity.fish\n"
                "function __comity_noun\n    set -l said (commandline -opc)\n"
                "    test (count $said) -eq 2; and test $said[2] = $argv[1]\nend\n"
                "function __comity_at\n    set -l said (commandline -opc)\n"
                "    test (count $said) -gt (count $argv); or return 1\n"
                "    test $said[2] = $argv[1]; or return 1\n"
                "    set -q argv[2]; or return 0\n    test $said[3] = $argv[2]\nend\n",
                out);
    nouns(out, table, fish_noun);
    for (size_t i = 0; i < table->n; i++) {
        if (first_of_noun(table, i))
            verbs(out, table, &table->commands[i], fish_verb);
    }
    all_commands(out, table, fish_command);
    option_words(out, NULL, cy_cli_common, fish_option);
}

bool cy_cli_completion(FILE *out, const struct cy_cli_table *table, const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(FILE *out, const struct cy_cli_table *table);
    } shells[] = {
        {"bash", bash},
        {"zsh",  zsh },
        {"fish", fish}
    };

    for (size_t i = 0; i < CY_COUNT(shells); i++) {
        if (strcmp(shells[i].name, shell) != 0)
            continue;
        shells[i].print(out, table);
        return true;
    }
    return false;
}
