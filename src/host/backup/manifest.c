#include "host/backup/manifest.h"

#include "host/backup/pack.h"

#include <stdlib.h>

#define FORMAT 1

static json_t *hex_json(const uint8_t *at, size_t n)
{
    char text[65];

    cy_hex(at, n, text);
    return json_string(text);
}

static json_t *file_json(const struct cy_manifest_file *file)
{
    return json_pack("{s:s,s:I,s:i,s:o}", "path", file->path, "size", (json_int_t)file->size,
                     "mode", (int)file->mode, "sha256", hex_json(file->digest.b, 32));
}

char *cy_manifest_write(const struct cy_manifest *manifest, size_t *n)
{
    char time_bytes[40];
    struct cy_text time = cy_text_on(time_bytes, sizeof time_bytes);
    json_t *files = json_array();
    json_t *whole = NULL;
    char *text = NULL;

    cy_json_begin();
    cy_time_text(&time, manifest->made);
    for (size_t i = 0; i < manifest->n_files; i++)
        (void)json_array_append_new(files, file_json(&manifest->files[i]));
    whole = json_pack(
        "{s:i,s:s,s:s,s:s,s:s,s:o,s:o,s:I,s:o,s:I,s:s,s:o}", "format", FORMAT, "program",
        manifest->program, "made", time_bytes, "home", manifest->home, "origin", manifest->origin,
        "realm", hex_json(manifest->realm.b, 32), "log_key", hex_json(manifest->log_key.b, 32),
        "size", (json_int_t)manifest->size, "root", hex_json(manifest->root.b, 32), "signed_size",
        (json_int_t)manifest->signed_size, "checkpoint", manifest->checkpoint, "files", files);
    if (whole != NULL && !cy_json_starved())
        text = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    *n = text == NULL ? 0 : strlen(text);
    return text;
}

static cy_err read_file(const json_t *value, struct cy_manifest_file *out,
                        struct cy_json_fault *fault)
{
    static const char *const known[] = {"path", "size", "mode", "sha256"};
    uint64_t mode = 0;

    CY_TRY(cy_json_only(value, known, CY_COUNT(known), fault));
    CY_TRY(cy_json_get_text(value, "path", true, CY_PACK_NAME_MAX, &out->path, fault));
    CY_TRY(cy_json_get_u64(value, "size", true, CY_PACK_FILE_MAX, &out->size, fault));
    CY_TRY(cy_json_get_u64(value, "mode", true, 0777, &mode, fault));
    CY_TRY(cy_json_get_hex(value, "sha256", true, out->digest.b, 32, fault));
    out->mode = (uint32_t)mode;
    return cy_pack_path_check(out->path);
}

static cy_err read_files(const json_t *list, struct cy_manifest *out, struct cy_json_fault *fault)
{
    out->n_files = json_array_size(list);
    out->files = calloc(out->n_files + 1, sizeof *out->files);
    if (out->files == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < out->n_files; i++)
        CY_TRY(read_file(json_array_get(list, i), &out->files[i], fault));
    return CY_OK;
}

static cy_err read_head(const json_t *json, struct cy_manifest *out, struct cy_json_fault *fault)
{
    static const char *const known[] = {"format", "program",     "made",       "home",
                                        "origin", "realm",       "log_key",    "size",
                                        "root",   "signed_size", "checkpoint", "files"};
    const char *made = NULL;
    uint64_t format = 0;

    CY_TRY(cy_json_get_u64(json, "format", true, FORMAT, &format, fault));
    CY_TRY(cy_json_only(json, known, CY_COUNT(known), fault));
    CY_TRY(cy_json_get_text(json, "program", true, 64, &out->program, fault));
    CY_TRY(cy_json_get_text(json, "made", true, 40, &made, fault));
    CY_TRY(cy_time_read(cy_span_text(made), &out->made));
    CY_TRY(cy_json_get_text(json, "home", true, 1024, &out->home, fault));
    CY_TRY(cy_json_get_text(json, "origin", true, 63, &out->origin, fault));
    CY_TRY(cy_json_get_hex(json, "realm", true, out->realm.b, 32, fault));
    CY_TRY(cy_json_get_hex(json, "log_key", true, out->log_key.b, 32, fault));
    CY_TRY(cy_json_get_u64(json, "size", true, INT64_MAX, &out->size, fault));
    CY_TRY(cy_json_get_hex(json, "root", true, out->root.b, 32, fault));
    CY_TRY(cy_json_get_u64(json, "signed_size", true, INT64_MAX, &out->signed_size, fault));
    return cy_json_get_text(json, "checkpoint", true, CY_MANIFEST_NOTE_MAX, &out->checkpoint,
                            fault);
}

cy_err cy_manifest_read(struct cy_span text, struct cy_manifest *out, char why[192])
{
    const struct cy_json_limits limits = {.size_max = CY_PACK_MANIFEST_MAX, .depth_max = 4};
    struct cy_json_fault fault = {.why = ""};
    const json_t *files = NULL;
    cy_err err = CY_OK;

    *out = (struct cy_manifest){.json = NULL};
    err = cy_json_parse(text, &limits, &out->json, &fault);
    if (cy_ok(err))
        err = read_head(out->json, out, &fault);
    if (cy_ok(err))
        err = cy_json_get_array(out->json, "files", true, CY_MANIFEST_FILES_MAX, &files, &fault);
    if (cy_ok(err))
        err = read_files(files, out, &fault);
    if (cy_ok(err) && out->size == 0)
        err = cy_fail(CY_E_BACKUP_CONTENT, 0);
    memcpy(why, fault.why, sizeof fault.why);
    return cy_ok(err) || err.code == CY_E_NO_MEMORY ? err : cy_fail(CY_E_BACKUP_CONTENT, 0);
}

void cy_manifest_free(struct cy_manifest *manifest)
{
    free(manifest->files);
    json_decref(manifest->json);
    *manifest = (struct cy_manifest){.json = NULL};
}

const struct cy_manifest_file *cy_manifest_file(const struct cy_manifest *manifest,
                                                const char *path)
{
    for (size_t i = 0; i < manifest->n_files; i++) {
        if (strcmp(manifest->files[i].path, path) == 0)
            return &manifest->files[i];
    }
    return NULL;
}
