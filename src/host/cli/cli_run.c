#include "host/cli/cli_run.h"

#include "host/json/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define SIGNER_MS 30000u
#define JSON_MAX ((size_t)64 << 20)

const struct cy_cli_option cy_cli_common[] = {
    {"dir",     "DIR",
     "directory made by `comity init` (else $COMITY_DIR, else the working directory)"},
    {"url",     "URL",    "the daemon (else $COMITY_URL, else from the directory)"   },
    {"pin",     "PIN",    "sha256//... of the daemon's TLS key"                      },
    {"signer",  "SOCKET", "socket of comity-signer"                                  },
    {"as",      "NAME",   "the passport that acts"                                   },
    {"json",    NULL,     "print JSON; errors as problem documents"                  },
    {"dry-run", NULL,     "show what would happen; nothing is recorded"              },
    {"help",    NULL,     "explain the command"                                      },
    {NULL,      NULL,     NULL                                                       },
};

cy_time cy_cli_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (cy_time)t.tv_sec * 1000 + (cy_time)t.tv_nsec / 1000000;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    if (a != NULL && a[0] != 0)
        return a;
    return b != NULL && b[0] != 0 ? b : c;
}

cy_err cy_cli_begin(struct cy_cli *run, bool alone)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    const struct cy_cli_args *args = &run->args;
    void *memory = mmap(NULL, CY_CLI_ARENA, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        return cy_fail(CY_E_NO_MEMORY, 0);
    run->arena = cy_arena_on(memory, CY_CLI_ARENA);
    run->json = cy_cli_arg_on(args, "json");
    run->dry = cy_cli_arg_on(args, "dry-run");
    CY_TRY(cy_crypto_start());
    if (!alone)
        CY_TRY(cy_home_open(cy_cli_arg(args, "dir"), &run->home, &why));
    run->url = first_of(cy_cli_arg(args, "url"), getenv("COMITY_URL"), run->home.settings.url);
    run->pin = first_of(cy_cli_arg(args, "pin"), run->home.settings.pin, NULL);
    run->signer_path = first_of(cy_cli_arg(args, "signer"), run->home.settings.signer, NULL);
    run->as = first_of(cy_cli_arg(args, "as"), run->home.settings.as, "operator");
    return CY_OK;
}

void cy_cli_end(struct cy_cli *run)
{
    cy_client_free(run->http);
    cy_signer_close(run->signer);
    cy_home_close(&run->home);
    if (run->arena.at != NULL)
        (void)munmap(run->arena.at, CY_CLI_ARENA);
    run->arena = (struct cy_arena){0};
    run->http = NULL;
    run->signer = NULL;
}

/* --- speaking --- */

int cy_cli_exit(cy_err err)
{
    if (cy_ok(err))
        return CY_EXIT_OK;
    if (err.code == CY_E_USAGE)
        return CY_EXIT_USAGE;
    return cy_err_info(err.code)->kind == CY_ERR_refusal ? CY_EXIT_REFUSED : CY_EXIT_TROUBLE;
}

int cy_cli_problem(struct cy_cli *run, const struct cy_problem *problem)
{
    size_t n = 0;

    if (run->json) {
        char *text = cy_problem_print(problem, &n);

        (void)fprintf(run->out, "%s\n", text == NULL ? "{}" : text);
        free(text);
    } else {
        (void)fprintf(run->err, "comity: %s%s%s\n  which side: %s (%s)\n  what to do: %s\n",
                      problem->title, problem->detail[0] != 0 ? ": " : "", problem->detail,
                      problem->code, problem->name, problem->remedy);
    }
    return cy_cli_exit(problem->err);
}

int cy_cli_fail(struct cy_cli *run, cy_err err, const char *detail)
{
    struct cy_problem problem;

    run->failed = err;
    cy_problem_of(err,
                  detail != NULL     ? detail
                  : run->why[0] != 0 ? run->why
                                     : NULL,
                  NULL, &problem);
    for (size_t n = strlen(problem.detail); n > 0 && problem.detail[n - 1] == '\n'; n--)
        problem.detail[n - 1] = 0; /* a settings file's complaints are whole lines */
    return cy_cli_problem(run, &problem);
}

int cy_cli_wrong(struct cy_cli *run, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(run->why, sizeof run->why, format, list);
    va_end(list);
    return cy_cli_fail(run, cy_fail(CY_E_USAGE, 0), run->why);
}

void cy_cli_note(struct cy_cli *run, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(run->why, sizeof run->why, format, list);
    va_end(list);
}

int cy_cli_print(struct cy_cli *run, json_t *value)
{
    const int bad = value == NULL || json_dumpf(value, run->out, JSON_INDENT(2)) != 0;

    json_decref(value);
    if (bad)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    (void)fputc('\n', run->out);
    return CY_EXIT_OK;
}

/* --- the daemon --- */

cy_err cy_cli_url(struct cy_cli *run, const char *path, char out[static CY_CLI_URL_MAX])
{
    size_t n = 0;

    if (run->url == NULL || run->url[0] == 0) {
        cy_cli_note(run, "no daemon is named: give --url or --dir");
        return cy_fail(CY_E_NO_HOME, 0);
    }
    n = strlen(run->url);
    while (n > 0 && run->url[n - 1] == '/')
        n--;
    if (n + strlen(path) + 1 > CY_CLI_URL_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_CLI_URL_MAX);
    memcpy(out, run->url, n);
    memcpy(out + n, path, strlen(path) + 1);
    return CY_OK;
}

/* Leaves the other side's words for people. */
static void learn(struct cy_cli *run, const struct cy_client_answer *answer, const char *url)
{
    if (answer->problem.status != 0)
        (void)snprintf(run->why, sizeof run->why, "%s", answer->problem.detail);
    else
        (void)snprintf(run->why, sizeof run->why, "%s (%.300s)", answer->why, url);
}

cy_err cy_cli_fetch(struct cy_cli *run, const char *path, size_t most,
                    struct cy_client_answer *answer)
{
    char url[CY_CLI_URL_MAX];
    const struct cy_client_request request = {
        .url = url, .pin = run->pin, .answer_max = most, .total_ms = 60000};
    cy_err err = CY_OK;

    *answer = (struct cy_client_answer){0};
    if (run->http == NULL)
        run->http = cy_client_new();
    if (run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_cli_url(run, path, url));
    err = cy_client_do(run->http, &request, answer);
    if (!cy_ok(err))
        learn(run, answer, url);
    return err;
}

cy_err cy_cli_fetch_json(struct cy_cli *run, const char *path, json_t **out)
{
    static const struct cy_json_limits limits = {JSON_MAX, 32, true};
    struct cy_client_answer answer;
    struct cy_json_fault fault = {0};
    cy_err err = cy_cli_fetch(run, path, JSON_MAX, &answer);

    *out = NULL;
    if (cy_ok(err))
        err = cy_json_parse(cy_span_of(answer.body, answer.n), &limits, out, &fault);
    if (err.code == CY_E_BAD_JSON)
        cy_cli_note(run, "the daemon's answer: %s", fault.why);
    cy_client_answer_free(&answer);
    return err;
}

void cy_cli_escape(struct cy_text *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text != 0; text++) {
        const unsigned char c = (unsigned char)*text;
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
        const char one[4] = {plain ? *text : '%', plain ? (char)0 : digits[c >> 4],
                             plain ? (char)0 : digits[c & 15], 0};

        cy_text_add(out, one);
    }
}

cy_err cy_cli_realm(struct cy_cli *run, struct cy_id *realm)
{
    const char *text = run->home.settings.realm;
    json_t *answer = NULL;
    cy_err err = CY_OK;

    if (text != NULL && text[0] != 0 && cy_cli_arg(&run->args, "url") == NULL)
        return cy_hex_read(cy_span_text(text), realm->b, sizeof realm->b);
    CY_TRY(cy_cli_fetch_json(run, "/v1/realm", &answer));
    text = json_string_value(json_object_get(json_object_get(answer, "realm"), "id"));
    err = text == NULL ? cy_fail(CY_E_PEER_ANSWER, 0)
                       : cy_hex_read(cy_span_text(text), realm->b, sizeof realm->b);
    json_decref(answer);
    return err;
}

cy_err cy_cli_signer(struct cy_cli *run)
{
    if (run->signer != NULL)
        return CY_OK;
    if (run->signer_path == NULL) {
        cy_cli_note(run, "no signer is named: give --signer or --dir");
        return cy_fail(CY_E_NO_HOME, 0);
    }
    cy_cli_note(run,
                "comity-signer on %s; start it: comity-signer --keys %s/keys --socket %s "
                "--passphrase-file %s/passphrase",
                run->signer_path, run->home.dir, run->signer_path, run->home.dir);
    CY_TRY(cy_signer_open(run->signer_path, SIGNER_MS, &run->signer));
    run->why[0] = 0;
    return CY_OK;
}

/* --- files --- */

cy_err cy_cli_read_file(struct cy_cli *run, const char *path, size_t most, struct cy_span *out)
{
    const bool standard = strcmp(path, "-") == 0;
    FILE *opened = standard ? NULL : fopen(path, "re");
    uint8_t *room = NULL;
    size_t n = 0;
    bool bad = false;

    if (opened == NULL && !standard) {
        const int why = errno;

        cy_cli_note(run, "%s: %s", path, strerror(why));
        return cy_fail(why == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, (uint64_t)why);
    }
    room = cy_arena_take(&run->arena, most + 1);
    if (room != NULL)
        n = fread(room, 1, most + 1, standard ? stdin : opened);
    bad = ferror(standard ? stdin : opened) != 0;
    if (opened != NULL)
        (void)fclose(opened);
    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, most);
    if (bad || n > most) {
        cy_cli_note(run, bad ? "%s: cannot be read" : "%s: is too large", path);
        return bad ? cy_fail(CY_E_DISK_FAILED, (uint64_t)errno) : cy_fail(CY_E_TOO_LARGE, most);
    }
    room[n] = 0;
    cy_arena_rewind(&run->arena, (size_t)(room - run->arena.at) + ((n + 16) & ~(size_t)15));
    *out = cy_span_of(room, n);
    return CY_OK;
}

cy_err cy_cli_write_file(struct cy_cli *run, const char *path, struct cy_span bytes)
{
    const bool standard = strcmp(path, "-") == 0;
    FILE *opened = standard ? NULL : fopen(path, "we");
    bool good = false;

    if (standard || opened != NULL)
        good = fwrite(bytes.at, 1, bytes.n, standard ? run->out : opened) == bytes.n;
    if (opened != NULL && fclose(opened) != 0)
        good = false;
    if (good)
        return CY_OK;
    cy_cli_note(run, "%s: %s", path, strerror(errno));
    return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}
